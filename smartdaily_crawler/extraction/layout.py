"""How a page is laid out: lines of text in order, and the regions that hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

MAX_DEPTH = 400
"""Elements inside elements; a news page has about 30, and beyond this libxml2 loses text without a word."""
MAX_LINES = 30_000
_INLINE = frozenset({
    "a", "span", "b", "strong", "em", "i", "u", "font", "small", "sub", "sup", "s", "del", "ins", "mark",
    "abbr", "cite", "code", "q", "time", "label", "big", "tt", "bdo", "wbr", "var", "kbd", "samp", "nobr",
    "acronym", "ruby", "rt", "rb", "strike", "bdi", "data", "dfn", "img", "o:p",
})  # fmt: skip
_SILENT = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "select", "option",
    "textarea", "button", "input", "video", "audio", "canvas", "map", "head", "math", "datalist", "applet",
    "noframes",
})  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Link:
    href: str
    """As written; see ``Document.absolute``."""
    element: etree._Element
    start: int
    """Index of the line it begins in."""
    texts: list[str] = field(default_factory=list)
    _text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = " ".join("".join(self.texts).split())
        return self._text


@dataclass(slots=True, eq=False)
class Picture:
    element: etree._Element
    region: Region | None
    """The block it stands in."""
    line: int
    """Index of the line it stands in or before."""


@dataclass(slots=True, eq=False)
class Line:
    """Text between two breaks of the layout."""

    region: Region
    runs: list[str]
    """The text nodes, in order."""
    heading: int
    """1 to 6 inside a heading, else 0."""
    hidden: bool
    linked: int
    """Characters inside links."""
    links: list[Link]
    text: str
    length: int
    """Characters without white space."""

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
    """Its place among the document's regions."""
    end: int = 0
    last: int = 0
    """The place after the last region inside it."""

    def lineage(self, levels: int = MAX_DEPTH) -> list[Region]:
        """The region itself and what it stands in, at most so many."""
        found: list[Region] = []
        region: Region | None = self
        while region is not None and len(found) < levels:
            found.append(region)
            region = region.parent
        return found


class LayoutError(Exception):
    """A page that no reader could have laid out; the message is a reason in snake_case."""


@dataclass(slots=True)
class Layout:
    lines: list[Line] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    """In document order, a region before those inside it."""


def lay_out(root: etree._Element) -> Layout:
    """Walks the tree once. ``LayoutError`` where it is too deep or too long."""
    walker = _Walker()
    walker.walk(root)
    return walker.layout


class _Walker:
    """Cuts the text of a tree into lines, wherever a block begins or ends."""

    def __init__(self) -> None:
        self.layout = Layout()
        self.lines = self.layout.lines
        self.runs: list[str] = []
        self.linked = 0
        self.links: list[Link] = []
        self.open_links: list[Link] = []
        self.region: Region | None = None
        self.heading = 0
        self.hidden = 0

    def walk(self, root: etree._Element) -> None:
        depth = 0
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "end":
                depth -= 1
                if tag not in _SILENT:
                    self._end(element, tag)
                text = element.tail if depth else None
            else:
                depth += 1
                if depth > MAX_DEPTH:
                    raise LayoutError("too_deep")
                if tag in _SILENT:
                    walk.skip_subtree()
                    continue
                self._start(element, tag)
                text = element.text
            if text and (self.runs or not text.isspace()):
                self.runs.append(text)
                if self.open_links:
                    self.open_links[-1].texts.append(text)
                    self.linked += sum(map(len, text.split()))
        self._break()

    def _start(self, element: etree._Element, tag: str) -> None:
        if tag not in _INLINE:
            if self.runs:
                self._break()
            if tag != "br":
                self._open(element, tag)
        elif tag == "a":
            self._open_link(element)
        elif tag == "img":
            self.layout.pictures.append(Picture(element, self.region, len(self.lines)))

    def _end(self, element: etree._Element, tag: str) -> None:
        if tag not in _INLINE:
            if tag != "br":
                self._close(element)
        elif tag == "a" and self.open_links and self.open_links[-1].element is element:
            self.open_links.pop()

    def _open_link(self, element: etree._Element) -> None:
        href = element.get("href")
        if href is not None:
            link = Link(href.strip(), element, len(self.lines))
            self.open_links.append(link)
            self.layout.links.append(link)
            self.links.append(link)

    def _open(self, element: etree._Element, tag: str) -> None:
        regions = self.layout.regions
        region = Region(element, tag, self.region, len(self.lines), len(regions))
        regions.append(region)
        self.region = region
        if tag in _HEADINGS:
            self.heading = _HEADINGS[tag]
        style = element.get("style")
        if self.hidden or (style is not None and _HIDDEN.search(style)):
            self.hidden += 1

    def _close(self, element: etree._Element) -> None:
        if self.runs:
            self._break()
        region = self.region
        if region is None or region.element is not element:
            return
        region.end = len(self.lines)
        region.last = len(self.layout.regions)
        if region.tag in _HEADINGS:
            self.heading = 0
        if self.hidden:
            self.hidden -= 1
        self.region = region.parent

    def _break(self) -> None:
        """Ends the line; a link that goes on belongs to the next one too."""
        if self.runs and self.region is not None:
            words = "".join(self.runs).split()
            text = " ".join(words)
            length = len(text) - len(words) + 1
            self.lines.append(
                Line(
                    self.region,
                    self.runs,
                    self.heading,
                    self.hidden > 0,
                    self.linked,
                    self.links,
                    text,
                    length,
                )
            )
            if len(self.lines) > MAX_LINES:
                raise LayoutError("too_long")
            self.links = self.open_links.copy()
            self.runs = []
            self.linked = 0
