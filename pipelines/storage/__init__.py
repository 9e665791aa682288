"""The only SQL. Rooms from the bottom: ``db``, ``embedded``, ``schema``, ``text`` and ``spill``, ``read``, ``write``.

Knows items, not requests: imports nothing of Scrapy.
"""
