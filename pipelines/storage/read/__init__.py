"""Queries: the frontier, runs, revisions, the change feed.

May import ``schema`` and what is below.
"""
