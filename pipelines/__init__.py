"""Item pipelines, from an item to its rows: one pipeline a module, one verb each.

Pipelines import ``run`` and not each other.
"""
