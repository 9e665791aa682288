"""Selectors that could name an element, the plainest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from smartdaily_crawler.learning.names import classes, identity

_LEVELS = 8
"""Ancestors that may anchor a selector."""
_COUNTED = 3
"""Ancestors up to which an element may be told by its place: a longer way breaks with any box that is added."""
_TELLING = frozenset({"h1", "article", "main", "time", "nav", "header", "figure"})
"""Tags that say what an element is for."""
_ROOTS = frozenset({"html", "body"})


class Candidate(NamedTuple):
    cost: float
    """How much of the page's make it depends on: places more than names, long ways more than short ones."""
    css: str


def of_element(element: etree._Element) -> list[Candidate]:
    """For one element."""
    return of_elements([element])


def of_elements(elements: Sequence[etree._Element]) -> list[Candidate]:
    """For all of some alike elements at once; none where they are of different kinds."""
    if len({element.tag for element in elements}) != 1:
        return []
    found = {css: cost for cost, css in sorted(_all(elements), reverse=True)}
    return sorted(Candidate(cost, css) for css, cost in found.items())


def inside(container: etree._Element, rest: str) -> list[Candidate]:
    """For what a short way such as ``a`` names inside an element."""
    return [Candidate(cost + 1, f"{css} {rest}") for cost, css in of_element(container)]


def _all(elements: Sequence[etree._Element]) -> Iterator[Candidate]:
    own = list(_names(elements))
    yield from own
    first = elements[0]
    named = [*own, Candidate(3, str(first.tag))]
    way = str(first.tag)
    for distance, above in enumerate(_above(elements), 1):
        for anchor in _names([above]):
            yield from (
                Candidate(anchor.cost + name.cost + distance / 10, f"{anchor.css} {name.css}")
                for name in named
            )
            yield Candidate(anchor.cost + 3 + distance / 2, f"{anchor.css} > {way}")
            if len(elements) == 1 and distance <= _COUNTED:
                yield Candidate(anchor.cost + 8 + distance, f"{anchor.css} > {_numbered(first, above)}")
        if distance == 1 and len(elements) > 1:
            yield from (Candidate(cost + 3, f"{css} > {way}") for cost, css in of_element(above))
        way = f"{above.tag} > {way}"


def _names(elements: Iterable[etree._Element]) -> Iterator[Candidate]:
    """What all of the elements answer to without their surroundings."""
    first, *others = elements
    name = identity(first)
    if name and not others:
        yield Candidate(1, f"#{name}")
    shared = [name for name in classes(first) if all(name in classes(other) for other in others)]
    for name in shared:
        yield Candidate(1.1, f".{name}")
        yield Candidate(1.3, f"{first.tag}.{name}")
    prop = first.get("itemprop") or ""
    if prop.isalpha() and all(other.get("itemprop") == prop for other in others):
        yield Candidate(1.2, f'[itemprop="{prop}"]')
    if first.tag in _TELLING:
        yield Candidate(1.5, str(first.tag))


def _above(elements: Sequence[etree._Element]) -> Iterator[etree._Element]:
    """The elements around all of them, nearest first."""
    others = [set(element.iterancestors()) for element in elements[1:]]
    shared = (above for above in elements[0].iterancestors() if all(above in set_ for set_ in others))
    for _, above in zip(range(_LEVELS), shared, strict=False):
        if above.tag in _ROOTS:
            return
        yield above


def _numbered(element: etree._Element, above: etree._Element) -> str:
    """The way down from an ancestor by places among siblings of the same tag."""
    steps = []
    at = element
    while at is not above:
        steps.append(_step(at))
        parent = at.getparent()
        if parent is None:
            break
        at = parent
    return " > ".join(reversed(steps))


def _step(element: etree._Element) -> str:
    parent = element.getparent()
    alike = [child for child in parent if child.tag == element.tag] if parent is not None else [element]
    place = "" if len(alike) == 1 else f":nth-of-type({alike.index(element) + 1})"
    return f"{element.tag}{place}"
