"""Files of what is stored: tables as Parquet, CSV and JSON lines, the graph of teasers, feeds for news readers.

May import ``storage.read``; holds no SQL.
"""
