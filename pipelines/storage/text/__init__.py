"""What follows from a text: exact and near duplicates, the search index, the queue that brings texts there.

May import ``schema`` and what is below.
"""
