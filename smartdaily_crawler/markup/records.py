"""Find repeated records: blocks of sibling list items, each with one main link. Lists, teasers, rankings."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from operator import itemgetter
from statistics import mode

from lxml import etree

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.layout import Line, Link, Region

MIN_UNITS = 3
_TITLE = 5
"""Characters; a shorter link text names a section, not an article."""
_MEAN_TITLE = 8
_UNIT_TEXT = 600
_MAX_TAIL = 6
"""Most lines between a title and the next one."""
_READ_ON = re.compile(
    r"^[\[【(（<]?\s*(?:查看|阅读|继续|点击|更多|详细|全文|详情).{0,6}[\]】)）>»›]?$|^(?:\d+|评论.{0,5}|.{0,5}评论)$"
)
_LONGEST_READ_ON = 16
_BETWEEN = 150
"""Most characters of running text between two items: a summary."""
_BESIDE = 60
"""Most characters beside a title; with more, it is a link in running text, even without punctuation."""
_PROSE = re.compile("[，。！？；…]")
_NO_PAGE = ("#", "javascript:", "mailto:")
_RANKING = re.compile(
    r"排行|热门|热点|热榜|热文|最热|人气|点击|榜单?|热读|热议|热搜|TOP|24小时|[一本]周|月榜|hot", re.IGNORECASE
)
_NUMBER = re.compile(r"[\d_-]+")
_GENERIC = frozenset({"div", "section", "table", "td"})
_PLACE = re.compile(r"\W{0,3}(?:NO|TOP)?\W?(\d{1,3})(?!\d)", re.IGNORECASE)
_HEADING = 20
_NEAR = 4
"""Most levels from a block and from its heading to a common ancestor."""


@dataclass(slots=True)
class Unit:
    """A list item: lines ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    link: Link
    """Link of its title."""
    line: int
    """Index of the title's line."""
    region: Region | None = None
    """Its element; ``None`` for a line without an element of its own."""


@dataclass(slots=True)
class Block:
    """Repeated records: list items of one tag under one parent, or under adjacent parents."""

    region: Region
    """The parent of the items; of the first ones if there are several."""
    tag: str
    """Tag of the items; ``#line`` for lines without an element of their own."""
    units: list[Unit] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.units[0].start

    @property
    def end(self) -> int:
        return self.units[-1].end

    @property
    def lines_a_unit(self) -> int:
        return mode(unit.end - unit.start for unit in self.units)


def repeated(document: Document, after: int = 0, title: int | None = None) -> list[Block]:
    """Return the lists of a page in document order, without overlaps.

    :param after: skip lists that end before this line.
    :param title: line of the page's title: what holds it is no list item, unless that line is a link.
    """
    # An element of one line is a list item, not a list.
    found = candidates(document, least=2, units=MIN_UNITS, after=after)
    if title is not None and not document.lines[title].is_linked:
        for block in found:
            block.units = [unit for unit in block.units if not unit.start <= title < unit.end]
    return apart([block for block in found if is_list(block)])


def candidates(document: Document, *, least: int = 1, units: int = 1, lines: int = 0, after: int = 0) -> list[Block]:
    """Return all blocks that may be lists, in no order.

    :param least: lines that the parent must have.
    :param units: items of a list; blocks that cannot have so many may be skipped.
    :param lines: lines of an item, for blocks with a single item; 0 if unknown.
    :param after: skip elements that end before this line.
    """
    finder = _Finder(document)
    titled = finder.titled
    found: dict[tuple[int, str, str], list[Block]] = defaultdict(list)
    for region in document.regions:
        start, end = region.start, region.end
        if end > after and end - start >= least and titled[end] > titled[start]:
            above = region.parent or region
            # Blocks are joined only with those of the same grandparent: its titles limit the number of items.
            if titled[above.end] - titled[above.start] < units:
                continue
            for block in finder.blocks_of(region, lines):
                found[(id(above), region.tag, block.tag)].append(block)
    return [block for run in found.values() for block in _joined(run)]


def lines_of(document: Document, found: list[Block]) -> bytearray:
    """Return an array with 1 for each line that is part of a block, and one more element.

    What stands between two items is part of their block too, but not if it is running text. Lines without an element of their
    own stand in the setting of such text, so between them any of it counts; otherwise a summary may be there.
    """
    listed = bytearray(len(document.lines) + 1)
    for block in found:
        for unit, following in zip(block.units, [*block.units[1:], None], strict=True):
            end = following.start if following else unit.end
            if document.prose[end] - document.prose[unit.end] > (0 if block.tag == "#line" else _BETWEEN):
                end = unit.end
            listed[unit.start : end] = b"\x01" * (end - unit.start)
    return listed


class _Finder:
    """Finds list items; figures of a range of lines are computed from running sums."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.titles = [_titles(line) if line.links else () for line in document.lines]
        self.titled = [0, *accumulate(map(bool, self.titles))]
        """Running sums: ``titled[b] - titled[a]`` of the lines a to b may be titles."""
        self.length = [0, *accumulate(line.length for line in document.lines)]

    def blocks_of(self, region: Region, lines: int) -> list[Block]:
        blocks: dict[str, Block] = {}
        for tag, start, end, child in self._items(region):
            if (unit := self.unit(start, end)) is not None:
                unit.region = child
                if tag not in blocks:
                    blocks[tag] = Block(region, tag)
                blocks[tag].units.append(unit)
        for block in blocks.values():
            if lines or len(block.units) > 1:
                self._extend(block, lines)
        return list(blocks.values())

    def _items(self, region: Region) -> Iterator[tuple[str, int, int, Region | None]]:
        """Yield tag, start, end and region of each child, and of each line between them, that may hold a title."""
        at, titled = region.start, self.titled
        for child in self.document.children(region):
            start, end = child.start, child.end
            if titled[end] > titled[at]:
                if titled[start] > titled[at]:
                    yield from self._loose(at, start)
                if titled[end] > titled[start]:
                    yield child.tag, start, end, child
            at = end
        if titled[region.end] > titled[at]:
            yield from self._loose(at, region.end)

    def _loose(self, start: int, end: int) -> Iterator[tuple[str, int, int, None]]:
        for index in range(start, end):
            if self.titles[index]:
                yield "#line", index, index + 1, None

    def unit(self, start: int, end: int) -> Unit | None:
        """Return the lines as a list item, ``None`` without a single main link."""
        titled = self.titled[end] - self.titled[start]
        if not 0 < titled <= _MAX_TAIL or self.length[end] - self.length[start] > _UNIT_TEXT:
            return None
        if end - start == 1 and len(self.titles[start]) == 1:  # the most frequent case
            return Unit(start, end, self.titles[start][0][1], start)
        links: dict[str, tuple[int, Link, int]] = {}
        for index in range(start, end):
            for size, link in self.titles[index]:
                if link.href not in links or size > links[link.href][0]:
                    links[link.href] = (size, link, index)
        size, link, index = max(links.values(), key=itemgetter(0))
        if len(links) > 1 and _has_rival(size, [other for other, _, _ in links.values()]):
            return None
        return Unit(start, end, link, index)

    def _extend(self, block: Block, lines: int) -> None:
        """Extend items up to the next title, if they are titles only: dt and dd, h3 and p."""
        gaps = [after.start - unit.end for unit, after in pairwise(block.units)]
        if gaps and not any(gaps):
            return
        usual = mode(gaps) if gaps else lines - (block.end - block.start)
        if not 0 < usual <= _MAX_TAIL or gaps.count(usual) * 3 < len(gaps) * 2:
            return
        for unit, gap in zip(block.units, [*gaps, usual], strict=True):
            end = min(unit.end + min(gap, usual), block.region.end)
            if self.length[end] - self.length[unit.end] <= _UNIT_TEXT:
                unit.end = end


def _has_rival(size: int, sizes: list[int]) -> bool:
    """Return whether another title has more than half the length of the longest."""
    return sum(other * 2 > size and other >= _MEAN_TITLE for other in sizes) > 1


def _titles(line: Line) -> tuple[tuple[int, Link], ...]:
    """Return the links that may be titles, with their sizes."""
    long = [link for link in line.links if len(link.text) >= _TITLE]
    return tuple([(size, link) for link in long if (size := _title_size(link, line))])


def _title_size(link: Link, line: Line) -> int:
    """Return the characters of a link's text; 0 for a link in running text, or to no page."""
    size = len(link.text)
    if not link.href or link.href.startswith(_NO_PAGE):
        return 0
    # Allow for a date, a section, an author and counters beside a title.
    if not line.heading and line.plain > max(size, 22) and _reads_on(line, link):
        return 0
    return 0 if size <= _LONGEST_READ_ON and _READ_ON.match(link.text) else size


def _reads_on(line: Line, link: Link) -> bool:
    return line.plain > _BESIDE or bool(_PROSE.search(line.text.replace(link.text, "")))


def _joined(run: list[Block]) -> list[Block]:
    """Join adjacent blocks of one grandparent: a list in groups, a grid in rows."""
    joined: list[Block] = []
    for block in run:
        last = joined[-1] if joined else None
        if last is not None and block.region.parent is not None and _goes_on(last.units[-1], block.units[0]):
            last.units += block.units
        else:
            joined.append(block)
    return joined


def _goes_on(last: Unit, following: Unit) -> bool:
    return last.end == following.start and last.end - last.start == following.end - following.start


def is_list(block: Block, least: int = MIN_UNITS) -> bool:
    """Return whether a block has at least ``least`` items of one kind, links to as many pages, and titles of sufficient length."""
    size = len(block.units)
    if size < least or _led_to(block) < least:
        return False
    return sum(len(unit.link.text) for unit in block.units) >= _MEAN_TITLE * size and _are_alike(block)


def _are_alike(block: Block) -> bool:
    """Return whether the items of a block have one class and id, numbers aside.

    The parts of a page are siblings of one tag too, such as the ``div`` elements of info line, text and share buttons. Elements
    that are made for lists need not be alike: the first or each second one may have a class of its own.
    """
    if block.tag not in _GENERIC:
        return True
    elements = [unit.region.element for unit in block.units if unit.region is not None]
    shown = {(element.get("class"), element.get("id")) for element in elements}
    if len(shown) <= 1:  # most lists
        return not shown or len(elements) * 2 >= len(block.units)
    kinds = Counter(_kind(element) for element in elements)
    return max(kinds.values()) * 2 >= len(block.units)


def _kind(element: etree._Element) -> tuple[str, str]:
    return _NUMBER.sub("", element.get("class") or ""), _NUMBER.sub("", element.get("id") or "")


def _led_to(block: Block) -> int:
    """Return the number of linked pages. A link around title and summary is a link of several lines, so items may share it."""
    return len({unit.link.href for unit in block.units})


def apart(blocks: list[Block]) -> list[Block]:
    """Return the blocks in document order; of overlapping ones, the one that links to more pages."""
    kept: list[Block] = []
    for block in sorted(blocks, key=lambda block: (block.start, -block.end)):
        if kept and block.start < kept[-1].end:
            if _led_to(block) > _led_to(kept[-1]):
                kept[-1] = block
        else:
            kept.append(block)
    return kept


def unit_of(document: Document, element: etree._Element) -> Unit | None:
    """Return the list item in an element that a profile selects, ``None`` without a link."""
    region = document.region_of(element)
    if region is not None:
        return _Finder(document).unit(region.start, region.end)
    inside = set(element.iter("a"))
    link = next((link for link in document.links if link.element in inside), None)
    return (
        Unit(link.start, link.start + 1, link, link.start)
        if link is not None and link.start < len(document.lines)
        else None
    )


def heading(document: Document, block: Block) -> str:
    """Return the short line directly above a block, if it is close in the tree; else an empty string."""
    line = document.lines[block.start - 1] if block.start else None
    if line is None or line.length > _HEADING:
        return ""
    near = set(map(id, block.region.lineage(_NEAR)))
    return line.text if any(id(above) in near for above in line.region.lineage(_NEAR)) else ""


def is_ranking(document: Document, block: Block) -> bool:
    """Return whether a block is a ranking: by its heading, or as its items are numbered from one."""
    if _RANKING.search(heading(document, block)):
        return True
    places = (_PLACE.match(document.lines[unit.start].text) for unit in block.units)
    numbered = sum(place is not None and int(place[1]) == position for position, place in enumerate(places, 1))
    return numbered * 3 > len(block.units) * 2
