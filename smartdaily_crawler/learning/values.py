"""Cleaned values: what a selector and the structure must agree on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from smartdaily_crawler.cleaning import text
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue, TeaserReading
from smartdaily_crawler.parsing import dates, info_line

SIGNED = ("published", "source", "author", "editor")
"""What an info line may hold."""


def cleaned(field: str, found: ExtractedValue | None, clock: datetime) -> object:
    """As the item would have it; ``None`` where the page does not say."""
    if found is None:
        return None
    if field == "published":
        date = dates.parse(found.value, clock)
        return (date.on, date.at) if date.on else None
    return text.clean(found.value) if field == "title" else info_line.name(found.value)


def units(readings: Iterable[TeaserReading], block: str) -> list[tuple[object, ...]]:
    return [
        (each.url, each.title, each.summary, each.published, each.image_url)
        for each in readings
        if each.block == block
    ]


def paragraphs(reading: ArticleReading) -> list[str]:
    return text.paragraphs(reading.body)
