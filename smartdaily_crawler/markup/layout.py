"""Lay out a page: its lines of text in order, and the regions that hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from smartdaily_crawler.markup import machine_times
from smartdaily_crawler.reasons import Reason

MAX_DEPTH = 400
"""Nested elements; a news page has about 30. Beyond this, libxml2 drops text silently."""
MAX_LINES = 20_000
MAX_TEXT = 1_000_000
"""Characters; a news page has about 10,000."""
_INLINE = frozenset({
    "a", "span", "b", "strong", "em", "i", "u", "font", "small", "sub", "sup", "s", "del", "ins", "mark",
    "abbr", "cite", "code", "q", "time", "label", "big", "tt", "bdo", "wbr", "var", "kbd", "samp", "nobr",
    "acronym", "ruby", "rb", "strike", "bdi", "data", "dfn", "img", "o:p",
})  # fmt: skip
_SILENT = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "select", "option",
    "textarea", "button", "input", "video", "audio", "canvas", "map", "head", "math", "datalist", "applet",
    "noframes", "title", "rt", "rtc", "rp",
})  # fmt: skip
"""``rt`` and ``rp``: the pronunciation above a character is no part of a word."""
_FADING = _INLINE - {"img"}
"""Elements that may be hidden; a picture may be until it is loaded."""
HEAD = ("title", "meta", "link", "base")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Link:
    """An ``a`` element with a ``href``."""

    href: str
    """As written; see ``Document.absolute``."""
    element: etree._Element
    start: int
    """Index of the line where it begins."""
    text: str = ""


@dataclass(slots=True, eq=False)
class Picture:
    """An ``img`` element."""

    element: etree._Element
    region: Region | None
    """The region that holds it."""
    line: int
    """Index of its line, or of the line after it."""


@dataclass(slots=True, eq=False)
class Line:
    """Text between two breaks of the layout."""

    region: Region
    runs: list[str]
    """The text nodes, in order; a vague date as the attribute of its element has it (``machine_times``)."""
    heading: int
    """1 to 6 inside a heading, else 0."""
    linked: int
    """Characters inside links."""
    links: tuple[Link, ...]
    text: str
    length: int
    """Characters without white space."""

    @property
    def hidden(self) -> bool:
        return self.region.hidden

    @property
    def plain(self) -> int:
        return self.length - self.linked

    @property
    def is_linked(self) -> bool:
        """Whether links make up most of the line."""
        return self.linked * 10 >= self.length * 6


@dataclass(slots=True, eq=False)
class Region:
    """An element that breaks lines, and the range of lines in it."""

    element: etree._Element
    tag: str
    parent: Region | None
    start: int
    index: int
    """Index among the document's regions."""
    end: int = 0
    last: int = 0
    """Index after its last descendant."""
    _hidden: bool | None = None

    @property
    def hidden(self) -> bool:
        """Whether an inline style of the element or an ancestor hides it. Computed on demand: reading attributes is slow."""
        if self._hidden is None:
            style = self.element.get("style")
            own = style is not None and _HIDDEN.search(style) is not None
            self._hidden = own or (self.parent is not None and self.parent.hidden)
        return self._hidden

    def lineage(self, levels: int = MAX_DEPTH) -> list[Region]:
        """Return the region and its ancestors, innermost first, at most ``levels``."""
        found = [self]
        region = self.parent
        while region is not None:
            found.append(region)
            region = region.parent
        return found[:levels]


class LayoutError(Exception):
    """A page beyond the limits; the message is the reason: ``too_deep`` or ``too_long``."""


@dataclass(slots=True)
class Layout:
    """Result of ``lay_out``, all in document order."""

    lines: list[Line] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    """In document order, ancestors first."""
    strays: list[etree._Element] = field(default_factory=list)
    """Elements of the head that are misplaced in the body."""
    completed: dict[etree._Element, str] = field(default_factory=dict)
    """Elements whose date was completed from an attribute, with the text to read."""
    disputed: list[tuple[str, str]] = field(default_factory=list)
    """Texts of elements that were not, with the date of the attribute."""


def _is_unseen(element: etree._Element) -> bool:
    """Return whether a browser does not show an inline element, by which sites spoil copies of their text.

    Blocks are laid out, hidden or not: a script may show them. An element inside may have another size or be visible.
    """
    style = element.get("style")
    is_marked = element.get("hidden") is not None or (style is not None and _UNSEEN.search(style) is not None)
    return is_marked and not any(child.get("style") for child in element)


def lay_out(root: etree._Element, times: Mapping[etree._Element, str]) -> Layout:
    """Return the layout of a tree, which is walked once. Raise ``LayoutError`` if it is too deep or too long.

    :param times: elements with a date in an attribute, and that date.
    """
    walker = _Walker(times)
    walker.walk(root)
    return walker.layout


class _Walker:
    """Splits the text of a tree into lines, at the start and the end of block elements."""

    def __init__(self, times: Mapping[etree._Element, str]) -> None:
        self.layout = Layout()
        self.times = times
        self.timed: list[tuple[int, int]] = []
        """Line and run with which each open element of ``times`` began."""
        self.completed: list[tuple[int, int, str]] = []
        """First and last run (exclusive) of the line that were completed, and the text to read for them."""
        self.lines = self.layout.lines
        self.regions = self.layout.regions
        self.runs: list[str] = []
        self.linked_runs: list[str] = []
        """Those of ``runs`` inside links."""
        self.length = 0
        self.links: list[Link] = []
        self.open_links: list[Link] = []
        self.link_texts: list[str] = []
        self.region: Region | None = None
        self.heading = 0

    def walk(self, root: etree._Element) -> None:
        depth = 0
        # Hundreds of elements a page: local names, and no look-up in a mapping that is empty on most pages.
        times, on_block, on_block_end = self.times, _Walker.on_block, _Walker.on_block_end
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                depth += 1
                if depth > MAX_DEPTH:
                    raise LayoutError(Reason.TOO_DEEP)
                step = _OPENINGS.get(tag, on_block)
                if step is not on_block and (tag in _SILENT or (tag in _FADING and _is_unseen(element))):
                    walk.skip_subtree()
                    self.on_silent(element)
                    continue
                if step:
                    step(self, element)
                if times and element in times:
                    self.timed.append((len(self.lines), len(self.runs)))
                text = element.text
            else:
                depth -= 1
                if times and element in times:
                    self.on_time_end(element)
                if step := _CLOSINGS.get(tag, on_block_end):
                    step(self, element)
                text = element.tail
            if text and (self.runs or not text.isspace()):
                self.on_text(text)
        self._end_line()

    def on_silent(self, element: etree._Element) -> None:
        if element.tag == "title":
            self.on_stray(element)

    def on_text(self, text: str) -> None:
        self.runs.append(text)
        if self.open_links:
            self.link_texts.append(text)
            self.linked_runs.append(text)

    def on_break(self, _: etree._Element) -> None:
        if self.runs or self.completed:
            self._end_line()

    def on_picture(self, element: etree._Element) -> None:
        self.layout.pictures.append(Picture(element, self.region, len(self.lines)))

    def on_stray(self, element: etree._Element) -> None:
        self.layout.strays.append(element)

    def on_link(self, element: etree._Element) -> None:
        if (href := element.get("href")) is not None:
            link = Link(href.strip(), element, len(self.lines))
            self.link_texts = []
            self.open_links.append(link)
            self.layout.links.append(link)
            self.links.append(link)

    def on_link_end(self, element: etree._Element) -> None:
        if self.open_links and self.open_links[-1].element is element:
            link = self.open_links.pop()
            if self.link_texts:
                link.text = " ".join("".join(self.link_texts).split())
            if not self.runs and link.start < len(self.lines):  # its last line has ended
                self.links.remove(link)

    def on_time_end(self, element: etree._Element) -> None:
        """Complete the date of an element within one line."""
        line, start = self.timed.pop()
        if line == len(self.lines):
            shown = "".join(self.runs[start:])
        elif line + 1 == len(self.lines) and not start and not self.runs:
            shown = self.lines[line].text
        else:
            return
        text = machine_times.completed(element, shown, self.times[element])
        if text is None:
            self.layout.disputed.append((shown.strip(), self.times[element]))
            return
        self.layout.completed[element] = text
        if line < len(self.lines):
            self.lines[line].runs = [text]
        else:
            self.completed = [each for each in self.completed if each[1] <= start]  # but for those inside it
            self.completed.append((start, len(self.runs), text))

    def on_block(self, element: etree._Element) -> None:
        if self.runs or self.completed:
            self._end_line()
        tag = element.tag
        regions = self.regions
        self.region = region = Region(element, tag, self.region, len(self.lines), len(regions))
        regions.append(region)
        if tag in _HEADINGS:
            self.heading = _HEADINGS[tag]

    def on_block_end(self, element: etree._Element) -> None:
        if self.runs or self.completed:
            self._end_line()
        region = self.region
        if region is None or region.element is not element:
            return
        region.end = len(self.lines)
        region.last = len(self.regions)
        if self.heading and region.tag in _HEADINGS:
            self.heading = 0
        self.region = region.parent

    def _end_line(self) -> None:
        """End the line. A link that is still open is also a link of the next line."""
        if not self.runs:  # nothing is shown but what a script fills in
            self.runs = [text for _, _, text in self.completed]
            self.completed = []
        runs = self.runs
        if not runs or self.region is None:
            return
        words = "".join(runs).split()
        text = " ".join(words)
        length = len(text) - len(words) + 1
        linked = self._linked(length) if self.linked_runs else 0
        if self.completed:
            runs = runs.copy()
            for start, end, complete in reversed(self.completed):
                runs[start:end] = [complete]
            self.completed = []
        self.lines.append(Line(self.region, runs, self.heading, linked, tuple(self.links), text, length))
        self.length += length
        if len(self.lines) > MAX_LINES or self.length > MAX_TEXT:
            raise LayoutError(Reason.TOO_LONG)
        self.links = self.open_links.copy()
        self.runs = []

    def _linked(self, length: int) -> int:
        """Return the number of characters inside links."""
        runs, self.linked_runs = self.linked_runs, []
        return length if len(runs) == len(self.runs) else len("".join("".join(runs).split()))


_Step = Callable[[_Walker, Any], None]
_QUIET: dict[str, _Step | None] = dict.fromkeys(_INLINE | _SILENT)
_STRAY: dict[str, _Step | None] = dict.fromkeys(HEAD, _Walker.on_stray)
_OPENINGS = _QUIET | _STRAY | {"br": _Walker.on_break, "a": _Walker.on_link, "img": _Walker.on_picture}
_CLOSINGS = _QUIET | dict.fromkeys(HEAD) | {"br": None, "a": _Walker.on_link_end}
