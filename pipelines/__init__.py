"""Item pipelines, from an item to its rows: one pipeline a module, one verb each.

Pipelines import ``run``, ``storage``, the crawler's ``parsing.dates`` and, for pictures, its ``network.failures``, and not each other.
"""
