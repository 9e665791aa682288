"""Middlewares of every request and response: offsite rule, robots.txt, throttling, redirects, rendering.

May import ``crawl`` and the rooms below it; nothing of storage.
"""
