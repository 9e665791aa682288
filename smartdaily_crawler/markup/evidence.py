"""What a page around an info line shows about words without a label: the site's names, its sections, people marked as such."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from lxml import etree

from smartdaily_crawler.markup import declared
from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.parsing.script import fold
from smartdaily_crawler.parsing.unlabelled import Evidence, bare
from smartdaily_crawler.parsing.vocabulary import OUTLET

_TITLE_PARTS = re.compile(r"\s*[_|｜丨–—－]+\s*|\s+-+\s+|-(?=[^-]{2,16}$)")
_SECTION = 8
"""Most characters of a section's name."""
_MENU = 3
"""Least links of a menu."""
_NAME = 20
"""Most characters of a person's name."""
_FEW = 8
"""Most lines of an element searched for users."""
_OWNER_WORDS = ("版权", "著作权", "独立观点")
"""Looked for first, as the pattern is slow."""
_OWNER = re.compile(
    r"(?:版权|著作权)(?:属于|归)\s?[:：]?\s?(?P<name>(?!作者|原作|本|各)[^，。：\s]{2,20}?)\s?(?:所有|[，。]|$)|本文(?:为|是|系)\s?(?P<view>(?!作者)[^，。\s]{2,20}?)\s?的?独立观点"
)
_OWNER_LINE = 60
"""Most characters of a notice on the copyright."""
_USER_CLASS = re.compile(r"(?:^|[\s_-])(?:user|users|username|avatar|fn)(?:$|[\s_-])", re.IGNORECASE)
_AUTHOR_CLASS = re.compile(r"(?:^|[\s_-])author(?:$|\s)", re.IGNORECASE)
_MEDIA_CLASS = re.compile(r"media|source|account|official", re.IGNORECASE)
_USER_URL = re.compile(r"/(?:u|users?|people|members?)/|[/-]uid[-=]", re.IGNORECASE)


class PageEvidence(Evidence):
    """The names of a page's site, of its sections, and of people, each looked for when it is asked for."""

    def __init__(self, document: Document, before: int, window: range = range(0)) -> None:
        """:param before: line before which menus are read for sections; the title element has some, too.
        :param window: lines whose elements may be marked as users or authors.
        """
        self._document = document
        self._before = before
        self._window = window

    @cached_property
    def _titles(self) -> list[str]:
        return [bare(part) for part in _TITLE_PARTS.split(self._document.title)]

    @cached_property
    def sites(self) -> frozenset[str]:
        return frozenset(map(bare, declared.publishers(self._document))).union(self._titles[1:][-1:])

    @cached_property
    def sections(self) -> frozenset[str]:
        named = {part for part in self._titles[1:-1] if len(part) <= _SECTION and not OUTLET.search(part)}
        return frozenset(named | _menu(self._document, self._before))

    @cached_property
    def people(self) -> frozenset[str]:
        return _users(self._document, self._window) | _owners(self._document, self._window)


def _owners(document: Document, above: range) -> set[str]:
    """Return the names to whom notices below a window give the copyright or the views of the text; no outlets."""
    if not above:
        return set()
    below = fold("\n".join(line.text for line in document.lines[above.stop :] if line.length <= _OWNER_LINE))
    if not any(word in below for word in _OWNER_WORDS):
        return set()
    notices = (text for text in below.split("\n") if any(word in text for word in _OWNER_WORDS))
    found = (match for text in notices if (match := _OWNER.search(text)))
    names = (match["name"] or match["view"] for match in found)
    return {bare(name) for name in names if not OUTLET.search(name)}


def _users(document: Document, window: range) -> frozenset[str]:
    """Return the names in elements of a window that are marked as those of a user or an author."""
    regions = {id(line.region): line.region for line in document.lines[window.start : window.stop]}
    elements = (
        element
        for region in regions.values()
        if region.end - region.start <= _FEW
        for element in region.element.iter(etree.Element)
        if _marks_user(element)
    )
    return frozenset(bare(name) for element in elements if len(name := text_of(element)) <= _NAME)


def _marks_user(element: etree._Element) -> bool:
    """Return whether an element's class or link, or the class around its link, marks it as the name of a person; accounts of media are none."""
    classes = element.get("class") or ""
    if _MEDIA_CLASS.search(classes):
        return False
    is_link, around = element.tag == "a", element.getparent()
    beside = around.get("class") or "" if around is not None else ""
    return (
        _USER_CLASS.search(classes) is not None
        or (is_link and any(map(_AUTHOR_CLASS.search, (classes, beside))))
        or (is_link and _USER_URL.search(element.get("href") or "") is not None)
    )


def _menu(document: Document, before: int) -> set[str]:
    """Return the short links before a line that share an element with others."""
    menus = defaultdict(list)
    for link in document.links:
        if link.start >= before:
            break
        around = link.element.getparent()
        above = around.getparent() if around is not None else None
        if len(link.text) <= _SECTION and around is not None:
            menus[around].append(link.text)
            if above is not None:
                menus[above].append(link.text)
    return {bare(text) for texts in menus.values() if len(texts) >= _MENU for text in texts}
