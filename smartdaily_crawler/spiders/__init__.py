"""Spiders: a name and the profile of a site each.

May import ``crawl`` and ``sites``.
"""
