"""What a text is: dates, info lines, labels and their words.

Imports ``cleaning`` only; knows no markup.
"""
