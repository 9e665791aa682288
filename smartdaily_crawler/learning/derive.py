"""Derive selectors from the structure of some pages of a site, and check them against others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from smartdaily_crawler.learning.candidates import Candidate
from smartdaily_crawler.learning.evaluators import FIELDS, Case, info_lines
from smartdaily_crawler.learning.samples import Samples
from smartdaily_crawler.learning.values import INFO_LINE_FIELDS
from smartdaily_crawler.markup.selectors import Selectors

THRESHOLD = 0.95
"""Least share of pages where the results of a selector and of the structure are equal."""
_SEEN = 2
"""Least pages with a field for a selector to be derived."""
_TRIES = 6
_ABOUT = 0.95
"""A simpler selector is preferred if it matches at least this share of the best one's pages."""


@dataclass(frozen=True)
class Agreement:
    """How often the results of a selector and of the structure were equal."""

    agreed: int
    pages: int
    """Pages where one of them had a result."""

    @property
    def share(self) -> float:
        return self.agreed / self.pages if self.pages else 0.0

    @property
    def suffices(self) -> bool:
        return self.pages >= _SEEN and self.share >= THRESHOLD


@dataclass(frozen=True)
class Learnt:
    """Result of ``learn``."""

    selectors: Selectors
    agreement: Mapping[str, Agreement]
    """By field, on the pages that the selector was not derived from."""
    refused: Mapping[str, tuple[str, Agreement]]
    """By field, selectors that did not reach ``THRESHOLD`` on those pages."""


def learn(samples: Samples) -> Learnt:
    """Derive selectors from every other page and check them on the rest; leave out those below ``THRESHOLD`` there."""
    first, rest = samples.halves()
    selectors = derive(first)
    refused: dict[str, tuple[str, Agreement]] = {}
    while True:
        agreement = check(rest, selectors)
        failed = {field: found for field, found in agreement.items() if not found.suffices}
        if not failed:
            return Learnt(selectors, agreement, refused)
        refused |= {field: (getattr(selectors, field), found) for field, found in failed.items()}
        selectors = _with(selectors, dict.fromkeys(failed))


def derive(samples: Samples) -> Selectors:
    """Return the simplest selector of each field with the results of the structure; ``None`` for fields without one."""
    selectors = Selectors()
    for field in FIELDS:
        if field in INFO_LINE_FIELDS and _is_covered(samples, selectors.info_line, field):
            continue
        selectors = _with(selectors, {field: _choose(FIELDS[field](samples))})
    return selectors


def check(samples: Samples, selectors: Selectors) -> dict[str, Agreement]:
    """Return the agreement of each selector by field, with all selectors in effect."""
    return {
        field: _agreement(css, cases(samples), selectors)
        for field, cases in FIELDS.items()
        if (css := getattr(selectors, field))
    }


def _with(selectors: Selectors, changes: Mapping[str, Any]) -> Selectors:
    return replace(selectors, **changes)


def _is_covered(samples: Samples, info_line: str | None, field: str) -> bool:
    """Return whether the info line's selector covers a field."""
    if info_line is None:
        return False
    return _counted(case.covers(info_line, field) for case in info_lines(samples)).suffices


def _agreement(css: str, cases: Sequence[Case], others: Selectors) -> Agreement:
    return _counted(case.agrees(css, others) for case in cases)


def _counted(verdicts: Iterable[bool | None]) -> Agreement:
    known = [verdict for verdict in verdicts if verdict is not None]
    return Agreement(sum(known), len(known))


def _choose(cases: Sequence[Case]) -> str | None:
    for css in _ranked(cases)[:_TRIES]:
        if _agreement(css, cases, Selectors()).suffices:
            return css
    return None


def _ranked(cases: Sequence[Case]) -> list[str]:
    """Return the candidates that match about as many pages as the best one, simplest first."""
    shown = [case for case in cases if case.placed]
    if len(shown) < _SEEN:
        return []
    fits = {
        candidate: [_fit(candidate.css, case) for case in cases]
        for candidate in {each for case in shown for each in case.candidates()}
    }
    for least in (1, 2):  # first any match, then exact ones among them
        hits = {candidate: sum(fit >= least for fit in found) for candidate, found in fits.items()}
        best = max(hits.values(), default=0)
        fits = {candidate: found for candidate, found in fits.items() if hits[candidate] >= best * _ABOUT}
    return [candidate.css for candidate in sorted(fits, key=_plainness)]


def _plainness(candidate: Candidate) -> tuple[float, int, str]:
    return candidate.cost, len(candidate.css), candidate.css


def _fit(css: str, case: Case) -> int:
    """Return 2 if the selector selects exactly the structure's elements, 1 for one element around its only one, else 0."""
    selected = case.document.select(css)
    if selected == list(case.placed):
        return 2
    return 1 if len(selected) == len(case.placed) == 1 and _is_around(selected[0], case.placed[0]) else 0


def _is_around(outer: etree._Element, inner: etree._Element) -> bool:
    return any(above is outer for above in inner.iterancestors())
