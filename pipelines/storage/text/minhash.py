"""How alike two bodies are: the share of common runs of five characters, and a short signature that estimates it.

One-permutation MinHash: every run is hashed once, its hash chooses one of ``VALUES`` bins, and the smallest hash of a
bin is a value of the signature. Four values make a band; bodies that share a band are worth a closer look. With 24
bands a copy at a similarity of 0.6 is met 27 times in 28, a stranger at 0.05 once in 6,600.

Measured 2026-11-24 on bodies of 400 characters: 0.2 ms a signature; datasketch 2.0.0 takes 0.4 ms and brings 216 MB of
numpy and scipy.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from dataclasses import dataclass
from operator import eq

RUN = 5
SHORTEST = 200
"""Characters. Unrelated flashes below it reach a similarity of 0.42: they are the same only where they are equal."""
BANDS, BAND_VALUES = 24, 4
VALUES = BANDS * BAND_VALUES
GOLDEN = 0x9E3779B1
PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Signature:
    """Kept in the database: another way of making it needs a migration that queues every text again."""

    bands: list[int]
    """``BANDS`` signed 32-bit hashes, each of its number and of its values."""
    values: bytes
    """The lowest 8 bits of each value."""


def letters(body: str) -> str:
    """What counts in a body: its letters and digits, whatever their width and case.

    >>> letters("ＧＰＵ 涨价了，\\n\\n 10 %。")
    'gpu涨价了10'
    """
    return PUNCTUATION.sub("", unicodedata.normalize("NFKC", body)).lower()


def runs(body: str) -> set[str]:
    """
    >>> sorted(runs("一二三，四五六"))
    ['一二三四五', '二三四五六']
    """
    text = letters(body)
    return {text[start : start + RUN] for start in range(len(text) - RUN + 1)}


def similarity(one: set[str], other: set[str]) -> float:
    """Jaccard's: the runs that both have among those that either has.

    >>> similarity({"a", "b"}, {"b", "c"}), similarity(set(), set())
    (0.3333333333333333, 0.0)
    """
    either = len(one | other)
    return len(one & other) / either if either else 0.0


def sign(body: str | None) -> Signature | None:
    """``None`` for a body that is too short to be compared."""
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
    """The similarity that two signatures' values tell of, with a deviation of 0.05.

    >>> estimate(b"abcd", b"abxy")
    0.5
    """
    return float(sum(map(eq, one, other)) / len(one))


def _values(text: str) -> list[int]:
    """The smallest hash of each bin; an empty bin borrows from the next one that is not."""
    data = text.encode("utf-32-le")
    hashes = {zlib.crc32(data[at : at + 4 * RUN]) for at in range(0, len(data) - 4 * (RUN - 1), 4)}
    smallest = {value % VALUES: value for value in sorted(hashes, reverse=True)}
    lent, distance = smallest[min(smallest)], 0
    values = [0] * VALUES
    for place in reversed(range(VALUES)):
        if place in smallest:
            lent, distance = smallest[place], 0
        else:
            distance += 1
        values[place] = (lent + distance * GOLDEN) & 0xFFFFFFFF
    return values


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value
