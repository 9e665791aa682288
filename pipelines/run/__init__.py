"""Services of one run: its context, request ledger, revisits and verdict.

May import ``storage`` and ``polling``, and the crawler's ``crawl.frontier``, ``crawl.protocol``, ``politeness``, ``per_crawler`` and ``cleaning``; holds no SQL.
"""
