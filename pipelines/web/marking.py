"""Split a text into parts that are marked and parts that are not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

Part = tuple[str, bool]
"""A part of the text, and whether it is marked."""


def found_words(text: str, query: str) -> list[Part]:
    """Mark the words of a query in a text, as ``api.search`` finds them: in any case and width.

    >>> found_words("ＮＯＲＶＩＡ的芯片", "芯片 norvia")
    [('ＮＯＲＶＩＡ', True), ('的', False), ('芯片', True)]
    >>> found_words("<b>", "片")
    [('<b>', False)]
    """
    plain, places = "", []
    for at, letter in enumerate(text):
        normal = _plain(letter)
        plain += normal
        places += [at] * len(normal)
    spans = []
    for word in set(_plain(query).split()):
        start = plain.find(word)
        while start >= 0:
            spans.append((places[start], places[start + len(word) - 1] + 1))
            start = plain.find(word, start + len(word))
    return parts(text, spans)


def parts(text: str, spans: Iterable[tuple[int, int]]) -> list[Part]:
    """Return the text in parts, those within the spans marked; spans may overlap.

    >>> parts("售价4299元", [(2, 4), (3, 6)])
    [('售价', False), ('4299', True), ('元', False)]
    """
    found: list[Part] = []
    done = 0
    for start, end in _merged(spans):
        found += [(text[done:start], False)] * (start > done)
        found.append((text[start:end], True))
        done = end
    return [*found, (text[done:], False)] if text[done:] else found


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
