"""A site's selectors, derived from sample pages.

May import ``pages`` and what is below it.
"""
