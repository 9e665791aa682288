"""Find the next page of a list or of an article, for all common forms of pagers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.markup.layout import Link

_LONGEST = 12
_ICON = 2
"""Characters; for a link with so short a text, its title and class are checked too."""
_NEXT = re.compile(r"(?:下一?[页頁]|后一?页|next(?: page)?|较旧文章|older(?: posts)?)\s*[>»›→]*", re.IGNORECASE)
_NEXT_BEGINS = frozenset("下后後nN较oO")
_ARROW = re.compile(r"[>»›→]{1,2}|&gt;")
_NUMBER = re.compile(r"[\[【(（第]?\s*(\d{1,4})\s*[页\]】)）]?")
_PAGE_NUMBER = re.compile(r"[0-9]{1,6}")
_OF = re.compile(r"(?<![\d/])(\d{1,4})\s*/\s*(?:共\s*)?(\d{1,4})\s*页?(?![\d/])")
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])(?:next|nxt)(?:$|[\s_-])|(?:next|nxt)-?page|page-?(?:next|nxt)", re.IGNORECASE)
_MORE = re.compile(
    r"(?:点击|点此|轻触|上拉|下拉)?(?:加载|载入|查看|显示|浏览)更多(?:内容|新闻|文章|资讯|信息|数据)?[\s.…>»›↓▼+]*|(?:load|show) more.{0,8}",
    re.IGNORECASE,
)
_DISABLED = re.compile(
    r"(?<![a-z])(?:disabled?|unable|forbid\w*|gr[ae]y|no-?(?:more|next|link)|hid(?:e|den))(?![a-z])", re.IGNORECASE
)
_HERE = re.compile(r"(?<![a-z])(?:active|cur(?:rent)?|on|sel(?:ected)?|this|now)(?![a-z])", re.IGNORECASE)
_PAGER = re.compile(r"pag(?:e|ing|ination)|pgs?(?![a-z])|fanye|turn", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_DATA = re.compile(r"data-.*(?:page|pn|next|url|href|src|api|link|offset|cursor|load|id)", re.IGNORECASE)
"""Attributes from which a script knows what to load."""
_ORDINAL = re.compile(r"第\s*(\d{1,4})\s*页")
_TOTAL = re.compile(r"共\s*(?:有\s*)?(\d{1,4})\s*页|(\d{1,4})\s*页\s*(?:共|/)?\s*\d+\s*[条篇则]")
_COUNT_LINE = 100
"""Most characters of a line with the number of pages."""
_TITLED = re.compile(r"第\s*(\d{1,2})\s*[页頁]\s*[：:、.\s]\s*\S")
_WHOLE = re.compile(
    r"[\[【(（]?(?:(?:点击|点此|在)?(?:本页)?(?:阅读|查看|浏览|展开|显示))?(?:余下|剩余|其余|本页)?(?:全文|内容)[\]】)）>»›…\s]*|单页阅读|全文阅读"
)
_WHOLE_SUFFIX = re.compile(r"[_\-/.]?(?:all|full|whole|total|0|rest)/?", re.IGNORECASE)
_WHOLE_QUERY = re.compile(
    r"(?:^|&)(?:(?:page|p|show|view)=(?:all|full|whole|0)|(?:(?:show)?all|full(?:text)?|whole)=(?:1|true|y|yes|all))(?:&|$)"
)
_LEVELS = 3
_THIRD = 3
_CALL = re.compile(r"([A-Za-z_$][\w$]{0,60})\s*\(\s*([^()]{0,200})\)")
_PAGE_KEYS = frozenset({
    "page", "p", "pn", "pg", "pageno", "pageindex", "pagenum", "curpage", "currentpage", "paged", "pageid",
    "start",
})  # fmt: skip


def next_page(document: Document) -> str | None:
    """Return the URL of a list's next page, ``None`` on the last page."""
    for url in _candidates(document):
        if url is not None:
            return url if _differs(document, url) else None
    loaded = (_target(document, link) for link in document.links if _MORE.fullmatch(link.text))
    return next((url for url in loaded if url is not None and is_part_of(url, document.url)), None)


Unturned = Literal["more", "pages"]
"""``more``: a button that loads more entries; ``pages``: further pages."""


def unturned(document: Document, page: int) -> Unturned | None:
    """Return what a page without the address of a next page shows of one; ``None`` if nothing tells that there is one.

    Call it only if ``next_page`` finds none. On the last page many sites keep 下一页 without an address, so that alone
    tells nothing: a script with an argument, a form or an attribute for a script has to belong to it.

    :param page: number of the page in the walk, for pages that print only how many there are.
    """
    if (counted := _counted(document)) is not None:
        current, total = counted
        return "pages" if (current or page) < total else None
    if document.root is None:
        return None
    found = [(element, text) for element, text in _controls(document) if not _is_disabled(element)]
    if any(_NEXT.fullmatch(text) and _is_bound(element) for element, text in found) or _has_bound_numbers(found):
        return "pages"
    return "more" if any(_MORE.fullmatch(text) and _loads(element, text) for element, text in found) else None


def _counted(document: Document) -> tuple[int | None, int] | None:
    """Return the number of this page, ``None`` if it is not printed, and that of all pages; ``None`` without the latter."""
    for line in document.lines:
        if "页" not in line.text or line.length > _COUNT_LINE or line.hidden:
            continue
        if of := _OF.search(line.text):
            return int(of[1]), int(of[2])
        if total := _TOTAL.search(line.text):
            current = _ORDINAL.search(line.text)
            return int(current[1]) if current else None, int(total[1] or total[2])
    return None


def _controls(document: Document) -> Iterator[tuple[etree._Element, str]]:
    """Yield links and buttons with their text, and elements without either whose text is that of one."""
    if document.root is None:
        return
    for element in document.root.iter("a", "button", "input"):
        text = (element.get("value") or "") if element.tag == "input" else text_of(element)
        if (
            text
            and len(text) <= 2 * _LONGEST
            and (element.tag != "input" or element.get("type") in {"submit", "button"})
        ):
            yield element, text.strip()
    for line in document.lines:
        if not line.links and line.length <= 2 * _LONGEST and _MORE.fullmatch(line.text):
            yield line.region.element, line.text


def _is_disabled(element: etree._Element) -> bool:
    if element.get("disabled") is not None or element.get("aria-disabled") == "true":
        return True
    above, parent = [element], element.getparent()
    if parent is not None and parent.tag in {"li", "span"}:
        above.append(parent)
    if any(_DISABLED.search(each.get("class") or "") for each in above):
        return True
    return any(_HIDDEN.search(each.get("style") or "") for each in (element, *element.iterancestors()))


def _address(element: etree._Element) -> str | None:
    """Return the address of a link, ``None`` if it has none without a script."""
    href = (element.get("href") or "").strip()
    return href if href and not href.startswith("#") and not href.lower().startswith("javascript:") else None


def _is_bound(element: etree._Element) -> bool:
    """Return whether a form, a script with an argument, or an attribute for a script belongs to an element without an address."""
    if _address(element) is not None:
        return False
    if element.tag in {"button", "input"}:
        return True
    href = element.get("href") or ""
    script = element.get("onclick") or href
    call = _CALL.search(script.removeprefix("javascript:"))
    is_called = call is not None and call[1] not in {"void", "return", "if"} and bool(call[2].strip())
    return is_called or bool(re.search(r"^#.*\d", href)) or any(map(_DATA.match, map(str, element.keys())))


def _loads(element: etree._Element, text: str) -> bool:
    """Return whether an element loads more entries: 查看更多 with an address leads to another list."""
    return _address(element) is None or "加载" in text or "load" in text.lower()


def _has_bound_numbers(controls: list[tuple[etree._Element, str]]) -> bool:
    """Return whether a pager has numbers after that of this page, none with an address."""
    numbers = [
        (int(found[1]), element)
        for element, text in controls
        if (found := _NUMBER.fullmatch(text)) and element.tag != "input" and _is_in_pager(element)
    ]
    if any(_address(element) is not None for _, element in numbers):
        return False
    here = [number for number, element in numbers if _is_here(element)]
    current = max(here, default=1)
    return any(number > current and _is_bound(element) for number, element in numbers)


def _is_here(element: etree._Element) -> bool:
    parent = element.getparent()
    around = [element] if parent is None or parent.tag not in {"li", "span"} else [element, parent]
    return any(each.get("aria-current") or _HERE.search(each.get("class") or "") for each in around)


def _is_in_pager(element: etree._Element) -> bool:
    if "__doPostBack" in f"{element.get('href')} {element.get('onclick')}":
        return True
    above = list(element.iterancestors())[:_LEVELS]
    return any(_PAGER.search(f"{each.get('id') or ''} {each.get('class') or ''}") for each in above)


def next_part(document: Document) -> str | None:
    """Return the URL of an article's next page, which is this URL with a page number, or of its whole text; ``None`` without one."""
    for url in (*_candidates(document), *_titled(document)):
        if url is not None and (
            is_part_of(url, document.url) or _follows(document, url) or _counts_from_nought(document, url)
        ):
            return url
    return next((url for url in _wholes(document) if url is not None), None)


def _counts_from_nought(document: Document, url: str) -> bool:
    """Return whether the parts are numbered 7, 7_1, 7_2: `7_1` follows `7` if the page links to `7_2` too, or to no third page."""
    stem, first = _stem(document.url), _stem(url)
    if first != f"{stem}_1":
        return False
    if any(_stem(document.absolute(link.href) or "") == f"{stem}_2" for link in document.links):
        return True
    numbers = (found for link in document.links if (found := _NUMBER.fullmatch(link.text)))
    return all(int(number[1]) < _THIRD for number in numbers)


def _titled(document: Document) -> list[str | None]:
    """Return the URLs of the pages that a table of contents numbers, as in 第2页：屏幕, in order."""
    numbered = (
        (found, link) for link in document.links if link.text[:1] == "第" and (found := _TITLED.match(link.text))
    )
    return [_target(document, link) for _, link in sorted(numbered, key=lambda each: int(each[0][1]))]


def _is_whole(text: str) -> bool:
    return len(text) <= _LONGEST and ("文" in text or "容" in text or "单页" in text) and bool(_WHOLE.fullmatch(text))


def _wholes(document: Document) -> Iterator[str | None]:
    """Yield the linked URLs of the rest of the text, or of the whole, that differ from the page's own in that only."""
    ours = urlsplit(document.url)
    for link in document.links:
        if not _is_whole(link.text) or (url := _target(document, link)) is None or not _differs(document, url):
            continue
        theirs = urlsplit(url)
        rest = _stem(theirs.path).removeprefix(_stem(ours.path))
        if theirs.netloc != ours.netloc:
            continue
        if _WHOLE_QUERY.search(theirs.query) if theirs.path == ours.path else _WHOLE_SUFFIX.fullmatch(rest):
            yield url


def _follows(document: Document, url: str) -> bool:
    """Return whether `/7/3` follows `/7/2`: only if the page links to `/7` too, else it may be another article."""
    here, there = (re.fullmatch(r"(.*)/(\d{1,2})/?", part) for part in (document.url, url))
    if not (here and there and here[1] == there[1] and int(there[2]) == int(here[2]) + 1):
        return False
    return any((document.absolute(link.href) or "").rstrip("/") == here[1] for link in document.links)


def _candidates(document: Document) -> list[str | None]:
    short = [link for link in document.links if len(link.text) <= _LONGEST]
    marked = [url for link in short if _leads_on(link) and (url := _target(document, link)) is not None]
    head = _of_head(document)
    return [*marked, *head] if marked else [*head, *_numbered(document, short)]


def _leads_on(link: Link) -> bool:
    text = link.text
    if (text[:1] in _NEXT_BEGINS and _NEXT.fullmatch(text)) or _is_related(link.element):
        return True
    if len(text) > _ICON or text.isalnum():
        return False
    title = (link.element.get("title") or "").strip()
    return bool((title and _NEXT.fullmatch(title)) or _is_pager_arrow(link) or _hints_next(link))


def _is_related(element: etree._Element) -> bool:
    rel = element.get("rel")
    return rel is not None and "next" in rel.lower().split()


def _is_pager_arrow(link: Link) -> bool:
    """Return whether a link is an arrow among page numbers; other arrows mean "more"."""
    if not _ARROW.fullmatch(link.text):
        return False
    pager = link.element.getparent()
    if pager is not None and pager.tag in {"li", "span"}:
        pager = pager.getparent()
    return pager is not None and bool(re.search(r"(?<!\d)\d{1,3}(?!\d)", text_of(pager)[:200]))


def _hints_next(link: Link) -> bool:
    parent = link.element.getparent()
    classes = [link.element.get("class"), parent.get("class") if parent is not None else None]
    return any(name and "xt" in name.lower() and _NEXT_CLASS.search(name) for name in classes)


def _of_head(document: Document) -> list[str | None]:
    return [document.absolute(element.get("href")) for element in document.head["link"] if _is_related(element)]


def _numbered(document: Document, links: list[Link]) -> list[str | None]:
    """Return the URLs of the page numbers after the current one."""
    numbers: dict[int, Link] = {}
    for link in links:
        if not link.text.isalpha() and (found := _NUMBER.fullmatch(link.text)) and not link.href.startswith("#"):
            numbers.setdefault(int(found[1]), link)
    following = (numbers[current + 1] for current in _current(document, numbers) if current + 1 in numbers)
    return [_target(document, link) for link in following]


def _current(document: Document, numbers: dict[int, Link]) -> list[int]:
    """Return the current page number, from `2/9`, or the numbers without a link; there may be several."""
    lines = {link.start for link in numbers.values()}
    around = range(max(min(lines, default=1) - 1, 0), min(max(lines, default=-2) + 2, len(document.lines)))
    for index in around:
        line = document.lines[index]
        if (index in lines or "页" in line.text) and (found := _OF.search(line.text)):
            return [int(found[1])]
    linked = {number for number, link in numbers.items() if _differs(document, _target(document, link) or "")}
    runs = (_NUMBER.fullmatch(run.strip()) for index in around for run in document.lines[index].runs)
    return [number for run in runs if run and (number := int(run[1])) not in linked]


def _target(document: Document, link: Link) -> str | None:
    if link.href.lower().startswith("javascript:") or link.href in {"", "#"}:
        script = link.element.get("onclick") or link.href
        return _scripted(document, script) or None
    return document.absolute(link.href)


def _scripted(document: Document, script: str) -> str | None:
    """Return the location that a call such as ``toPage(2)`` sets, if an inline function concatenates plain strings."""
    if (plain := _location(script, {})) is not None:
        return document.absolute(plain)
    call = _CALL.search(script.removeprefix("javascript:"))
    if call is None:
        return None
    function = re.search(
        rf"function\s+{re.escape(call[1])}\s*\(([^()]{{0,200}})\)\s*\{{([^{{}}]{{0,2000}})\}}", document.text
    )
    if function is None:
        return None
    names = [name.strip() for name in function[1].split(",")]
    values = [value.strip().strip("'\"") for value in call[2].split(",")]
    return document.absolute(_location(function[2], dict(zip(names, values, strict=False))))


def _location(code: str, variables: dict[str, str]) -> str | None:
    """Return the value assigned to ``location``, ``None`` if it is not a concatenation of literals and ``variables``.

    >>> _location("location.href = '/list_' + n + '.html';", {"n": "2"})
    '/list_2.html'
    """
    found = re.search(r"location(?:\.href)?\s*=\s*([^;=][^;]{0,300})", code)
    if found is None:
        return None
    address = ""
    for term in found[1].strip().split("+"):
        literal = re.fullmatch(r"\s*(?:'([^']*)'|\"([^\"]*)\")\s*", term)
        if literal:
            address += literal[1] or literal[2] or ""
        elif (name := term.strip()) in variables:
            address += variables[name]
        else:
            return None
    return address or None


def _differs(document: Document, url: str) -> bool:
    return url.partition("#")[0] != document.url.partition("#")[0]


def is_part_of(url: str, first: str) -> bool:
    """Return whether a URL is a further page of the article at the URL ``first``.

    >>> is_part_of("http://e.cn/a/7_2.html", "http://e.cn/a/7.html"), is_part_of("http://e.cn/a/8.html", "http://e.cn/a/7.html")
    (True, False)
    >>> is_part_of("http://e.cn/a/7_3.html", "http://e.cn/a/7_2.html"), is_part_of("http://e.cn/7?page=2", "http://e.cn/7")
    (True, True)
    >>> is_part_of("http://e.cn/7?p=" + "2" * 5000, "http://e.cn/7")
    False
    """
    ours, theirs = urlsplit(first), urlsplit(url)
    if ours.netloc != theirs.netloc:
        return False
    if ours.path == theirs.path:
        return _page_parameter(theirs.query) > max(_page_parameter(ours.query), 1) and _others(ours.query) == _others(
            theirs.query
        )
    stem, rest = _stem(ours.path), _stem(theirs.path)
    if rest.startswith(stem):
        return bool(re.fullmatch(r"[_\-/.]?(?:p|page)?[_\-/]?(?!0*1$)\d{1,3}", rest[len(stem) :]))
    here, there = (re.fullmatch(r"(.*[_\-/](?:p|page)?)(\d{1,2})", path) for path in (stem, rest))
    return bool(here and there and here[1] == there[1] and int(there[2]) == int(here[2]) + 1 and here[1][-1] != "/")


def _stem(path: str) -> str:
    return re.sub(r"\.(?:s?html?|aspx?|php|jspx?)$", "", path)


def _page_parameter(query: str) -> int:
    return max(
        (int(value) for key, value in parse_qsl(query) if key.lower() in _PAGE_KEYS and _PAGE_NUMBER.fullmatch(value)),
        default=0,
    )


def _others(query: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in parse_qsl(query) if key.lower() not in _PAGE_KEYS]
