"""One batch of items in one transaction; redelivery of spooled items and dead letters.

May import every room of storage.
"""
