"""What every request and response passes: the site's own addresses, robots.txt, throttling, redirects, rendering.

May import ``crawl`` and what is below; nothing of storage.
"""
