"""Texts and URLs in one form: pure functions with doctests.

Imports nothing of ours.
"""
