"""Times as operators read them."""

from __future__ import annotations

from datetime import datetime, tzinfo


def printed(time: datetime, zone: tzinfo) -> str:
    """Return *time* in ISO 8601 with the offset of *zone*, to the second."""
    return time.astimezone(zone).isoformat(timespec="seconds")
