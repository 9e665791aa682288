"""A PostgreSQL server of the project's own: its first user starts it, its last one stops it. Knows no news.

May import ``db``.
"""
