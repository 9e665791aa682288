"""Middlewares of every request and response: offsite rule, robots.txt, throttling, redirects, rendering.

May import ``crawl``, ``rendering`` and the rooms below them; nothing of storage.
"""
