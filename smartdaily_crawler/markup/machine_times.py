"""Times in attributes: `<time datetime>`, `<abbr title>`, `<span data-time>`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

from lxml import etree

from smartdaily_crawler.parsing import dates

_NAMES = "time|date|stamp|publi|creat"
# Not regardless of case: the search is faster for a pattern that begins with a literal character.
_DATETIME, _TITLE = re.compile("datetime *="), re.compile("title *= *[\"']?(?:19|20)[0-9][0-9]")
_NAMED = re.compile(f"data-[a-z-]{{0,20}}?(?:{_NAMES})[a-z-]{{0,20}}")
_KINDS = 20
"""Names of data attributes that are looked for; a page has one or two."""
# Attributes are found faster than the elements that have them.
_WITH_DATETIME = etree.XPath("descendant::*/@datetime/..")
_WITH_TITLE = etree.XPath("descendant::*/@title[starts-with(., '19') or starts-with(., '20')]/..")
_DATA = re.compile(rf"data-(?!.*(?:updat|modif|edit|expire|end))[\w-]*(?:{_NAMES})", re.IGNORECASE)
_COMPLETE = re.compile(r"\s*(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}[\dTZ日号時时分秒点\s:：.+-]{0,24}")
_EPOCH = re.compile(r"\s*(\d{10})(?:\d{3})?\s*")
_SHOWN = 40
"""Characters; an element with more text is no date."""
_TIMELY = re.compile(r"\d|[前天日号周週月年时時分秒今昨刚剛晨早晚]|(?i:ago|now|day|week|month|year)")
_WORD = re.compile(r"\w")
_OF_TIME = frozenset({"time", "relative-time", "time-ago", "local-time"})
_NOT_OF_TEXT = frozenset({"html", "body", "a", "ins", "del"})
"""``ins`` and ``del`` are dated by when the text was edited, and a link's attributes describe its target."""


def find(root: etree._Element, source: str) -> dict[etree._Element, str]:
    """Return the elements that have a complete date in an attribute, with that date; times since 1970 as ISO 8601.

    :param source: the page's markup without scripts, by which most pages are passed over.
    """
    names = sorted({name for name in _NAMED.findall(source) if _DATA.match(name)})
    paths = [_WITH_DATETIME] if _DATETIME.search(source) else []
    paths += [_WITH_TITLE] if _TITLE.search(source) else []
    paths += [etree.XPath(f"descendant::*/@{name}/..") for name in names[:_KINDS]]
    found = (element for path in paths for element in cast("list[Any]", path(root)) if element.tag not in _NOT_OF_TEXT)
    return {element: value for element in found if (value := _value(element)) is not None}


def _value(element: etree._Element) -> str | None:
    data = (str(value) for name, value in element.items() if _DATA.match(str(name)))
    for value in filter(None, (element.get("datetime"), *data)):
        if epoch := _EPOCH.fullmatch(value):
            return datetime.fromtimestamp(int(epoch[1]), UTC).isoformat()
        if _COMPLETE.fullmatch(value) and dates.day(value):
            return value.strip()
    title = element.get("title") or ""
    return title.strip() if _COMPLETE.fullmatch(title) and dates.day(title) else None


def completed(element: etree._Element, shown: str, value: str) -> str | None:
    """Return the text to read for what an element shows, with the date of its attribute; ``None`` to read it as shown.

    A script fills an empty element, and words such as 10天前 or a day without its year say less than the attribute. Where both
    are complete, what a visitor sees counts; the attribute may add the time of the same day.
    """
    text = shown.strip()
    if len(text) > _SHOWN:
        return None
    if not _WORD.search(text):
        return value
    if element.tag not in _OF_TIME and not _TIMELY.search(text):
        return None
    if not dates.completes(text, value):
        return None
    span = next(dates.spans(text), None)
    return value if span is None else f"{text[: span[0]]}{value} {text[span[1] :]}".rstrip()
