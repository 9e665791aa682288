"""Compare two texts by paragraphs, and changed paragraphs by characters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_ALIKE = 0.4
"""Ratio of ``difflib`` below which two paragraphs count as different ones, not as one that was changed."""
_LONGEST = 3000
"""Characters compared: time grows with their square. In longer paragraphs only common beginnings and ends are found."""
_CHANCE = 2
"""Fewer equal characters than this between two changes are taken as coincidence."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph before and after; ``None`` if it was added or removed."""

    old: str | None
    new: str | None
    old_spans: tuple[Span, ...] = ()
    """Start and end of each run of characters that differs; of ``new`` likewise."""
    new_spans: tuple[Span, ...] = ()

    @property
    def is_same(self) -> bool:
        return self.old == self.new


def pair_paragraphs(old: list[str], new: list[str]) -> list[Pair]:
    """Return the paragraphs of both texts in order, changed ones as one pair.

    >>> for pair in pair_paragraphs(["甲乙丙丁。", "同"], ["甲乙丙戊。", "同", "新"]): print(pair)
    Pair(old='甲乙丙丁。', new='甲乙丙戊。', old_spans=((3, 4),), new_spans=((3, 4),))
    Pair(old='同', new='同', old_spans=(), new_spans=())
    Pair(old=None, new='新', old_spans=(), new_spans=())
    """
    pairs: list[Pair] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = old[old_from:old_to], new[new_from:new_to]
        if kind == "equal":
            pairs += [Pair(same, same) for same in before]
        else:
            pairs += _changed(before, after)
    return pairs


def compare(old: str, new: str) -> Pair:
    """Return the pair of two paragraphs with the spans that differ.

    >>> compare("售价3999元", "售价4299元")
    Pair(old='售价3999元', new='售价4299元', old_spans=((2, 4),), new_spans=((2, 4),))
    """
    spans = list(_spans(old, new))
    return Pair(
        old,
        new,
        tuple((start, end) for start, end, _, _ in spans if start < end),
        tuple((start, end) for _, _, start, end in spans if start < end),
    )


def _changed(old: list[str], new: list[str]) -> Iterator[Pair]:
    """Pair each old paragraph with the next new one that is similar."""
    for paragraph in old:
        index = next((at for at, other in enumerate(new) if _are_alike(paragraph, other)), None)
        if index is None:
            yield Pair(paragraph, None)
            continue
        yield from (Pair(None, added) for added in new[:index])
        yield compare(paragraph, new[index])
        new = new[index + 1 :]
    yield from (Pair(None, added) for added in new)


def _are_alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one[:_LONGEST], other[:_LONGEST], autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _spans(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield where the texts differ: start and end in the old one, start and end in the new one."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    blocks = [(0, 0, 0)]
    if max(len(old_middle), len(new_middle)) <= _LONGEST:
        matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=False)
        blocks += [block for block in matcher.get_matching_blocks()[:-1] if block.size >= _CHANCE]
    blocks.append((len(old_middle), len(new_middle), 0))
    for (a, b, size), (next_a, next_b, _) in itertools.pairwise(blocks):
        if a + size < next_a or b + size < next_b:
            yield head + a + size, head + next_a, head + b + size, head + next_b


def _common(one: str, other: str) -> int:
    """Return the number of characters that both texts begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
