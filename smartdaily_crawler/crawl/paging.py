"""How far the list pages of a category are worth turning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from smartdaily_crawler.crawl.frontier import Shown
from smartdaily_crawler.items import Teaser

End = Literal["last", "caught_up", "loop", "nothing_new", "budget", "limit", "older", "cut"]
"""Why a walk went no further: no next page; enough familiar entries; a pager that leads back, or shows the same again;
``LISTING_PAGE_BUDGET``; ``max_pages``; pages that are older than ``since``;
an endless list that was left before its end."""

WHOLE: frozenset[End] = frozenset({"last", "caught_up", "loop", "nothing_new", "budget"})
"""Ends after which nothing of the category is left for the next run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """When to stop."""

    budget: int
    """Pages a category at the most."""
    max_pages: int | None = None
    """The same, as an operator asked for it."""
    familiar: int
    """Entries in a row that are known and unchanged."""
    since: date | None = None


@dataclass(slots=True)
class CategoryWalk:
    """The list pages of one category, newest first, as far as they have been walked."""

    name: str
    page: int = 1
    entries: int = 0
    gap: bool = False
    """Whether the first page shows nothing that is known: more was published since the last run than a page holds."""
    _shown: set[str] = field(default_factory=set)
    """Addresses that its pages have shown."""
    _pages: set[str] = field(default_factory=set)
    """Addresses of its pages."""
    _familiar: int = 0

    def ask(self, url: str) -> None:
        """Note the canonical address of the page that is asked for next."""
        self._pages.add(url)

    def turn(
        self, entries: Sequence[Teaser], shown: Shown, next_url: str | None, limits: Limits
    ) -> End | None:
        """Take in a page; why it is the last, or ``None`` where the next one is worth asking for.

        :param next_url: canonical.
        """
        new = {entry.url for entry in entries} - self._shown
        self._shown |= new
        self.entries += len(entries)
        if self.page == 1:
            self.gap = shown.was_walked and not any(standing.is_familiar for standing in shown.standings)
        ends: list[tuple[End, bool]] = [
            ("caught_up", self._meets_enough(shown, limits.familiar)),
            ("older", _is_older(entries, limits.since)),
            ("last", next_url is None),
            ("loop", next_url in self._pages),
            ("nothing_new", not new),
            ("limit", limits.max_pages is not None and self.page >= limits.max_pages),
            ("budget", self.page >= limits.budget),
        ]
        end = next((end for end, is_met in ends if is_met), None)
        if end is None:
            self.page += 1
        return end

    def _meets_enough(self, shown: Shown, familiar: int) -> bool:
        """Whether so many entries in a row were familiar, over the pages' edges too."""
        for standing in shown.standings:
            self._familiar = self._familiar + 1 if standing.is_familiar else 0
            if self._familiar >= familiar:
                return True
        return False


def _is_older(entries: Sequence[Teaser], since: date | None) -> bool:
    """Whether the page as a whole is older than what was asked for."""
    return since is not None and all(
        entry.published_on is not None and entry.published_on < since for entry in entries
    )
