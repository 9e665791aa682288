"""Queries: the frontier, runs, revisions, the change feed.

May import ``schema`` and the rooms below it, and the crawler's ``crawl.frontier``.
"""
