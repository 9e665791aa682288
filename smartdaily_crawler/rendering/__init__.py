"""Render pages in a browser: which pages need it, and how Splash and Chromium do it.

The only room that imports scrapy-splash and scrapy-playwright. May import ``politeness``, ``sites``, ``pages`` and
the rooms below it.
"""
