"""Markup of a page: decoding, parsing, lines and regions, repeated records.

May import ``parsing``; independent of Scrapy, of the clock and of ``items``.
"""
