"""Render pages in a browser: which pages need it, and how Splash and Chromium do it.

The only room that imports scrapy-splash and scrapy-playwright. May import ``pages`` and the rooms below it, ``politeness`` and ``items``.
"""
