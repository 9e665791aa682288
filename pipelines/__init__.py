"""An item becomes rows: one pipeline a module, one verb each.

The pipelines import ``run`` and not each other.
"""
