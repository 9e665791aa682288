"""Similarity of two bodies: the share of common runs of five characters, and a short signature that estimates it.

One-permutation MinHash: every run is hashed once, its hash chooses one of ``VALUES`` bins, and the smallest hash of a
bin is a value of the signature. Four values make a band; bodies that share a band are compared. With 24 bands a copy
at a similarity of 0.6 shares one 27 times in 28, an unrelated body at 0.05 once in 6,600.

Measured 2026-11-24 on bodies of 400 characters: 0.2 ms a signature; datasketch 2.0.0 takes 0.4 ms and brings 216 MB of
numpy and scipy.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache
from operator import eq

RUN = 5
SHORTEST = 200
"""Letters. Unrelated news flashes below it reach a similarity of 0.42, so only equal ones are duplicates."""
BANDS, BAND_VALUES = 24, 4
VALUES = BANDS * BAND_VALUES
GOLDEN = 0x9E3779B1
PUNCTUATION = re.compile(r"[\W_]+")
MOST_MARKS = 30
"""Combining characters in a row, as in Unicode's stream-safe text format: normalisation sorts them in quadratic time."""
_NO_LETTERS = re.compile(rf"[^\w\s]{{{MOST_MARKS + 1},}}")
_WIDE = {char: unicodedata.normalize("NFKC", char) for char in "，：；？！（）…\u3000\xa0"}
"""Characters of nearly every Chinese text that normalisation replaces."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The stored form: a change of the algorithm needs a migration that queues every text again."""

    bands: list[int]
    """``BANDS`` signed 32-bit hashes, each of the band's number and its values."""
    values: bytes
    """The lowest 8 bits of each of ``VALUES`` values."""


def has_heap(text: str) -> bool:
    """Return whether more than ``MOST_MARKS`` combining characters stand in a row.

    >>> has_heap("早报" + "\u0301" * 30), has_heap("早报" + "\u0f73" * 31), has_heap("—" * 99)
    (False, True, False)
    """
    return any(_is_heap(run[0]) for run in _NO_LETTERS.finditer(text))


def _is_heap(run: str) -> bool:
    marks = ("x" if _is_mark(char) else " " for char in run)
    return "x" * (MOST_MARKS + 1) in "".join(marks)


@lru_cache(4096)
def _is_mark(char: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFKD", char)[-1]) > 0


def normalise(text: str) -> str:
    """Return the text normalised in width and case: in Unicode's form NFKC, and in lower case.

    >>> normalise("ＧＰＵ，10％…")
    'gpu,10%...'
    """
    # A text that is in this form is known to be at once: without these characters most are, and take a twentieth of the time.
    for wide, replaced in _WIDE.items():
        text = text.replace(wide, replaced)
    return unicodedata.normalize("NFKC", text).lower()


def letters(body: str) -> str:
    """Return the letters and digits of a body, normalised in width and case.

    >>> letters("ＧＰＵ 涨价了，\\n\\n 10 %。")
    'gpu涨价了10'
    """
    body = _NO_LETTERS.sub(lambda run: "" if _is_heap(run[0]) else run[0], body)
    return PUNCTUATION.sub("", normalise(body))


def runs(body: str) -> set[str]:
    """Return all runs of ``RUN`` letters in a body.

    >>> sorted(runs("一二三，四五六"))
    ['一二三四五', '二三四五六']
    """
    text = letters(body)
    return {text[start : start + RUN] for start in range(len(text) - RUN + 1)}


def similarity(one: set[str], other: set[str]) -> float:
    """Return the Jaccard similarity of two sets of runs; 0 where both are empty.

    >>> similarity({"a", "b"}, {"b", "c"}), similarity(set(), set())
    (0.3333333333333333, 0.0)
    """
    both = len(one & other)
    either = len(one) + len(other) - both
    return both / either if either else 0.0


def sign(body: str | None) -> Signature | None:
    """Return the signature of a body; ``None`` for one that is too short to be compared."""
    text = letters(body or "")
    if len(text) < SHORTEST:
        return None
    values = struct.pack(f"<{VALUES}I", *_values(text))
    size = len(values) // BANDS
    return Signature(
        bands=[_signed(zlib.crc32(values[at : at + size], at)) for at in range(0, len(values), size)],
        values=values[:: size // BAND_VALUES],
    )


def estimate(one: bytes, other: bytes) -> float:
    """Estimate the similarity of two bodies from their signatures' values; the standard deviation is 0.05.

    >>> estimate(b"abcd", b"abxy")
    0.5
    """
    return float(sum(map(eq, one, other)) / len(one))


def _values(text: str) -> list[int]:
    """Return the smallest hash of each bin; an empty bin takes the next filled one's, shifted by their distance."""
    data = text.encode("utf-32-le")
    hashes = {zlib.crc32(data[at : at + 4 * RUN]) for at in range(0, len(data) - 4 * (RUN - 1), 4)}
    smallest = {value % VALUES: value for value in sorted(hashes, reverse=True)}
    nearest, distance = smallest[min(smallest)], 0
    values = [0] * VALUES
    for index in reversed(range(VALUES)):
        if index in smallest:
            nearest, distance = smallest[index], 0
        else:
            distance += 1
        values[index] = (nearest + distance * GOLDEN) & 0xFFFFFFFF
    return values


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value
