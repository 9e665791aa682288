"""Services of one run: its context, request ledger, revisits and verdict.

May import ``storage``; holds no SQL.
"""
