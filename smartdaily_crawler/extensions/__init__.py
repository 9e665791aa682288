"""What an operator sees of a run: progress and summary.

May import ``crawl`` and what is below; nothing of storage.
"""
