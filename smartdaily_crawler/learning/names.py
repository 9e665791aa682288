"""Tell handwritten ids and classes from generated ones, which differ between pages."""

from __future__ import annotations

import re

from lxml import etree

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_LONGEST_NUMBER = 2
_CAMELS, _MEAN_WORD = 3, 3
"""With at least ``_CAMELS`` words in a name, their mean length must be at least ``_MEAN_WORD``."""
_GENERATED = re.compile(r"^(?:css|jsx?|jss|emotion|svelte|data-v|ng|ember|react|radix)-?_?[a-z]*\d|^sc-|__[A-Za-z0-9]*\d[A-Za-z0-9]*$", re.IGNORECASE)  # fmt: skip
# Classes of state, position and layout.
_STATE = re.compile(
    r"(?:on|off|active|current|cur|selected|hover|open|opened|closed|show|hide|hidden|first|last|odd|even|alt|new|hot"
    r"|clear|clearfix|cf|cl|fl|fr|fix|left|right|center|row|col|grid|flex|block|inline|text-\w+|font-\w+|w-?\d+|h-?\d+|m[tblr]?-?\d+|p[tblr]?-?\d+|f\d+|lh\d+)",
    re.IGNORECASE,
)


def is_lasting(name: str) -> bool:
    """Return whether an id or class looks handwritten and describes the element's content.

    >>> [name for name in ("article-title", "rm_txt_con", "news_bt1", "css-1x2y3z", "a8Xk2q", "post-80412", "active") if is_lasting(name)]
    ['article-title', 'rm_txt_con', 'news_bt1']
    """
    if not _IDENTIFIER.fullmatch(name) or _STATE.fullmatch(name) or _GENERATED.search(name):
        return False
    return all(_is_word(part) for part in re.split(r"[_-]+", name) if part)


def _is_word(part: str) -> bool:
    """Return whether a part is words, with at most one short number at the end; a hash has digits and capitals anywhere."""
    words = _WORD.findall(part)
    letters = [word for word in words if not word.isdigit()]
    numbers = [word for word in words if word.isdigit()]
    if numbers and (len(numbers) > 1 or len(numbers[0]) > _LONGEST_NUMBER or words[-1] is not numbers[0]):
        return False
    return len(letters) < _CAMELS or sum(map(len, letters)) >= _MEAN_WORD * len(letters)


def classes(element: etree._Element) -> list[str]:
    """Return the lasting classes of an element, in order."""
    return [name for name in (element.get("class") or "").split() if is_lasting(name)]


def identity(element: etree._Element) -> str | None:
    """Return the id of an element, ``None`` without a lasting one."""
    name = element.get("id")
    return name if name and is_lasting(name) else None
