"""Resolve printed dates against the clock of the response, in the site's time zone.

An ambiguous date is left out: a missing date does less harm than a wrong one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from smartdaily_crawler.parsing.date_forms import (
    CalendarDay,
    Clock,
    DayOfYear,
    DaysAgo,
    EitherOrder,
    Elapsed,
    Printed,
    Weekday,
    first,
    spans,
)

__all__ = [
    "NOTHING",
    "SHANGHAI",
    "Published",
    "completes",
    "day",
    "has_year",
    "is_readable",
    "is_relative",
    "month_and_day",
    "parse",
    "spans",
]

SHANGHAI = ZoneInfo("Asia/Shanghai")
OLDEST_DAY = date(1994, 4, 20)
"""The day on which China joined the internet; older dates are ignored."""
MOST_AHEAD = timedelta(days=2)
"""Most that a complete printed day may be ahead: the print edition of tomorrow, or of Sunday and Monday, is online the evening before."""
_CLOCK_SKEW = timedelta(minutes=10)
"""Tolerance for a printed time that is ahead of the response's clock."""


class Published(NamedTuple):
    """A resolved date of publication."""

    on: date | None
    """In the site's zone; ``None`` if there is no date, or an ambiguous one."""
    at: datetime | None
    """In the site's zone; ``None`` if no time of day is printed."""


NOTHING = Published(None, None)
"""No date."""


def parse(raw: str, now: datetime, zone: tzinfo = SHANGHAI) -> Published:
    """Return the first date of a text, or ``NOTHING`` if there is none, it is ambiguous or it lies in the future.

    A day that is printed with its year may be up to ``MOST_AHEAD`` in the future; a time of day in the future is left out.

    :param now: clock of the response, timezone-aware.
    :param zone: time zone of printed times without an offset.

    >>> now = datetime(2026, 3, 6, 12, 0, tzinfo=SHANGHAI)
    >>> parse("发布时间：2026年03月05日07:48", now).at.isoformat()
    '2026-03-05T07:48:00+08:00'
    >>> parse("10-0812:00", now).on
    datetime.date(2025, 10, 8)
    >>> parse("2026-03-07 06:00", now), parse("2026-03-09", now)
    (Published(on=datetime.date(2026, 3, 7), at=None), Published(on=None, at=None))
    """
    printed = first(raw)
    if printed is None:
        return NOTHING
    now = now.astimezone(zone)
    on = _on(printed, now)
    if on is None:
        return NOTHING
    at = _moment(on, printed.clock, zone)
    on = at.date() if at else on
    if on > now.date() + (MOST_AHEAD if isinstance(printed.day, CalendarDay) else timedelta()):
        return NOTHING
    return Published(on, at if at and at <= now else None)


def _on(printed: Printed, now: datetime) -> date | None:
    today = now.date()
    on: date | None
    match printed.day:
        case CalendarDay():
            on = _date(*printed.day)
        case EitherOrder():
            on = None
        case DayOfYear(month, day_, None):
            on = _within_a_year(month, day_, printed.clock, now)
        case DayOfYear(month, day_, int(years_ago)):
            on = _date(today.year - years_ago, month, day_)
        case DaysAgo(days):
            on = today - timedelta(days=days)
        case Weekday(weekday, None):
            on = today - timedelta(days=(today.weekday() - weekday) % 7)
            on = None if _is_ahead(on, printed.clock, now) else on
        case Weekday(weekday, int(weeks_ago)):
            on = today - timedelta(days=today.weekday() - weekday + 7 * weeks_ago)
        case Elapsed(least, most):  # ambiguous where both ends of the span are not on one day
            latest = (now - least).date()
            on = latest if (now - most).date() == latest else None
    return on


def _within_a_year(month: int, day: int, clock: Clock | None, now: datetime) -> date | None:
    """Return the most recent such day within the last twelve months.

    Return ``None`` if it falls on tomorrow or later today: a wrong clock or an announced event is more likely than a
    day of a year ago printed without its year.
    """
    today = now.date()
    for year in (today.year + 1, today.year, today.year - 1):
        on = _date(year, month, day)
        if on is None or on > today + timedelta(days=1):
            continue
        is_past = on <= today and not _is_ahead(on, clock, now)
        return on if is_past and today - on <= timedelta(days=365) else None
    return None


def _is_ahead(on: date, clock: Clock | None, now: datetime) -> bool:
    at = _moment(on, clock, now.tzinfo or SHANGHAI)
    return at is not None and at > now + _CLOCK_SKEW


def _moment(on: date, clock: Clock | None, zone: tzinfo) -> datetime | None:
    if clock is None:
        return None
    at = datetime(on.year, on.month, on.day, clock.hour, clock.minute, clock.second, tzinfo=clock.zone or zone)
    return at.astimezone(zone)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        on = date(year, month, day)
    except ValueError:
        return None
    return on if on >= OLDEST_DAY else None


def has_year(text: str) -> bool:
    """Return whether the first date of a text is printed with its year; false without a date.

    >>> [has_year(text) for text in ("2026-03-06", "去年3月6日", "03-06 08:30", "昨天")]
    [True, True, False, False]
    """
    match first(text):
        case Printed(CalendarDay() | DayOfYear(_, _, int())):
            return True
    return False


def is_readable(text: str) -> bool:
    """Return whether the first date of a text can yield a day: it is no impossible one, and the order of day and month is known.

    >>> [is_readable(text) for text in ("2026-03-06", "昨天", "06/02/2026", "2026-02-30", "")]
    [True, True, False, False, False]
    """
    match first(text):
        case None | Printed(EitherOrder()):
            return False
        case Printed(CalendarDay() as calendar_day):
            return _date(*calendar_day) is not None
    return True


def is_relative(text: str) -> bool:
    """Return whether the first date of a text counts from the day on which it is printed; false without a date.

    >>> [is_relative(text) for text in ("昨天 21:05", "3小时前", "上周五", "2个月前", "03-06", "2026-03-06")]
    [True, True, True, True, False, False]
    """
    match first(text):
        case Printed(DaysAgo() | Weekday() | Elapsed()):
            return True
    return False


def day(text: str) -> date | None:
    """Return the day of the first date of a text, ``None`` if it has no date or the year is not printed.

    A time with another offset is converted to Shanghai's day, to compare dates of one page with each other.

    >>> day("2026-03-05T23:30:00Z"), day("03-06")
    (datetime.date(2026, 3, 6), None)
    """
    match first(text):
        case Printed(CalendarDay() as calendar_day, clock) if on := _date(*calendar_day):
            at = _moment(on, clock, SHANGHAI)
            return at.date() if at else on
    return None


def completes(text: str, other: str) -> bool:
    """Return whether a complete date agrees with a text, and is more exact than that.

    >>> [completes(text, "2026-03-05 08:30") for text in ("3天前", "上上周五", "03-05", "2026-03-05", "03-06", "2026-03-05 09:00")]
    [True, True, True, True, False, False]
    """
    on = day(other)
    if on is None:
        return False
    shown = day(text)
    if shown is None:
        return month_and_day(text) in (None, (on.month, on.day))
    return shown == on and not _has_time(text) and _has_time(other)


def _has_time(text: str) -> bool:
    """Return whether a time of day is printed with the first date; midnight stands for none."""
    printed = first(text)
    return printed is not None and printed.clock is not None and any(printed.clock[:3])


def month_and_day(text: str) -> tuple[int, int] | None:
    """Return month and day of the first date of a text; ``None`` without a date, and for relative ones.

    >>> month_and_day("03-06 08:30"), month_and_day("2026-03-05T23:30:00Z"), month_and_day("昨天")
    ((3, 6), (3, 6), None)
    """
    if on := day(text):
        return on.month, on.day
    match first(text):
        case Printed(DayOfYear(month, day_)):
            return month, day_
    return None
