"""Keep a run and its renderers out of private networks, read robots.txt, and refuse bodies that are not whole.

May import ``reasons``, ``request_meta``, ``stat_names``, ``cleaning`` and ``per_crawler``.
"""
