"""Queries of the pages of ``scrapy web``, one file per subject; each reads a bounded number of rows of schema ``api``.

May import ``read`` and the rooms below it.
"""
