"""Texts of Chinese news pages: printed dates, info lines, and the vocabulary of both.

Imports ``cleaning`` only. Takes strings, no markup.
"""
