"""Compare two texts of title and body: are they versions of one article?"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pipelines.storage.text.minhash import SHORTEST, letters, runs, similarity
from pipelines.storage.text.near_duplicates import MIN_SIMILARITY

if TYPE_CHECKING:
    from collections.abc import Mapping

HALF = 0.5
TITLE_ALIKE = 0.5
"""Share of characters in common, in order, from which two titles are versions of one. Unrelated titles of the bundled site reach 0.4."""
BODY_ALIKE = 0.2
"""Share of the shorter body that the other one has, from which they are versions of one. Unrelated ones share an imprint at most."""


class Text(NamedTuple):
    title: str | None
    body: str | None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the text of an article's columns, by name."""
        return cls(values["title"], values["body"])


def is_another(one: Text, other: Text) -> bool:
    """Return whether two texts have nothing in common.

    >>> is_another(Text("新手机发布", "一二三四五六"), Text("新手机今日发布", "七八九"))
    False
    >>> is_another(Text("新手机发布", "一二三四五六"), Text("系统维护中", "请稍后再来访问"))
    True
    """
    alike = SequenceMatcher(None, one.title or "", other.title or "", autojunk=False).ratio()
    return alike < TITLE_ALIKE and shared(one.body, other.body) < BODY_ALIKE


def is_version(one: Text, other: Text, *, least: float = BODY_ALIKE) -> bool:
    """Return whether two texts are versions of one: with the same title, or half of their bodies in common.

    A title alone proves nothing, as that of a daily column.

    :param least: share of the shorter body that has to be in the other one beside an equal title.

    >>> is_version(Text("早报", "一二三四五六七"), Text("早报", "七六五四三二一"))
    False
    >>> is_version(Text("新手机发布", "一二三四五六七八"), Text("新手机发布", "一二三四五六"))
    True
    """
    if one == other:
        return True
    if one.title == other.title and (not one.body or not other.body or shared(one.body, other.body) >= least):
        return True
    bodies = (one.body or "", other.body or "")
    return min(len(letters(body)) for body in bodies) >= SHORTEST and similarity(*map(runs, bodies)) >= MIN_SIMILARITY


def shared(one: str | None, other: str | None) -> float:
    """Return the share of the shorter body's runs of characters that the other one has; 0 without a run."""
    first, second = runs(one or ""), runs(other or "")
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else 0.0
