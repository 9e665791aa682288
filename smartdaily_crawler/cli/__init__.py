"""Shared parts of commands: base class, output, text differences.

May import ``pipelines``.
"""
