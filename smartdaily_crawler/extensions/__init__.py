"""Progress, summary and monitoring of a run, for its operator.

May import ``crawl`` and the rooms below it; nothing of storage.
"""
