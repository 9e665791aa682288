"""Shared parts of commands: base class, output, text differences.

May import ``pipelines``, ``own_settings``, ``crawl`` and the rooms below it.
"""
