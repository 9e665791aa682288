"""A calendar: every day has a page, which links to further days."""

from __future__ import annotations

from datetime import date, timedelta

from demo.skins.base import link

SHOWN = 28


def widget(today: date) -> str:
    days = [today - timedelta(days=back) for back in range(SHOWN, -1, -1)]
    return f'<div class="calendar"><h3>文章归档</h3>{" ".join(_day(day) for day in days)}</div>'


def day_page(day: date) -> tuple[str, str]:
    """Return title and body of a day's page; it always links to the days before and after."""
    earlier, later = (day + timedelta(days=step) for step in (-1, 1))
    text = f"<p>当日没有可显示的归档。</p><p>{_day(earlier)} {_day(later)}</p>{widget(earlier)}"
    return f"{day:%Y-%m-%d}归档", text


def _day(day: date) -> str:
    return link(f"/archive/{day:%Y/%m/%d}", str(day.day))
