"""Times in the headers of responses."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(value: str | None) -> datetime | None:
    """Return the time in a header, timezone-aware; ``None`` if it is missing, or no time.

    >>> http_date("Fri, 06 Mar 2026 00:00:00 GMT"), http_date("Fri, 06 Mar 99999 00:00:00 GMT"), http_date("+" * 9)
    (datetime.datetime(2026, 3, 6, 0, 0, tzinfo=datetime.timezone.utc), None, None)
    """
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError, TypeError, IndexError):  # whatever the standard library makes of nonsense
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds from *now* that a ``Retry-After`` header gives, at least 0; ``None`` if missing or malformed.

    >>> now = datetime(2026, 3, 6, tzinfo=UTC)
    >>> retry_after("120", now), retry_after("Fri, 06 Mar 2026 00:01:00 GMT", now), retry_after("soon", now)
    (120.0, 60.0, None)
    >>> retry_after("-5", now), retry_after("Thu, 05 Mar 2026 00:00:00 GMT", now), retry_after(None, now)
    (None, 0.0, None)
    >>> retry_after("Fri, 06 Mar 99999 00:00:00 GMT", now), retry_after("9" * 400, now)
    (None, inf)
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    at = http_date(value)
    return None if at is None else max((at - now).total_seconds(), 0.0)
