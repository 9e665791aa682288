"""Read fields by the selectors of a profile. Implausible values are ignored: ``None`` leaves the field to the structure."""

from __future__ import annotations

from lxml import etree

from smartdaily_crawler.markup import records
from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.pages import body, headline
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.headline import Headline
from smartdaily_crawler.pages.list_items import read_unit
from smartdaily_crawler.pages.reading import ExtractedValue, TeaserReading
from smartdaily_crawler.parsing import dates, info_line

_SHARED = 0.6
"""Least share of the structure's text in a selected body; with less, it is another text."""
_OWN = 0.5
"""Least share of a selected body in the structure's text; with less, it is the whole page."""
_NAME = 40


def title(document: Document, css: str) -> Headline | None:
    """Return the first selected line that can be the title (``headline.is_sound``)."""
    for element in document.select(css):
        text = text_of(element)
        index = next((at for at, line in enumerate(document.lines) if text.startswith(line.text)), None)
        if index is not None and headline.is_sound(document, index):
            return Headline(ExtractedValue(document.lines[index].text, "selector"), index)
    return None


def text(document: Document, css: str, after: int, listed: bytearray, structure: Body | None) -> Body | None:
    """Return the lines of the first selected element whose text is mostly that of the structure."""
    for element in document.select(css):
        region = document.region_of(element)
        if region is None:
            continue
        lines = body.own_lines(document, region, min(after, region.start - 1), listed)
        if lines and (structure is None or _is_same(document, lines, structure.lines)):
            return Body(region, lines)
    return None


def _is_same(document: Document, lines: list[int], others: list[int]) -> bool:
    def size(indices: set[int]) -> int:
        return sum(document.lines[index].length for index in indices)

    shared = size(set(lines) & set(others))
    return shared >= _SHARED * size(set(others)) and shared >= _OWN * size(set(lines))


def info(document: Document, css: str) -> dict[str, ExtractedValue]:
    """Return the fields in the selected info line; empty if it has none."""
    found: dict[str, ExtractedValue] = {}
    for element in document.select(css):
        for field, value in info_line.parse("\t".join(document.runs_of(element)))._asdict().items():
            if value:
                found[field] = ExtractedValue(value, "selector")
    return found


def byline(document: Document, css: str, field: str, listed: bytearray) -> ExtractedValue | None:
    """Return a field's date or name in the first suitable element outside of lists.

    In a text with labels, it is the value of the field's label.
    """
    for element in document.select(css):
        text = " ".join("".join(document.runs_of(element)).split())
        line = info_line.parse(text)._asdict()
        value = line[field] or (text if not any(line.values()) and _is(field, text) else None)
        if value and not _is_listed(document, element, listed):
            return ExtractedValue(value, "selector")
    return None


def _is(field: str, text: str) -> bool:
    dated = any(dates.spans(text))
    if field == "published":
        return dated
    return not dated and len(text) <= _NAME and info_line.name(text) is not None


def _is_listed(document: Document, element: etree._Element, listed: bytearray) -> bool:
    around: etree._Element | None = element
    while around is not None and (region := document.region_of(around)) is None:
        around = around.getparent()
    if around is None or region is None or region.start == region.end:
        return False
    return all(listed[region.start : region.end])


def summary(document: Document, css: str) -> ExtractedValue | None:
    """Return the first selected text that is not empty."""
    texts = (text_of(element) for element in document.select(css))
    return next((ExtractedValue(text, "selector") for text in texts if text), None)


def teasers(document: Document, css: str) -> list[TeaserReading]:
    """Return the selected teasers, without those that have no link."""
    units = (records.unit_of(document, element) for element in document.select(css))
    readings = (read_unit(document, unit, "teasers") for unit in units if unit is not None)
    return [reading for reading in readings if reading is not None]
