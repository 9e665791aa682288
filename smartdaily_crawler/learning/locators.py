"""Locate the elements of values that were read by structure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lxml import etree

from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.markup.layout import Line, Region
from smartdaily_crawler.pages.reading import ArticleReading, LinkReading, TeaserReading

_BEFORE, _AFTER = 6, 14
"""Lines above the title and below the text searched for date and names."""
_INFO = 240
"""Most characters of an info line's element."""
_SPACE = re.compile(r"\s+")


def of_title(document: Document, reading: ArticleReading) -> etree._Element | None:
    """Return the element of the title, ``None`` if it is not on the page."""
    if reading.title is None or reading.title.provenance != "structure":
        return None
    index = _title_line(document, reading)
    if index is None:
        return None
    region = document.lines[index].region
    wanted = _squeezed(reading.title.value)
    exact = (element for element in region.element.iter() if _squeezed(text_of(element)) == wanted)
    return next(exact, region.element)


def _title_line(document: Document, reading: ArticleReading) -> int | None:
    """Return the index of the highest heading that is the title, else of the first such line."""
    title = reading.title.value if reading.title else None
    lines = ((line.heading or 9, index) for index, line in enumerate(document.lines) if line.text == title)
    best = min(lines, default=None)
    return best[1] if best else None


def of_body(document: Document, reading: ArticleReading) -> etree._Element | None:
    """Return the smallest block element with all paragraphs, ``None`` without a body."""
    lines = _body_lines(document, reading)
    shared: list[Region] = document.lines[lines[0]].region.lineage() if lines else []
    for index in lines[1:]:
        own = {region.index for region in document.lines[index].region.lineage()}
        shared = [region for region in shared if region.index in own]
    return shared[0].element if shared else None


def _body_lines(document: Document, reading: ArticleReading) -> list[int]:
    """Return the lines of the paragraphs, searched backwards: a lead may be repeated above the text."""
    found: list[int] = []
    wanted = list(reading.body)
    for index in range(len(document.lines) - 1, -1, -1):
        if wanted and document.lines[index].text == wanted[-1]:
            found.append(index)
            wanted.pop()
    return found[::-1] if not wanted else []


def of_info_line(document: Document, reading: ArticleReading) -> etree._Element | None:
    """Return the smallest element with the date and all names that are near it, ``None`` without a printed date."""
    date, *names = (_printed(reading, name) for name in ("published", "source", "author", "editor"))
    if date is None:
        return None
    regions = _around(document, reading)
    held = [date]
    best = _holder(document, regions, held)
    for name in names:
        if name is not None and best is not None:
            larger = _holder(document, regions, [*held, name])
            if larger is not None:
                best, held = larger, [*held, name]
    return best


def of_value(document: Document, reading: ArticleReading, field: str) -> etree._Element | None:
    """Return the smallest element near title or text with a field's value, ``None`` without a printed one."""
    value = _printed(reading, field)
    return _holder(document, _around(document, reading), [value]) if value else None


def _printed(reading: ArticleReading, field: str) -> str | None:
    found = getattr(reading, field)
    return _squeezed(found.value) if found is not None and found.provenance == "structure" else None


def _around(document: Document, reading: ArticleReading) -> list[Region]:
    """Return the short regions near the title, then those near the end of the text, without paragraphs."""
    title = _title_line(document, reading)
    body = _body_lines(document, reading)
    first = body[0] if body else len(document.lines)
    start = max(title - _BEFORE, 0) if title is not None else max(first - 2 * _AFTER, 0)
    stop = body[-1] + _AFTER if body else start + 2 * _AFTER
    regions: dict[int, Region] = {}
    for index in range(start, min(stop, len(document.lines))):
        for region in document.lines[index].region.lineage():
            if _length(document.lines[region.start : region.end]) > _INFO or _reaches(region, body):
                break
            regions.setdefault(region.index, region)
    return list(regions.values())


def _reaches(region: Region, lines: Iterable[int]) -> bool:
    return any(region.start <= index < region.end for index in lines)


def _length(lines: Iterable[Line]) -> int:
    return sum(line.length for line in lines)


def _holder(document: Document, regions: Iterable[Region], values: Sequence[str]) -> etree._Element | None:
    """Return the first of the shortest elements with all of the values, ``None`` without one."""
    holding = [
        (_length(document.lines[region.start : region.end]), position, region)
        for position, region in enumerate(regions)
        if _holds(region.element, values)
    ]
    if not holding:
        return None
    element = min(holding, key=lambda held: held[:2])[2].element
    inner: etree._Element | None = element
    while inner is not None:
        element = inner
        inner = next((child for child in element if _holds(child, values)), None)
    return element


def _holds(element: etree._Element, values: Sequence[str]) -> bool:
    text = _squeezed(text_of(element))
    return all(value in text for value in values)


def of_units(document: Document, readings: Sequence[TeaserReading]) -> list[etree._Element]:
    """Return the elements of list items: for each, the largest with its link and no other item's. Empty if one is missing."""
    links = _links(document, [(reading.title, reading.url) for reading in readings])
    if len(links) != len(readings):
        return []
    if len(links) < 2:  # noqa: PLR2004 - the element of a single item is ambiguous
        return []
    paths = [[link, *link.iterancestors()] for link in links]
    met: dict[etree._Element, int] = {}
    for path in paths:
        for element in path:
            met[element] = met.get(element, 0) + 1
    return [[element for element in path if met[element] == 1][-1] for path in paths]


def of_links(document: Document, readings: Sequence[LinkReading]) -> list[etree._Element]:
    """Return the elements of the links in a navigation, empty if one is missing."""
    links = _links(document, [(reading.name, reading.url) for reading in readings])
    return links if len(links) == len(readings) else []


def _links(document: Document, wanted: Sequence[tuple[str, str]]) -> list[etree._Element]:
    """Return the link of each pair of text and URL; among several, those closest to each other. Empty if one is missing."""
    found: dict[tuple[str, str], list[etree._Element]] = {pair: [] for pair in wanted}
    for link in document.links:
        url = document.absolute(link.href)
        for pair in _pairs(link.text, link.element.get("title"), url):
            if pair in found:
                found[pair].append(link.element)
    return _closest([found[pair] for pair in wanted]) if all(found.values()) else []


def _pairs(text: str, title: str | None, url: str | None) -> list[tuple[str, str]]:
    texts = [text, " ".join((title or "").split())]
    return [(each, url) for each in dict.fromkeys(texts) if url]


def _closest(choices: Sequence[list[etree._Element]]) -> list[etree._Element]:
    """Choose one element of each list: those in the common ancestor with the fewest links."""
    if all(len(choice) == 1 for choice in choices):
        return [choice[0] for choice in choices]
    held: dict[etree._Element, list[etree._Element | None]] = {}
    for position, choice in enumerate(choices):
        for element in choice:
            for above in element.iterancestors():
                held.setdefault(above, [None] * len(choices))
                if held[above][position] is None:
                    held[above][position] = element
    whole = [above for above, elements in held.items() if None not in elements]
    inner = min(whole, key=lambda above: sum(1 for _ in above.iter("a")), default=None)
    return [element for element in held[inner] if element is not None] if inner is not None else []


def of_next(document: Document, url: str | None) -> etree._Element | None:
    """Return the link to the next page that has letters, ``None`` without one; a number moves from page to page."""
    for link in document.links:
        if url and document.absolute(link.href) == url and re.search(r"[^\W\d]", link.text):
            return link.element
    return None


def _squeezed(text: str) -> str:
    return _SPACE.sub("", text)
