"""The verbs of ``scrapy``: a module each.

May import all rooms; nothing imports it.
"""
