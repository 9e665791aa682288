"""Find standalone dates: dates of list entries, not those mentioned in their sentences."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from smartdaily_crawler.parsing import dates
from smartdaily_crawler.parsing.script import Pattern
from smartdaily_crawler.parsing.vocabulary import WORDS

BOUNDARY = "\x1f"
"""Separator of the text nodes of a line; ``\\s`` matches it."""
_BARS = f" \t\r\n\xa0\u3000|丨｜·•/-—{BOUNDARY}"
_OPEN, _CLOSE = f"{_BARS}[(（【<:：", f"{_BARS}])）】>"
_STRONG = re.compile(f"[|丨｜·•\\t\\n\u3000{BOUNDARY}]|\\s\\s")
_PROSE = re.compile("[，。！？；…]|,(?!\\d)")
_ASIDE = 20
"""Maximum length, in characters, of text beside a date that may be a section, an outlet or a counter."""
_LABELLED, _LABEL = Pattern(f"(?:{WORDS})$"), Pattern(WORDS)
_RUNS_ON = re.compile("[，,、于在至到从自与和及]$|截至$")
_GOES_ON = re.compile("[，,。；、的起至到前后在]|[上下中]午|晚|凌晨|早|消息")
_HAN = re.compile("[\u4e00-\u9fff]")


class _Side(NamedTuple):
    """The text on one side of a date."""

    text: str
    gap: str
    """Separators between text and date."""
    labelled: bool
    """Whether a label is next to the date."""
    continued: bool
    """Whether text and date are parts of one sentence."""

    @property
    def is_prose(self) -> bool:
        return len(self.text) > _ASIDE or bool(_PROSE.search(self.text))


# Cached: the pages of a site have the same teasers.
@lru_cache(maxsize=4096)
def span_of(text: str) -> tuple[int, int] | None:
    """Return start and end of the first standalone date, ``None`` without one.

    A date is standalone if there is no other text, or it is clearly separated from the text.

    >>> [span_of(text) for text in ("2026-03-06", "新机亮相… 2026-03-06", "3月4日下午,两家公司…")]
    [(0, 10), (6, 16), None]
    """
    for start, end in dates.spans(text):
        if _stands(text, start, end):
            return start, end
    return None


def without(text: str, span: tuple[int, int]) -> str:
    """Return the text without the date at a span, and without the brackets and bars around it.

    >>> without("新机亮相… [2026-03-06]", (7, 17))
    '新机亮相…'
    """
    return f"{text[: span[0]].rstrip(_OPEN)} {text[span[1] :].lstrip(_CLOSE)}".strip()


def _stands(text: str, start: int, end: int) -> bool:
    before, after = _before(text[:start]), _after(text[end:])
    numeric = not _HAN.search(text[start:end])
    if before.continued or after.continued:
        return False
    if not before.text or not after.text:
        return _is_parted(before, numeric=numeric) and _is_parted(after, numeric=numeric)
    if before.is_prose and after.is_prose:
        return False
    return all(side.labelled or _STRONG.search(side.gap) for side in (before, after))


def _before(text: str) -> _Side:
    rest = text.rstrip(_OPEN)
    labelled = bool(_LABELLED.search(rest[-8:]))
    return _Side(rest.strip(), text[len(rest) :], labelled, not labelled and bool(_RUNS_ON.search(rest[-2:])))


def _after(text: str) -> _Side:
    rest = text.lstrip(_CLOSE)
    return _Side(rest.strip(), text[: len(text) - len(rest)], bool(_LABEL.match(rest)), bool(_GOES_ON.match(rest)))


def _is_parted(side: _Side, *, numeric: bool) -> bool:
    """Return whether a date is separated from a text.

    A space is enough only for a numeric date: 3月4日 after a space may begin a sentence.
    """
    if not side.text or side.labelled or _STRONG.search(side.gap):
        return True
    ended = side.text[-1] in "。！？…." and bool(side.gap)
    return bool(side.gap.strip()) or ended or (numeric and bool(side.gap))
