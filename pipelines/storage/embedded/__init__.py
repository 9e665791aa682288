"""A PostgreSQL server of the project's own: its first user starts it, its last one stops it.

Contains nothing about news. May import ``db``.
"""
