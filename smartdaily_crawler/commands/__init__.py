"""Commands of ``scrapy``, one per module.

May import all rooms; no room imports it.
"""
