"""A unit of a repeated block as a teaser: title, summary, date, picture."""

from __future__ import annotations

import re
from bisect import bisect_left
from operator import attrgetter

from smartdaily_crawler.extraction.blocks import Unit
from smartdaily_crawler.extraction.document import Document, picture_url
from smartdaily_crawler.extraction.layout import Line
from smartdaily_crawler.extraction.reading import TeaserReading
from smartdaily_crawler.normalize import dates

_MORE = re.compile(
    r"\s*[\[【(（<]?\s*(?:查看|阅读|继续|点击)?(?:详细内容|详细|全文|更多|详情|原文|阅读|继续阅读|查看)\s*[\]】)）>»›]*\s*$"
)
_SUMMARY = 15
"""Shorter lines name a section, an author, a counter."""
_EDGE = " \t|丨·[]()（）【】"
_ORDINAL = re.compile(r"^\s*(?:NO\.?|No\.?|TOP)?\s*\d{1,3}\s*[.、．:：]?\s*$")


def read_unit(document: Document, unit: Unit, name: str) -> TeaserReading | None:
    """A unit's title, summary, date and picture; ``None`` where its link leads nowhere."""
    url = document.absolute(unit.link.href)
    if url is None:
        return None
    title = _title(document, unit)
    rest = [
        _without(document.lines[index], title) if index == unit.line else document.lines[index].text
        for index in range(unit.start, unit.end)
    ]
    rest = [text for text in rest if text and not _ORDINAL.match(text)]
    summary = _summary(rest, title)
    return TeaserReading(
        url=url,
        title=title,
        block=name,
        summary=summary,
        published=_published([text.replace(summary, " ", 1) if summary else text for text in rest]),
        image_url=_picture(document, unit),
    )


def _title(document: Document, unit: Unit) -> str:
    """The heading, or the link's own text; where that is cut, the whole title may stand in its attribute."""
    line = document.lines[unit.line]
    text = line.text if line.heading and line.is_linked and len(line.links) == 1 else unit.link.text
    if unit.link.start < unit.line and len(text) > line.length:  # the link holds more than its title
        text = line.text
    stem = text.rstrip(".…")
    if stem == text:
        return text
    whole = " ".join((unit.link.element.get("title") or "").split())
    return whole if len(whole) > len(stem) and whole.startswith(stem) else text


def _without(line: Line, title: str) -> str:
    return " ".join(line.text.replace(title, " ", 1).split())


def _summary(texts: list[str], title: str) -> str | None:
    longest = max((text for text in texts if text != title), key=len, default="")
    if len(longest) < _SUMMARY:
        return None
    text = _undated(_MORE.sub("", longest))
    return text if len(text) >= _SUMMARY else None


def _undated(text: str) -> str:
    """Without a date at either end.

    >>> _undated("新机将在秋季亮相… 2026-03-06")
    '新机将在秋季亮相…'
    """
    spans = list(dates.spans(text))
    if spans and not text[spans[-1][1] :].strip(_EDGE):
        text = text[: spans[-1][0]]
    if spans and not text[: spans[0][0]].strip(_EDGE):
        text = text[spans[0][1] :]
    return text.strip(_EDGE)


def _published(texts: list[str]) -> str | None:
    for text in texts:
        for start, end in dates.spans(text):
            return text[start:end].strip()
    return None


def _picture(document: Document, unit: Unit) -> str | None:
    first = bisect_left(document.pictures, unit.start, key=attrgetter("line"))
    for picture in document.pictures[first:]:
        if picture.line >= unit.end:
            break
        if url := picture_url(document, picture):
            return url
    return None
