"""A parsed page: its lines of text in order, and the regions that hold them.

The tree is walked once. Figures of a region, such as its text length or number of links, are then computed from its range
of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from lxml import etree

from smartdaily_crawler.markup import linked_data, machine_times
from smartdaily_crawler.markup.layout import HEAD, Layout, LayoutError, Line, Picture, Region, lay_out
from smartdaily_crawler.reasons import Reason

MAX_ATTRIBUTES = 1_000
"""Attributes of one element; libxml2 takes quadratic time."""
MAX_TAGS = 200_000
"""A news page has about 2,000."""
# Neither groups nor flags: the search is faster for a pattern that begins with a literal character and goes on with a choice of those.
_UNREAD = re.compile(r"<(?:[sS](?:[cC][rR][iI][pP][tT]|[tT][yY][lL][eE])\b[^>]{0,4000}>|!--)")
_CLOSINGS = {
    "<sc": re.compile(r"</(?i:script)[^>]{0,100}>"),
    "<st": re.compile(r"</(?i:style)[^>]{0,100}>"),
    "<!-": re.compile("-->"),
}
_QUOTED = re.compile(r"=\s*(?:\"[^\"]*(?:\"|$)|'[^']*(?:'|$))")
_PUNCTUATION = re.compile("[，。！？；“”!?;…]|,(?=[^\\d])")
_PHRASE, _SENTENCE = 8, 25
"""Least characters of running text: with punctuation, and without."""
# Forms of an imprint, not its words: 备案, 版权所有者, ICP备案系统 and "the copyright of" are common in news.
_CLAIM = r"(?:copyright\s*)?(?:©|\(c\)\s*(?:19|20)\d\d)|copyright\s*(?:19|20)\d\d|^\W*copyright\W*$|all rights reserved|版权所有(?![者人权方制])"
_REGISTRATION = r"ICP[备证]\s*(?:案?(?:编?号)?\s*[:：]?\s*)\d{4,}|公网安备\s*\d{6,}|备案(?:编号|号|序号)\s*[:：]"
_NOTICE = re.compile(f"(?P<claim>{_CLAIM})|{_REGISTRATION}", re.IGNORECASE)
_PROHIBITION = re.compile(
    r"未经[^。]{0,16}(?:授权|许可|允许|同意)|违者必究|(?:不得|禁止|严禁|请勿|谢绝)[^。]{0,12}(?:转载|复制|镜像)|all rights reserved",
    re.IGNORECASE,
)
_NOTICE_WORDS = ("©", "(c)", "copyright", "reserved", "版权所有", "备")
"""Lower-case words of which a notice has one; looked for first, as the pattern is slow."""
_OPENING_CLAIM = re.compile(r"\W*(?:copyright\s*)?(?:©|\(c\)\s*(?:19|20)\d\d)", re.IGNORECASE)
_FOOTER = re.compile(r"(?<![a-z])(?:foot|copyright|bottom|imprint)", re.IGNORECASE)
# URLs that are joined by concatenation: no dot segments, no white space.
_PLAIN = re.compile(
    r"((?:https?:)?//[A-Za-z0-9.-]+(?::\d{1,5})?)?/(?!/)(?!.*/\.)[A-Za-z0-9_/.,~!+\-]*"
    r"(?:\?[A-Za-z0-9_=&%.:/,!+\-]*)?(?:#[A-Za-z0-9_=&/\-]*)?"
)
_LAZY_SOURCES = ("data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-url", "src")


class Document:
    """A parsed page.

    If it cannot be parsed, ``broken`` is the reason (``empty``, ``too_long``, ``too_many_attributes``, ``too_deep``), and
    there are no lines.
    """

    def __init__(self, text: str, url: str, encoding: str = "utf-8") -> None:
        """:param encoding: of the page; browsers send the queries of its links in it."""
        self.url = url
        self._encoding = "utf-8" if encoding.startswith("utf") else encoding
        self.text = text
        self.markup = _without_unread(text)
        """The text without scripts, styles and comments: what the tree is made of."""
        self.broken: str | None = None
        self.root = self._parse()
        layout = self._lay_out()
        self.lines = layout.lines
        self.links = layout.links
        self.pictures = layout.pictures
        self.regions = layout.regions
        self.disputed_times = layout.disputed
        self._completed = layout.completed
        self._strays = layout.strays
        self.base = self._base()
        self._scheme = f"{urlsplit(self.base).scheme}:"
        self._origin = f"{self._scheme}//{urlsplit(self.base).netloc}"

    def _parse(self) -> etree._Element | None:
        source = self.markup
        if not source.strip("\x00 \t\r\n\ufeff"):
            self.broken = Reason.EMPTY
        elif source.count("<") > MAX_TAGS:
            self.broken = Reason.TOO_LONG
        elif _attributes(source) > MAX_ATTRIBUTES:
            self.broken = Reason.TOO_MANY_ATTRIBUTES
        if self.broken:
            return None
        # Parsed as bytes, so that the encoding of an XML declaration or a meta element is ignored.
        # Ids are not collected: nothing looks elements up by id, and it takes a third of the parser's time.
        parser = etree.HTMLParser(
            encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, collect_ids=False
        )
        try:
            root = etree.fromstring(source.replace("\x00", "").encode("utf-8", "replace"), parser)
        except etree.XMLSyntaxError:
            root = None
        if root is None:
            self.broken = Reason.EMPTY
        return root

    def _lay_out(self) -> Layout:
        if self.root is None:
            return Layout()
        body = self.root.find("body")
        times = machine_times.find(self.root, self.markup)
        try:
            return lay_out(body if body is not None else self.root, times)
        except LayoutError as error:
            self.broken = str(error)
            return Layout()

    def _base(self) -> str:
        href = next((element.get("href") for element in self.head["base"]), None)
        return _joined(self.url, href) or self.url if href else self.url

    def runs_of(self, element: etree._Element) -> Iterator[str]:
        """Yield the text nodes of an element as ``Line.runs`` has them."""
        if element in self._completed:
            yield self._completed[element]
            return
        if element.text:
            yield element.text
        for child in element:
            yield from self.runs_of(child)
            if child.tail:
                yield child.tail

    def children(self, region: Region) -> Iterator[Region]:
        """Yield the regions directly inside a region, in order."""
        at = region.index + 1
        while at < region.last:
            child = self.regions[at]
            yield child
            at = child.last

    def absolute(self, href: str | None) -> str | None:
        """Return the absolute http(s) URL of a link, or ``None`` if it is not one."""
        if not href:
            return None
        if plain := _PLAIN.fullmatch(href):
            before = "" if href[0] == "h" else self._scheme if plain[1] else self._origin
            return before + href
        joined = _joined(self.base, href)
        return joined if joined is None or joined.isascii() else _with_query_in(joined, self._encoding)

    def meta(self, *names: str) -> str | None:
        """Return the first non-empty content of these meta names, properties or itemprops; ``None`` without one."""
        return next((self._metas[name] for name in names if self._metas.get(name)), None)

    @cached_property
    def head(self) -> dict[str, list[etree._Element]]:
        """Elements of the page's head by tag, including those misplaced in the body."""
        found: dict[str, list[etree._Element]] = {tag: [] for tag in HEAD}
        head = self.root.find("head") if self.root is not None else None
        for element in (*(head.iter(*HEAD) if head is not None else ()), *self._strays):
            found[element.tag].append(element)
        return found

    @cached_property
    def _metas(self) -> dict[str, str]:
        metas: dict[str, str] = {}
        for element in self.head["meta"]:
            key = element.get("property") or element.get("name") or element.get("itemprop")
            content = element.get("content")
            if key and content and content.strip():
                metas.setdefault(key.strip().lower(), content.strip())
        return metas

    @cached_property
    def linked_data(self) -> list[dict[str, Any]]:
        """JSON-LD objects in document order; what is not JSON is skipped."""
        return linked_data.objects(self.text)

    @cached_property
    def title(self) -> str:
        """Text of the title element; empty without one."""
        return next(map(text_of, self.head["title"]), "")

    @cached_property
    def prose(self) -> list[int]:
        """Running sums: lines a to b (exclusive) have ``prose[b] - prose[a]`` characters of running text."""
        running = self._running.copy()
        for index in self.imprint:
            running[index] = 0
        return list(accumulate(running, initial=0))

    @cached_property
    def _running(self) -> list[int]:
        """Characters of running text in each line, imprint or not."""
        return [_prose(line) for line in self.lines]

    @cached_property
    def imprint(self) -> frozenset[int]:
        """Indices of the lines that claim a copyright or name a registration of the site, without sentences about them."""
        likely = ((index, self.lines[index].text) for index in self._with_words(_NOTICE_WORDS))
        notices = {index: found for index, text in likely if (found := _NOTICE.search(text))}
        if not notices:
            return frozenset()
        prose = [index for index, size in enumerate(self._running) if size and index not in notices]
        settings = {self.lines[index].region.parent for index in prose}
        return frozenset(index for index, found in notices.items() if self._is_imprint(index, found, prose, settings))

    def _with_words(self, words: Iterable[str]) -> list[int]:
        """Return the indices of the lines that have one of the lower-case words: one search a word, not one a line."""
        text = "\n".join([line.text for line in self.lines]).lower()
        found: set[int] = set()
        for word in words:
            line = at = 0
            while (next_at := text.find(word, at)) >= 0:
                line += text.count("\n", at, next_at)
                found.add(line)
                at = next_at + 1
        return sorted(found)

    def _is_imprint(self, index: int, notice: re.Match[str], prose: list[int], settings: set[Region | None]) -> bool:
        """Return whether a line with a notice is no sentence.

        It has no punctuation, opens with ©, or is in a footer; or the notice opens it, and it prohibits copies or is below all
        running text in another element than that.

        :param prose: indices of the lines of running text without a notice.
        :param settings: the elements around those.
        """
        line = self.lines[index]
        if not _PUNCTUATION.search(line.text) or _OPENING_CLAIM.match(line.text) or _is_footer(line.region):
            return True
        if _PUNCTUATION.search(line.text, 0, notice.start()):
            return False
        prohibits = notice["claim"] is not None and _PROHIBITION.search(line.text, notice.start()) is not None
        return prohibits or (bool(prose) and prose[-1] < index and line.region.parent not in settings)

    def select(self, css: str) -> list[etree._Element]:
        """Return the elements of a CSS selector in document order. Raise ``ValueError`` if it is invalid."""
        found = selector(css)(self.root) if self.root is not None else []
        return [element for element in found if etree.iselement(element)] if isinstance(found, list) else []

    @cached_property
    def picture_lines(self) -> list[int]:
        """The line of each picture, in order."""
        return [picture.line for picture in self.pictures]

    @cached_property
    def _region_of(self) -> dict[etree._Element, Region]:
        return {region.element: region for region in self.regions}

    def region_of(self, element: etree._Element) -> Region | None:
        return self._region_of.get(element)


def _prose(line: Line) -> int:
    """Return the characters outside links of a line of running text, 0 for other lines."""
    plain = line.length - line.linked
    if plain < _PHRASE or line.is_linked:
        return 0
    reads_on = plain >= _SENTENCE or _PUNCTUATION.search(line.text)
    return plain if reads_on and not line.hidden else 0


def _is_footer(region: Region) -> bool:
    return any(
        above.tag == "footer" or _FOOTER.search(f"{above.element.get('id') or ''} {above.element.get('class') or ''}")
        for above in region.lineage()
    )


def text_of(element: etree._Element) -> str:
    """Return the whole text of an element, with single spaces."""
    return " ".join("".join(map(str, element.itertext())).split())


def picture_url(document: Document, picture: Picture) -> str | None:
    """Return the URL of a picture, ``None`` without one. Lazy loaders have it in a data attribute, ``src`` is a placeholder."""
    for attribute in _LAZY_SOURCES:
        value = picture.element.get(attribute)
        if value and not value.startswith("data:") and (url := document.absolute(value)):
            return url
    return None


def _without_unread(text: str) -> str:
    """Return the markup without scripts, styles and comments, which are half of its size and not used."""
    kept, position = [], 0
    while opening := _UNREAD.search(text, position):
        kept.append(text[position : opening.start()])
        closing = _CLOSINGS[opening[0][:3].lower()].search(text, opening.end())
        if closing is None:
            return "".join(kept) + text[opening.start() :]
        position = closing.end()
    return "".join(kept) + text[position:]


def _attributes(source: str) -> int:
    """Estimate the largest number of attributes of a tag."""
    return max((len(_QUOTED.sub("", tag).partition(">")[0].split()) for tag in _long_tags(source)), default=0)


def _long_tags(source: str) -> Iterator[str]:
    """Yield tags, with the text after them, long enough for too many attributes. Skips through the source for speed."""
    least = 2 * MAX_ATTRIBUTES
    at = source.find("<")
    while 0 <= at < len(source) - least:
        following = source.rfind("<", at + 1, at + least)
        if following < 0:
            following = source.find("<", at + least)
            yield source[at : following if following >= 0 else None]
        at = following


def _joined(base: str, href: str) -> str | None:
    try:
        url = urljoin(base, href.strip())
        return url if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname else None
    except ValueError:
        return None


def _with_query_in(url: str, encoding: str) -> str:
    """Return a URL with the other characters than ASCII in its query as escaped bytes of an encoding, as browsers send them.

    >>> _with_query_in("http://news.example/搜索?q=中文&p=1", "gb18030")
    'http://news.example/搜索?q=%D6%D0%CE%C4&p=1'
    """
    address, mark, rest = url.partition("?")
    query, hash_mark, fragment = rest.partition("#")
    escaped = re.sub(
        "[^\x00-\x7f]+", lambda found: quote(found[0].encode(encoding, "xmlcharrefreplace"), safe=""), query
    )
    return address + mark + escaped + hash_mark + fragment


_SELECTORS: dict[str, etree.XPath] = {}


def selector(css: str) -> etree.XPath:
    """Return a compiled CSS selector. Raise ``ValueError`` if it is invalid."""
    from cssselect import GenericTranslator  # noqa: PLC0415  only profiles need it

    if css not in _SELECTORS:
        try:
            _SELECTORS[css] = etree.XPath(GenericTranslator().css_to_xpath(css))
        except Exception as error:
            way_out = "; select the element, without ::text and the like" if "::" in css else ""
            raise ValueError(f"not a CSS selector: {css!r}{way_out}") from error
    return _SELECTORS[css]
