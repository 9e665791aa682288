"""A page's markup: decoding, the document, its layout, repeated records.

Imports no room above; knows no engine, no clock, no items.
"""
