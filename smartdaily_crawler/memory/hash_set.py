"""A set that only grows, and takes 8 bytes an element where it is large."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable
from heapq import merge

RECENT = 16_384
"""Hashes that are kept in a `set`, where one takes about 75 bytes; the others are in sorted arrays."""


class HashSet:
    """The hashes of what was added. Of a million elements, two have the same hash with a probability of 3 in 10⁸.

    Another process, as one that goes on with a ``JOBDIR``, does not find in it what this one added.
    """

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._sorted: list[array[int]] = []
        """Each is longer than the next one, so that a million hashes are in six arrays or less."""

    def __contains__(self, element: Hashable) -> bool:
        return self._has(hash(element))

    def __len__(self) -> int:
        return len(self._recent) + sum(map(len, self._sorted))

    def add(self, element: Hashable) -> None:
        if self._has(hashed := hash(element)):
            return
        self._recent.add(hashed)
        if len(self._recent) >= RECENT:
            hashes = array("q", sorted(self._recent))
            while self._sorted and len(self._sorted[-1]) <= len(hashes):
                hashes = array("q", merge(self._sorted.pop(), hashes))
            self._sorted.append(hashes)
            self._recent.clear()

    def _has(self, hashed: int) -> bool:
        if hashed in self._recent:
            return True
        for hashes in self._sorted:
            place = bisect_left(hashes, hashed)
            if place < len(hashes) and hashes[place] == hashed:
                return True
        return False
