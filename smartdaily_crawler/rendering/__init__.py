"""Pages in a browser: which need one, and how Splash and Chromium return them.

The only room that knows scrapy-splash and scrapy-playwright. May import ``pages`` and what is below, ``politeness`` and ``items``.
"""
