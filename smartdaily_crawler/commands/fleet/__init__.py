"""Commands of ``scrapy`` for many sites: their list, the workers that crawl them, and how both do.

May import all rooms; no room imports it.
"""
