"""Cleaned values, by which the results of selector and structure are compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from smartdaily_crawler.cleaning import text
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue, TeaserReading
from smartdaily_crawler.parsing import dates, info_line

INFO_LINE_FIELDS = ("published", "source", "author", "editor")
"""Fields of an info line that have selectors."""


def cleaned(field: str, found: ExtractedValue | None, clock: datetime) -> object:
    """Return a field as in the item, ``None`` if it is absent.

    :param clock: of the response, timezone-aware.

    >>> noon = datetime.fromisoformat("2026-03-06T12:00+08:00")
    >>> cleaned("author", ExtractedValue("【文/天脉网 瑞雪】", "structure"), noon)
    '瑞雪'
    """
    if found is None:
        return None
    if field == "published":
        date = dates.parse(found.value, clock)
        return (date.on, date.at) if date.on else None
    if field == "title":
        return text.clean(found.value)
    return info_line.person(found.value) if field in ("author", "editor") else info_line.name(found.value)


def units(readings: Iterable[TeaserReading], block: str) -> list[tuple[object, ...]]:
    """Return the list items of a kind of block as tuples."""
    return [
        (each.url, each.title, each.summary, each.published, each.image_url) for each in readings if each.block == block
    ]


def paragraphs(reading: ArticleReading) -> list[str]:
    """Return the cleaned paragraphs of a reading."""
    return text.paragraphs(reading.body)
