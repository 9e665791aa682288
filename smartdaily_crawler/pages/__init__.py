"""Extract articles, lists, navigation and pagers: raw strings with their provenance.

May import ``markup``, ``parsing`` and ``cleaning``. Independent of network, clock, state and ``items``.
"""
