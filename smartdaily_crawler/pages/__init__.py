"""What a page holds: articles, lists, navigation and pagers become raw strings with their provenance.

May import ``markup``, ``parsing`` and ``cleaning``; no network, no clock, no state, no items.
"""
