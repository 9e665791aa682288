"""Detect app shells: pages with an empty container for their content and a script that fills it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.layout import Region

_OPENING = re.compile(r"<script\b([^>]{0,2000})>", re.IGNORECASE)
_CLOSING = re.compile(r"</script", re.IGNORECASE)
_WORD = re.compile(r"[\w-]+")
_SRC = re.compile(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
# Some script elements hold data: JSON-LD, templates.
_NO_SCRIPT = re.compile(r"\btype\s*=\s*[\"']?(?![\"']|text/javascript|module|application/javascript)", re.IGNORECASE)
_COUNTERS = re.compile(
    r"google|gtag|/hm\.js|baidu|cnzz|umeng|analytics|/count|stat[s.]|track|beacon|adsbygoogle|jquery|share",
    re.IGNORECASE,
)
"""Scripts of counters, ads and libraries, which do not build pages."""
_PLACEHOLDER = re.compile(r"(?:正在|努力|数据|内容|页面)*(?:加载|载入|读取)中?[.…。]*|loading[.…]*", re.IGNORECASE)
_FILLED = frozenset({"div", "section", "main", "article", "ul", "ol", "tbody", "table"})
_HOLDS = ("a", "img", "iframe", "video", "audio", "canvas", "svg", "form", "input", "object", "embed")
_ASIDE = re.compile(
    r"(?<![a-z])(?:ads?|adv\w*|banner|share|qr\w*|comment\w*|reply|toast|modal|dialog|mask|popup|pop|totop|gotop|toolbar|"
    r"float\w*|clear\w*|side\w*|aside|foot\w*|head\w*|top|nav\w*|menu|line|hr|blank|space\w*|rank\w*|hot\w*|relat\w*|"
    r"recommend\w*|login|search|player|swiper\w*|slide\w*)(?![a-z])",
    re.IGNORECASE,
)
"""Ids and classes of containers that stay empty, or do not hold the main content."""
_ROOT = re.compile(r"(?<![a-z])(?:app|root|__next|__nuxt|__layout|q-app|mount|react\w*|vue\w*)(?![a-z])", re.IGNORECASE)
_MAIN = re.compile(
    r"main|content|list|article|news|detail|body|wrap|container|feed|stream|post|view|page|data|items?", re.IGNORECASE
)


def is_shell(document: Document) -> bool:
    """Return whether a page has an empty container that a script fills.

    Call it only for pages without a list or a body: most pages have some empty container. It counts if an inline script
    contains its id or class; or if the page has a script of its own and the container has a ``data-…`` attribute, a
    placeholder such as 加载中, or an id or class of main content.
    """
    named, brings_own = _scripts(document.text)
    if not named and not brings_own:
        return False
    return any(_awaits(region, named, brings_own=brings_own) for region in _empty_places(document))


def _awaits(region: Region, named: set[str], *, brings_own: bool) -> bool:
    element = region.element
    names = [name for name in (element.get("id"), *(element.get("class") or "").split()) if name]
    if any(map(_ASIDE.search, names)):
        return False
    if not named.isdisjoint(names):
        return True
    if not brings_own:
        return False
    is_filled = region.start < region.end or any(
        key.startswith(("data-", "v-", "ng-", ":")) for key in map(str, element.keys())
    )
    return is_filled or any(_ROOT.search(name) or _MAIN.search(name) for name in names)


def _empty_places(document: Document) -> Iterator[Region]:
    """Yield visible regions without text, or with a placeholder only."""
    for region in document.regions:
        lines = document.lines[region.start : region.end]
        if (
            region.tag in _FILLED
            and all(_PLACEHOLDER.fullmatch(line.text) for line in lines)
            and not region.hidden
            and next(region.element.iter(*_HOLDS), None) is None
        ):
            yield region


def _scripts(text: str) -> tuple[set[str], bool]:
    """Return the words of the inline scripts, and whether the page loads a script besides counters and libraries."""
    named: set[str] = set()
    brings_own, at = False, 0
    while opening := _OPENING.search(text, at):
        closing = _CLOSING.search(text, opening.end())
        at = closing.end() if closing else len(text)
        if _NO_SCRIPT.search(opening[1]):
            continue
        if src := _SRC.search(opening[1]):
            brings_own = brings_own or not _COUNTERS.search(src[1])
        else:
            named.update(_WORD.findall(text, opening.end(), closing.start() if closing else at))
    return named, brings_own
