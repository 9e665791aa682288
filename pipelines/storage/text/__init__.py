"""Data derived from texts: exact and near duplicates, the search index, and the queue of texts to process.

May import ``schema`` and the rooms below it.
"""
