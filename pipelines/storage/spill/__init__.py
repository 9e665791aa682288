"""Items that cannot be stored now: the spool on disk, and the dead letters.

May import ``schema`` and the rooms below it.
"""
