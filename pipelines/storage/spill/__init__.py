"""Items that cannot be stored now: the spool on disk, and the dead letters.

May import ``schema`` and what is below.
"""
