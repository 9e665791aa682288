"""The services of one run: its context, the ledger of its requests, what is due again, its verdict.

May import ``storage``; holds no SQL.
"""
