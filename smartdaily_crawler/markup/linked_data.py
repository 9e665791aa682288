"""JSON-LD objects of a page, in the shapes that sites write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_TYPE = re.compile(r"\+(?i:json)")
"""Looked for first, as most pages have none."""
_OPENING = re.compile(r"<script[^>]{0,200}application/ld\+json[^>]{0,100}>", re.IGNORECASE)
_CLOSING = re.compile("</script", re.IGNORECASE)
_WRAPPING = re.compile(r"(?://|/\*)?\s*(?:<!--|-->|<!\[CDATA\[|\]\]>)\s*(?:\*/)?")
"""Comments and sections that hid scripts from old browsers."""
_BETWEEN = re.compile(r"[\s;,]*")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_ABOUT_THIS_PAGE = ("@graph", "mainEntity", "mainEntityOfPage")
"""Properties whose objects describe the page; others, such as ``hasPart`` and lists of items, describe further pages."""
_DECODER = json.JSONDecoder(strict=False)


def objects(source: str) -> list[dict[str, Any]]:
    """Return the objects of a page's markup in document order; what is not JSON is skipped.

    The objects that describe the page are taken out of those around them, values of the form ``{"@value": …}`` are plain, and
    ``{"@id": …}`` is the object that it refers to.
    """
    found: list[dict[str, Any]] = []
    if not _TYPE.search(source):
        return found
    for opening in _OPENING.finditer(source):
        closing = _CLOSING.search(source, opening.end())
        text = source[opening.end() : closing.start() if closing else len(source)]
        try:
            for value in _values(text):
                found += _flattened(value)
        except RecursionError:
            continue
    by_id = {each["@id"]: each for each in found if isinstance(each.get("@id"), str) and len(each) > 1}
    return [{name: _resolved(value, by_id) for name, value in each.items()} for each in found]


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON values of a script, which may have several, or wrappings and commas that JSON does not allow."""
    if "<!" in text or "]]>" in text or "-->" in text:
        text = _WRAPPING.sub("", text)
    at, is_mended = _start(text, 0), False
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except ValueError:
            if is_mended:
                return
            text, at, is_mended = _TRAILING_COMMA.sub("", text[at:]), 0, True
            continue
        yield value
        at = _start(text, at)


def _start(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def _flattened(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _flattened(each)
    elif isinstance(value, dict):
        if "@graph" not in value:
            yield value
        for name in _ABOUT_THIS_PAGE:
            yield from _flattened(value.get(name))


def _resolved(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_resolved(each, by_id) for each in value]
    if isinstance(value, dict):
        if "@value" in value:
            return value["@value"]
        if len(value) == 1 and isinstance(known := value.get("@id"), str):
            return by_id.get(known, value)
    return value
