"""Compare titles: that of a page's head, those of its lines, and those by which lists lead to it.

Sites put flags before a title, and sections and their own names behind it, and punctuate it otherwise in each place.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SHORTEST = 4
TELLING = 8
"""Least characters of a match that is no coincidence."""
_FLAG_LENGTH = 8
_NOISE = re.compile(r"[\s“”\"'‘’「」『』,，.。:：!！?？·•|_\-—–…~～()（）\[\]【】]+")
_NO_LETTERS = frozenset(
    "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f \x85\xa0\u3000“”\"'‘’「」『』,，.。:：!！?？·•|_-—–…~～()（）[]【】"
)
"""Characters of ``_NOISE``."""
_SEPARATOR = re.compile(
    r"\s*[_|｜丨]\s*|\s*[-–—]{2,}\s*|\s+[-–—]\s*|[-–—]\s+|[-–—](?=[^-–—]{2,16}$)|\s*(?:«|»|<<|>>|>)\s*"
)
_FLAG = re.compile(r"^(?:原创|转载|独家|组图|视频|图文|快讯|置顶)[:：\s]*")
_SECTION = re.compile(r"\s*[\[【(（][^\]】)）]{1,8}[\]】)）]$")
_FLAG_BEGINS = frozenset("原转独组视图快置")


class Wanted(NamedTuple):
    """A title in the page's head."""

    title: str
    bare: str
    """Without punctuation, which often differs between head and page."""
    stem: str
    """As ``bare``, up to an ellipsis."""
    core: str
    """As ``bare``, without the names of site and sections."""

    @classmethod
    def of(cls, title: str) -> Wanted:
        """Return the forms of a title to be compared.

        >>> Wanted.of("新机“曝光”…_智能日报")
        Wanted(title='新机“曝光”…_智能日报', bare='新机曝光智能日报', stem='新机曝光', core='新机曝光')
        """
        stem = re.split(r"…|\.\.\.", title)[0]
        return cls(title, *(letters_of(text) for text in (title, stem, strip_suffix(title))))


class Letters:
    """The letters of titles, to pass over lines that match none: comparing them is slow."""

    def __init__(self, wanted: list[Wanted]) -> None:
        self.all = frozenset("".join(title.bare for title in wanted))
        self.own = self.all | _NO_LETTERS
        parts = {part for title in wanted for part in (title.stem, title.core) if part}
        # What has all letters of a longer part has those of a shorter one.
        self.parts = [part for part in parts if not any(set(other) < set(part) for other in parts)]

    def may_match(self, text: str, *, is_heading: bool) -> bool:
        """Return whether all letters of a line are a title's, or the other way round; a heading or a flag may have more."""
        if is_heading or text[0] in _FLAG_BEGINS:
            return not self.all.isdisjoint(text)
        if self.own.issuperset(text):
            return True
        # Most lines lack the first letter.
        return any(part[0] in text and set(part).issubset(text) for part in self.parts)


def letters_of(text: str) -> str:
    """Return a text without blanks and punctuation."""
    return _NOISE.sub("", text)


def unflagged(text: str) -> str:
    """Return a text without a flag before it."""
    return _FLAG.sub("", text) if text[:1] in _FLAG_BEGINS else text


def likeness(text: str, wanted: list[Wanted]) -> float:
    """Return how well a text matches one of the titles, site names aside; 0 for no match.

    >>> wanted = [Wanted.of("智能日报发布新版_业界资讯")]
    >>> likeness("智能日报发布新版", wanted) > likeness("业界资讯", wanted)
    True
    """
    line = letters_of(text)
    return max((_match_one(line, title) for title in wanted), default=0) if len(line) >= SHORTEST else 0


def _match_one(line: str, title: Wanted) -> float:
    bare, stem = title.bare, title.stem
    if bare == line:
        return 4
    if bare.startswith(line):
        return 3 if len(line) >= TELLING or len(line) * 2 > len(bare) else 1
    if len(bare) >= TELLING and bare in line and len(line) - len(bare) <= _FLAG_LENGTH:
        return 2.5
    if len(stem) >= TELLING and line.startswith(stem):
        return 2.5
    if len(line) >= TELLING and line in bare:
        return 2
    return 2 if len(title.core) >= TELLING and line.startswith(title.core) else 0


def without_section(text: str) -> str:
    """Return a text without a section in brackets behind it."""
    return _SECTION.sub("", text)


def parts_of(title: str) -> list[str]:
    """Return a title's parts between separators: title, sections and site."""
    return [part.strip() for part in _SEPARATOR.split(title)]


def strip_suffix(title: str) -> str:
    """Return a title element's text without the names of site and sections.

    >>> strip_suffix("新款 Wi-Fi 7 手机发布_业界资讯_智能日报"), strip_suffix("手机发布 - 智能日报"), strip_suffix("手机 | 发布")
    ('新款 Wi-Fi 7 手机发布', '手机发布', '手机 | 发布')
    >>> strip_suffix("发布_智能日报")  # an underscore always separates
    '发布'
    """
    title = title.strip()
    first = next((part for part in _SEPARATOR.split(title) if part), "").strip()
    return first if len(first) >= SHORTEST or title.startswith(f"{first}_") else title
