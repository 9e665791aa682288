"""All SQL. Rooms from the bottom: ``db``, ``embedded``, ``schema``, ``text``, ``spill``, ``read``, ``write``.

Works on items, not on requests: imports nothing of Scrapy.
"""
