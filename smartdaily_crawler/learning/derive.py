"""Selectors for a site, derived from what the structure of some of its pages says and checked against others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from smartdaily_crawler.learning.candidates import Candidate
from smartdaily_crawler.learning.evaluators import FIELDS, Case, info_lines
from smartdaily_crawler.learning.samples import Samples
from smartdaily_crawler.learning.values import SIGNED
from smartdaily_crawler.markup.selectors import Selectors

THRESHOLD = 0.95
"""Of the pages, on which a selector and the structure must give the same."""
_SEEN = 2
"""Pages that must show a field before anything is said of it."""
_TRIES = 6
_ABOUT = 0.95
"""A selector that fits nearly as many pages as the best is as good, if it is plainer."""


@dataclass(frozen=True)
class Agreement:
    """How often a selector gave what the structure gave."""

    agreed: int
    pages: int
    """Those where either gave anything."""

    @property
    def share(self) -> float:
        return self.agreed / self.pages if self.pages else 0.0

    @property
    def suffices(self) -> bool:
        return self.pages >= _SEEN and self.share >= THRESHOLD


@dataclass(frozen=True)
class Learnt:
    selectors: Selectors
    agreement: Mapping[str, Agreement]
    """Of each field with a selector, on pages it was not learnt from."""
    refused: Mapping[str, tuple[str, Agreement]]
    """Selectors that did not hold on those pages."""


def learn(samples: Samples) -> Learnt:
    """Derive on every other page, check on the rest; fields that do not reach ``THRESHOLD`` there are left out."""
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
    """The plainest selector of each field that gives on these pages what their structure gives."""
    selectors = Selectors()
    for field in FIELDS:
        if field in SIGNED and _is_covered(samples, selectors.info_line, field):
            continue
        selectors = _with(selectors, {field: _choose(FIELDS[field](samples))})
    return selectors


def check(samples: Samples, selectors: Selectors) -> dict[str, Agreement]:
    """The agreement of each selector, all of them in force."""
    return {
        field: _agreement(css, cases(samples), selectors)
        for field, cases in FIELDS.items()
        if (css := getattr(selectors, field))
    }


def _with(selectors: Selectors, changes: Mapping[str, Any]) -> Selectors:
    return replace(selectors, **changes)


def _is_covered(samples: Samples, info_line: str | None, field: str) -> bool:
    """Whether the info line's selector already gives a field."""
    if info_line is None:
        return False
    return _counted(case.covers(info_line, field) for case in info_lines(samples)).suffices


def _agreement(css: str, cases: Sequence[Case], others: Selectors) -> Agreement:
    return _counted(case.agrees(css, others) for case in cases)


def _counted(verdicts: Iterable[bool | None]) -> Agreement:
    said = [verdict for verdict in verdicts if verdict is not None]
    return Agreement(sum(said), len(said))


def _choose(cases: Sequence[Case]) -> str | None:
    for css in _ranked(cases)[:_TRIES]:
        if _agreement(css, cases, Selectors()).suffices:
            return css
    return None


def _ranked(cases: Sequence[Case]) -> list[str]:
    """Candidates that fit about as many pages as the best one does, the plainest first."""
    shown = [case for case in cases if case.placed]
    if len(shown) < _SEEN:
        return []
    fits = {
        candidate: [_fit(candidate.css, case) for case in cases]
        for candidate in {each for case in shown for each in case.candidates()}
    }
    for least in (1, 2):  # first those that hit, then of these those that hit exactly
        hits = {candidate: sum(fit >= least for fit in found) for candidate, found in fits.items()}
        best = max(hits.values(), default=0)
        fits = {candidate: found for candidate, found in fits.items() if hits[candidate] >= best * _ABOUT}
    return [candidate.css for candidate in sorted(fits, key=_plainness)]


def _plainness(candidate: Candidate) -> tuple[float, int, str]:
    return candidate.cost, len(candidate.css), candidate.css


def _fit(css: str, case: Case) -> int:
    """2: selects exactly what the structure found; 1: one element around it; 0: anything else."""
    selected = case.document.select(css)
    if selected == list(case.placed):
        return 2
    return 1 if len(selected) == len(case.placed) == 1 and _is_around(selected[0], case.placed[0]) else 0


def _is_around(outer: etree._Element, inner: etree._Element) -> bool:
    return any(above is outer for above in inner.iterancestors())
