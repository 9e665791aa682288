"""What a profile's selectors find, where it is sound in itself; ``None`` leaves the answer to the structure."""

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
"""Of the structure's text a body holds so much, or it is another text."""
_OWN = 0.5
"""Of a body so much is in the structure's text too, or it is the whole page."""
_NAME = 40


def title(document: Document, css: str) -> Headline | None:
    """A line that the page's head knows, or a heading that is not the site's name."""
    for element in document.select(css):
        text = text_of(element)
        index = next((at for at, line in enumerate(document.lines) if text.startswith(line.text)), None)
        if index is not None and headline.is_sound(document, index):
            return Headline(ExtractedValue(document.lines[index].text, "selector"), index)
    return None


def text(document: Document, css: str, after: int, listed: bytearray, structure: Body | None) -> Body | None:
    """The element's own lines, if they are by and large the text that the structure shows."""
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
    """The fields of the info line."""
    found: dict[str, ExtractedValue] = {}
    for element in document.select(css):
        for field, value in info_line.parse("\t".join(map(str, element.itertext())))._asdict().items():
            if value:
                found[field] = ExtractedValue(value, "selector")
    return found


def sign(document: Document, css: str, field: str, listed: bytearray) -> ExtractedValue | None:
    """A date that parses or a name, outside of lists; where labels stand, the part under the field's own."""
    for element in document.select(css):
        text = text_of(element)
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
    texts = (text_of(element) for element in document.select(css))
    return next((ExtractedValue(text, "selector") for text in texts if text), None)


def teasers(document: Document, css: str) -> list[TeaserReading]:
    units = (records.unit_of(document, element) for element in document.select(css))
    readings = (read_unit(document, unit, "teasers") for unit in units if unit is not None)
    return [reading for reading in readings if reading is not None]
