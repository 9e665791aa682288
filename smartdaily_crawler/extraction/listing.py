"""A list page: its entries in order, and the next page."""

from __future__ import annotations

from collections import defaultdict

from smartdaily_crawler.extraction import blocks, pager
from smartdaily_crawler.extraction.blocks import Block, Unit
from smartdaily_crawler.extraction.document import Document
from smartdaily_crawler.extraction.layout import Region
from smartdaily_crawler.extraction.reading import ListingReading
from smartdaily_crawler.extraction.selectors import Selectors
from smartdaily_crawler.extraction.units import read_unit

_ASIDE = frozenset({"aside", "footer", "nav"})
_FULL_TITLE, _FULL_SUMMARY = 30, 100
"""Beyond this a longer text says nothing more about being an article's."""


def read_listing(document: Document, selectors: Selectors | None = None) -> ListingReading:
    selectors = selectors or Selectors()
    units = _selected(document, selectors.entries) or main_units(document)
    entries = [entry for unit in units if (entry := read_unit(document, unit, "entries"))]
    return ListingReading(entries=entries, next_url=_next(document, selectors.next_page))


def main_units(document: Document) -> list[Unit]:
    """The units of the page's main list: the blocks of one shape with the most titles."""
    families: dict[tuple[str, ...], list[Block]] = defaultdict(list)
    for block in blocks.repeated(document):
        families[_shape(block)].append(block)
    weights = {shape: sum(_weight(document, block) for block in family) for shape, family in families.items()}
    best = families[max(weights, key=weights.__getitem__)] if weights else []
    return [unit for block in best for unit in block.units]


def _shape(block: Block) -> tuple[str, ...]:
    """Lines a unit, tags and first classes to the top: parts of one list share them, and a sidebar differs somewhere."""
    tags = (f"{above.tag}.{_first_class(above)}" for above in block.region.lineage())
    return str(block.lines_a_unit), *tags


def _first_class(region: Region) -> str:
    """Without the number that tells like boxes apart."""
    return (region.element.get("class") or " ").split(" ")[0].rstrip("0123456789")


def _weight(document: Document, block: Block) -> float:
    """The text of titles and summaries; little for what stands beside or ranks."""
    weight = sum(
        min(len(unit.link.text), _FULL_TITLE)
        + min(sum(line.plain for line in document.lines[unit.start : unit.end]), _FULL_SUMMARY)
        for unit in block.units
    )
    beside = any(above.tag in _ASIDE for above in block.region.lineage())
    return weight / 4 if beside or blocks.is_ranking(document, block) else weight


def _selected(document: Document, css: str | None) -> list[Unit]:
    if not css:
        return []
    units = (blocks.unit_of(document, element) for element in document.select(css))
    return [unit for unit in units if unit is not None]


def _next(document: Document, css: str | None) -> str | None:
    for element in document.select(css) if css else ():
        if (url := document.absolute(element.get("href"))) and url != document.url:
            return url
    return pager.next_page(document)
