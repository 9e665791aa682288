"""Generate CSS selectors for elements, the simplest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from smartdaily_crawler.learning.names import classes, identity

_LEVELS = 8
"""Most levels up to an ancestor that anchors a selector."""
_COUNTED = 3
"""Most levels for ``:nth-of-type``: a longer path breaks with any added element."""
_TELLING = frozenset({"h1", "article", "main", "time", "nav", "header", "figure"})
"""Tags with a meaning of their own."""
_ROOTS = frozenset({"html", "body"})


class Candidate(NamedTuple):
    """A possible selector."""

    cost: float
    """Dependence on details of the page: higher for positions than for names, and for longer paths. Lower is better."""
    css: str


def of_element(element: etree._Element) -> list[Candidate]:
    """Return the selectors for an element, cheapest first."""
    return of_elements([element])


def of_elements(elements: Sequence[etree._Element]) -> list[Candidate]:
    """Return the selectors for all of several elements, cheapest first; none if their tags differ."""
    if len({element.tag for element in elements}) != 1:
        return []
    found = {css: cost for cost, css in sorted(_all(elements), reverse=True)}
    return sorted(Candidate(cost, css) for css, cost in found.items())


def inside(container: etree._Element, rest: str) -> list[Candidate]:
    """Return the selectors for ``rest``, such as ``a``, inside an element."""
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
                Candidate(anchor.cost + name.cost + distance / 10, f"{anchor.css} {name.css}") for name in named
            )
            yield Candidate(anchor.cost + 3 + distance / 2, f"{anchor.css} > {way}")
            if len(elements) == 1 and distance <= _COUNTED:
                yield Candidate(anchor.cost + 8 + distance, f"{anchor.css} > {_numbered(first, above)}")
        if distance == 1 and len(elements) > 1:
            yield from (Candidate(cost + 3, f"{css} > {way}") for cost, css in of_element(above))
        way = f"{above.tag} > {way}"


def _names(elements: Iterable[etree._Element]) -> Iterator[Candidate]:
    """Yield the selectors for all of the elements that use no ancestor."""
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
    """Yield the common ancestors, nearest first."""
    others = [set(element.iterancestors()) for element in elements[1:]]
    shared = (above for above in elements[0].iterancestors() if all(above in set_ for set_ in others))
    for _, above in zip(range(_LEVELS), shared, strict=False):
        if above.tag in _ROOTS:
            return
        yield above


def _numbered(element: etree._Element, above: etree._Element) -> str:
    """Return the path from an ancestor by ``:nth-of-type``."""
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
