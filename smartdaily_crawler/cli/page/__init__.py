"""Shared parts of commands that look at single pages: request, read, show, and record them.

May import ``cli``, ``crawl`` and the rooms below it.
"""
