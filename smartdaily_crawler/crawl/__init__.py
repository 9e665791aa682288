"""The walk: home page, list pages, articles, teasers; its arguments, paging and frontier protocol.

May import ``rendering``, ``loaders``, ``sites`` and what is below; nothing of storage.
"""
