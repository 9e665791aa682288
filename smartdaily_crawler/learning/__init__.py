"""Derive the selectors of a site from sample pages.

May import ``pages`` and the rooms that it may import. Independent of ``items``.
"""
