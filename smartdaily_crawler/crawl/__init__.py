"""The walk: home page, list pages, articles, teasers; its arguments, paging and frontier protocol.

May import ``rendering``, ``loaders``, ``politeness``, ``sites`` and the rooms below them; nothing of storage.
"""
