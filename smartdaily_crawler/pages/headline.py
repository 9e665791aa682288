"""Find an article's title: the line that matches the page's title element, else the heading above the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.layout import Line
from smartdaily_crawler.pages.reading import ExtractedValue

_SHORTEST = 4
_LONGEST = 120
_TELLING = 8
"""Least characters of a match that is no coincidence."""
_FLAG_LENGTH = 8
_NOISE = re.compile(r"[\s“”\"'‘’「」『』,，.。:：!！?？·•|_\-—–…~～()（）\[\]【】]+")
_SEPARATOR = re.compile(
    r"\s*[_|｜丨]\s*|\s*[-–—]{2,}\s*|\s+[-–—]\s*|[-–—]\s+|[-–—](?=[^-–—]{2,16}$)|\s*(?:«|»|<<|>>|>)\s*"
)
_FLAG = re.compile(r"^(?:原创|转载|独家|组图|视频|图文|快讯|置顶)[:：\s]*")
_FLAG_BEGINS = frozenset("原转独组视图快置")


class Headline(NamedTuple):
    """A title and its place."""

    title: ExtractedValue | None
    line: int | None
    """Index of its line; ``None`` if only the page's head has it."""


def find(document: Document) -> Headline:
    """Return the line that matches the head's titles best, else the text of the title element, else nothing."""
    wanted = _wanted(document)
    letters = frozenset("".join(title.bare for title in wanted))
    scored = [
        (score, -index)
        for index, line in enumerate(document.lines)
        if _SHORTEST <= line.length <= _LONGEST
        and not letters.isdisjoint(line.text[:_FLAG_LENGTH])
        and (score := _score(line, index, wanted)) > 0
    ]
    if scored:
        index = -max(scored)[1]
        return Headline(ExtractedValue(_text(document.lines[index], wanted), "structure"), index)
    return Headline(ExtractedValue(strip_suffix(wanted[0].title), "meta") if wanted else None, None)


def _wanted(document: Document) -> list[_Wanted]:
    return [_Wanted.of(text) for text in dict.fromkeys((document.meta("og:title"), document.title)) if text]


class _Wanted(NamedTuple):
    """A title in the page's head."""

    title: str
    bare: str
    """Without punctuation, which often differs between head and page."""
    stem: str
    """As ``bare``, up to an ellipsis."""

    @classmethod
    def of(cls, title: str) -> _Wanted:
        """Return the forms of a title to be compared.

        >>> _Wanted.of("新机“曝光”…_智能日报")
        _Wanted(title='新机“曝光”…_智能日报', bare='新机曝光智能日报', stem='新机曝光')
        """
        return cls(title, _NOISE.sub("", title), _NOISE.sub("", re.split(r"…|\.\.\.", title)[0]))


def is_sound(document: Document, index: int) -> bool:
    """Return whether a line can be the title: it matches the head, or is a heading that is no part of the head's title."""
    line = document.lines[index]
    wanted, bare = _wanted(document), _NOISE.sub("", line.text)
    if len(bare) < _SHORTEST or line.length > _LONGEST:
        return False
    return _match(line.text, wanted) > 0 or (line.heading > 0 and not any(bare in title.bare for title in wanted))


def _score(line: Line, index: int, wanted: list[_Wanted]) -> float:
    match = _match(_unflagged(line.text), wanted)
    if not match and line.heading:  # the line may contain a widget
        match = max((_match(node, wanted) for node in _nodes(line)), default=0)
    if not match:
        return 0
    heading = {0: 0.0, 1: 1.5, 2: 1.2, 3: 1.0}.get(line.heading, 0.6)
    linked = 1.5 if line.is_linked and not line.heading else 0
    return match + heading - linked - line.hidden * 1.0 - min(index, 500) / 2000


def _unflagged(text: str) -> str:
    return _FLAG.sub("", text) if text[:1] in _FLAG_BEGINS else text


def _match(text: str, wanted: list[_Wanted]) -> float:
    """Return how well a text matches one of the titles, site names aside; 0 for no match.

    >>> wanted = [_Wanted.of("智能日报发布新版_业界资讯")]
    >>> _match("智能日报发布新版", wanted) > _match("业界资讯", wanted)
    True
    """
    line = _NOISE.sub("", text)
    return (
        max((_match_one(line, title.bare, title.stem) for title in wanted), default=0) if len(line) >= _SHORTEST else 0
    )


def _match_one(line: str, bare: str, stem: str) -> float:
    if bare == line:
        return 4
    if bare.startswith(line):
        return 3 if len(line) >= _TELLING or len(line) * 2 > len(bare) else 1
    if len(bare) >= _TELLING and bare in line and len(line) - len(bare) <= _FLAG_LENGTH:
        return 2.5
    if len(stem) >= _TELLING and line.startswith(stem):
        return 2.5
    return 2 if len(line) >= _TELLING and line in bare else 0


def _text(line: Line, wanted: list[_Wanted]) -> str:
    """Return the text of the line, or of its node that is the title, without a flag beside it."""
    text = line.text
    for node in _nodes(line):
        if _match(node, wanted) > _match(text, wanted):
            return node
    bare = _unflagged(text)
    return bare if bare != text and _match(bare, wanted) > _match(text, wanted) else text


def _nodes(line: Line) -> list[str]:
    """Return the nodes with most of a line's text, if it has several: the title beside a flag or a widget."""
    nodes = [" ".join(run.split()) for run in line.runs] if len(line.runs) > 1 else []
    return [node for node in nodes if len(node) * 3 >= len(line.text) * 2]


def strip_suffix(title: str) -> str:
    """Return a title element's text without the names of site and sections.

    >>> strip_suffix("新款 Wi-Fi 7 手机发布_业界资讯_智能日报"), strip_suffix("手机发布 - 智能日报"), strip_suffix("手机 | 发布")
    ('新款 Wi-Fi 7 手机发布', '手机发布', '手机 | 发布')
    >>> strip_suffix("发布_智能日报")  # an underscore always separates
    '发布'
    """
    title = title.strip()
    first = next((part for part in _SEPARATOR.split(title) if part), "").strip()
    return first if len(first) >= _SHORTEST or title.startswith(f"{first}_") else title
