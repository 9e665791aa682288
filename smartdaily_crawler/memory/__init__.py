"""What a run remembers of the URLs that it has met, and the requests that wait, in little memory however large the site is.

Imports no other room.
"""
