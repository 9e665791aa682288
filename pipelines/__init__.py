"""Item pipelines, from an item to its rows: one pipeline a module, one verb each.

Pipelines import ``run``, ``storage`` and the crawler's ``parsing.dates``, and not each other.
"""
