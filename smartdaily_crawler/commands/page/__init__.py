"""Commands of ``scrapy`` that look at single pages, and store nothing.

May import all rooms; no room imports it.
"""
