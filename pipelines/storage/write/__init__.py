"""One batch of items in one transaction; redelivery of what had spilled.

May import every room of storage.
"""
