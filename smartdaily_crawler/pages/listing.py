"""Read a list page: its entries in order, and the URL of the next page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import NamedTuple
from urllib.parse import urlsplit

from smartdaily_crawler.markup import records
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.layout import Link
from smartdaily_crawler.markup.records import MIN_UNITS, Block, Unit
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.markup.shapes import ListShape, Shape
from smartdaily_crawler.pages import pager
from smartdaily_crawler.pages.list_items import is_dated, read_unit
from smartdaily_crawler.pages.reading import ListingReading
from smartdaily_crawler.stat_names import Stat

_ASIDE = frozenset({"aside", "footer", "nav"})
_ITEMS = frozenset({"li", "dt", "article"})
"""A single dated item with such a tag is a list."""
_FULL_TITLE, _FULL_SUMMARY = 30, 100
"""Characters of a title and a summary that count for the weight of a list."""
_SUMMARY = 25
_TELLING = 3
"""Factor for lists whose items have more than a title, as in main lists, rarely in sidebars."""
_BESIDE = 4
"""Divisor for sidebars and rankings."""
_LEAD, _LEAD_TITLE = 4, 8
"""Most lines of an entry alone above a list, and least characters of its title."""
_DIGIT = re.compile(r"\d")
_Kind = tuple[str, tuple[bool, ...]]
_SIDE = re.compile(r"最新|推荐|相关|精彩|猜你|关注|图文|专题")
"""Headings of lists that are on all pages of a site."""


def read_listing(
    document: Document, selectors: Selectors | None = None, shape: ListShape | None = None, page: int = 1
) -> ListingReading:
    """Return the main list of a page; ``entries`` is empty without one.

    :param selectors: of the site's profile; without a match, the page is read by structure.
    :param shape: of another list page of the site: its list is found even with a single entry, and its sidebars are ignored.
    :param page: number of the page in the walk.
    """
    selectors = selectors or Selectors()
    units, found, is_beside = _selected(document, selectors.entries), None, False
    conflicts = []
    if not units:
        units, found, is_beside = main_list(document, shape)
        if units and selectors.entries:
            conflicts.append(Stat.drift("entries"))
    next_url = _selected_next(document, selectors.next_page)
    if next_url is None:
        next_url = pager.next_page(document)
        if next_url and selectors.next_page:
            conflicts.append(Stat.drift("next_page"))
    entries = [entry for unit in units if (entry := read_unit(document, unit, "entries"))]
    return ListingReading(
        entries=entries,
        next_url=next_url,
        unturned=None if next_url else pager.unturned(document, page),
        shape=found,
        is_beside=is_beside,
        conflicts=conflicts,
    )


class _List(NamedTuple):
    units: list[Unit]
    shape: ListShape | None = None
    is_beside: bool = False


def main_list(document: Document, known: ListShape | None = None) -> _List:
    """Return the items of the main list: of the known shape, else of the shape with the most text; empty without one."""
    families: dict[Shape, list[Block]] = defaultdict(list)
    for block in records.candidates(document, lines=known.main.lines if known else 0):
        families[Shape.of(block)].append(block)
    if known and (units := _known_units(document, families, known)):
        return _List(units, known)
    return _weightiest(document, families, known.beside if known else frozenset())


def _known_units(document: Document, families: dict[Shape, list[Block]], known: ListShape) -> list[Unit]:
    """Return the items of exactly the main list's shape, else of similar ones."""
    like = [shape for shape in families if known.main.is_like(shape) and shape not in known.beside]
    shapes = [known.main] if known.main in families else like
    found = records.apart([block for shape in shapes for block in families[shape]])
    others = [block for shape, family in families.items() if shape not in known.beside for block in family]
    units, _ = _whole(document, [unit for block in found for unit in block.units], others)
    return units


def _weightiest(document: Document, candidates: dict[Shape, list[Block]], beside: frozenset[Shape]) -> _List:
    lists = [block for family in candidates.values() for block in family if _is_list(document, block)]
    families: dict[Shape, list[Block]] = defaultdict(list)
    for block in records.apart(lists):
        families[Shape.of(block)].append(block)
    weights = {
        shape: sum(_weight(document, block) for block in family)
        for shape, family in families.items()
        if shape not in beside
    }
    if not weights:
        return _List([])
    best = max(weights, key=weights.__getitem__)
    main = [unit for block in families[best] for unit in block.units]
    units, joined = _whole(document, main, [block for family in families.values() for block in family])
    others = frozenset(shape for shape in families if not shape.is_like(best) and shape not in joined)
    return _List(units, ListShape(best, beside | others), all(_is_beside(document, block) for block in families[best]))


def _whole(document: Document, units: list[Unit], lists: list[Block]) -> tuple[list[Unit], set[Shape]]:
    """Return the items with those directly above and below that lead to pages of the same kind, and the shapes of these.

    The first entries of a list may be set larger than the others, with a picture or a summary: in another block, or alone.
    """
    kinds = Counter(_kind(document, unit.link) for unit in units)
    kind = max(kinds, key=kinds.__getitem__, default=None)
    if kind is None or len(units) < MIN_UNITS or kinds[kind] * 2 < len(units):
        return units, set()
    same = [
        block
        for block in lists
        if all(_kind(document, unit.link) == kind for unit in block.units) and _is_list(document, block)
    ]
    joined: set[Shape] = set()
    above, below = ({block.end: block for block in same}, {block.start: block for block in same})
    while block := above.get(units[0].start):
        units, joined = block.units + units, joined | {Shape.of(block)}
    while block := below.get(units[-1].end):
        units, joined = units + block.units, joined | {Shape.of(block)}
    lead = _lead(document, units[0].start, kind)
    return ([lead, *units] if lead else units), joined


def _lead(document: Document, first: int, kind: _Kind) -> Unit | None:
    """Return the only entry directly above a list, ``None`` without one."""
    for index in range(first - 1, max(first - 1 - _LEAD, -1), -1):
        line = document.lines[index]
        links = [link for link in line.links if _kind(document, link) == kind and link.start == index]
        if links:
            link = max(links, key=lambda link: len(link.text))
            return Unit(index, first, link, index) if len(link.text) >= _LEAD_TITLE else None
        if line.links and line.links[0].start == index:
            return None
    return None


def _kind(document: Document, link: Link) -> _Kind | None:
    """Return the form of a linked URL: its host, and which parts have digits; ``None`` without any, as of a section."""
    parts = urlsplit(document.absolute(link.href) or "")
    numbered = tuple(_DIGIT.search(part) is not None for part in (*parts.path.split("/")[1:], parts.query))
    return (parts.netloc, numbered) if any(numbered) else None


def _is_list(document: Document, block: Block) -> bool:
    """Return whether a block is a list: three titles; or two, or one list element, if all are dated."""
    size = len(block.units)
    if size >= MIN_UNITS:
        return records.is_list(block)
    enough = size == MIN_UNITS - 1 or block.tag in _ITEMS
    return enough and records.is_list(block, size) and all(is_dated(document, unit) for unit in block.units)


def _weight(document: Document, block: Block) -> float:
    """Return the weight of a list: characters of titles and summaries, less for sidebars and rankings."""
    weight = sum(
        min(len(unit.link.text), _FULL_TITLE)
        + min(sum(line.plain for line in document.lines[unit.start : unit.end]), _FULL_SUMMARY)
        for unit in block.units
    )
    telling = sum(_tells(document, unit) for unit in block.units) * 2 > len(block.units)
    return weight * (_TELLING if telling else 1) / (_BESIDE if _is_beside(document, block) else 1)


def _is_beside(document: Document, block: Block) -> bool:
    if any(above.tag in _ASIDE for above in block.region.lineage()):
        return True
    return records.is_ranking(document, block) or bool(_SIDE.search(records.heading(document, block)))


def _tells(document: Document, unit: Unit) -> bool:
    plain = sum(line.plain for line in document.lines[unit.start : unit.end])
    return plain >= _SUMMARY or is_dated(document, unit)


def _selected(document: Document, css: str | None) -> list[Unit]:
    if not css:
        return []
    units = (records.unit_of(document, element) for element in document.select(css))
    return [unit for unit in units if unit is not None]


def _selected_next(document: Document, css: str | None) -> str | None:
    urls = (document.absolute(element.get("href")) for element in (document.select(css) if css else ()))
    return next((url for url in urls if url and url != document.url), None)
