"""Data of one site: its profile, and the rule which URLs belong to it.

May import ``markup`` and ``cleaning``. Independent of Scrapy.
"""
