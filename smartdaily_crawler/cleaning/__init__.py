"""Normalize texts and URLs: pure functions with doctests.

Imports no other room.
"""
