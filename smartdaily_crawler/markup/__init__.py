"""Markup of a page: decoding, parsing, lines and regions, repeated records.

Imports no other room; independent of Scrapy, of the clock and of ``items``.
"""
