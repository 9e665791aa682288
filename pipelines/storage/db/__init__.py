"""Connections to PostgreSQL: engines, locks, retries, timeouts, one-line errors.

Imports no other room.
"""
