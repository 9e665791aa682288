"""Feeds and sitemaps as lists of articles: where a site announces them, and what RSS, Atom, JSON Feed and sitemaps tell.

Bytes become readings; nothing is requested here. May import ``pages.reading``, ``markup``, ``parsing`` and ``cleaning``.
"""
