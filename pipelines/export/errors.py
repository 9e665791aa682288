"""Errors of exports, each with a one-line message."""

from __future__ import annotations


class RefusedError(ValueError):
    """What was asked for cannot be done; nothing was written."""


class WriteError(Exception):
    """Writing failed; the message names where."""
