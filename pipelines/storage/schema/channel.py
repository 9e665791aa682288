"""The channel on which the database notifies consumers of changes."""

from __future__ import annotations

CHANNEL = "smartdaily_change"
"""Without a payload: a consumer reads the feed from its cursor."""
