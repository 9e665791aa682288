"""Decide when to stop following the pager of a category."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from smartdaily_crawler.crawl.frontier import ListingState
from smartdaily_crawler.items import Teaser
from smartdaily_crawler.memory.hash_set import HashSet

End = Literal["last", "caught_up", "loop", "nothing_new", "budget", "limit", "older", "cut", "unturned", "spent"]
"""Why a walk of a category ended. ``last``: no next page; ``caught_up``: enough known and unchanged entries; ``loop``: the
next page was walked already; ``nothing_new``: all entries were on earlier pages; ``budget``: ``LISTING_PAGE_BUDGET``;
``limit``: ``max_pages``; ``older``: all entries are before ``since``; ``cut``: an endless list was left before its end;
``unturned``: there are further pages or entries, but no address of them; ``spent``: ``ARTICLE_BUDGET``."""

WHOLE: frozenset[End] = frozenset({"last", "caught_up", "loop", "nothing_new", "budget"})
"""Ends of a complete walk: it leaves nothing of the category to the next run."""


_PINNED, _MOVED = 4, 0.2
"""Entries of a list by date that may be out of order: so many at the top, and this share, for those that were updated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits of the walk of one category."""

    budget: int
    """Maximum number of pages, ``LISTING_PAGE_BUDGET``."""
    max_pages: int | None = None
    """Maximum number of pages, from the spider argument."""
    known_unchanged: int
    """Stop after this many entries in a row that are known and unchanged."""
    since: date | None = None
    """Stop at a page whose entries are all published before this day."""


@dataclass(slots=True)
class CategoryWalk:
    """Progress over the list pages of one category, newest entries first."""

    name: str
    page: int = 1
    entries: int = 0
    gap: bool = False
    """True if the first page has no entry that is known and unchanged: more was published since the last run than one page holds."""
    is_unordered: bool = False
    """True if the entries' dates do not fall: new entries may be on any page, so that known ones do not end the walk."""
    _dated: int = 0
    """Number of dated entries so far."""
    _falling: list[int] = field(default_factory=list)
    """Last days, as negative ordinals, of the longest falling sequences of entries by their length: a patience sort."""
    _entry_urls: HashSet = field(default_factory=HashSet)
    """Canonical URLs of the entries so far."""
    _page_urls: set[str] = field(default_factory=set)
    """Canonical URLs of the list pages requested so far."""
    _known_unchanged: int = 0
    """Number of known and unchanged entries since the last other one."""

    def ask(self, url: str) -> None:
        """Record the canonical URL of the list page that is requested next."""
        self._page_urls.add(url)

    def turn(self, entries: Sequence[Teaser], state: ListingState, next_url: str | None, limits: Limits) -> End | None:
        """Count a page; return why it is the last one, or ``None`` if the next one should be requested.

        :param next_url: canonical URL of the next page.
        """
        new = [entry for entry in entries if entry.url not in self._entry_urls]
        for entry in new:
            self._entry_urls.add(entry.url)
        self._note_order(new)
        self.entries += len(entries)
        if self.page == 1:
            self.gap = state.was_walked and not any(known.is_known_unchanged for known in state.states)
        ends: list[tuple[End, bool]] = [
            ("caught_up", self._is_caught_up(state, limits.known_unchanged) and not self.is_unordered),
            ("older", _is_older(entries, limits.since) and not self.is_unordered),
            ("last", next_url is None),
            ("loop", next_url in self._page_urls),
            ("nothing_new", not new),
            ("limit", limits.max_pages is not None and self.page >= limits.max_pages),
            ("budget", self.page >= limits.budget),
        ]
        end = next((end for end, is_met in ends if is_met), None)
        if end is None:
            self.page += 1
        return end

    def _note_order(self, new: Sequence[Teaser]) -> None:
        """Update ``is_unordered``: more entries are out of order than may be pinned to the top or were re-dated."""
        for entry in new:
            if entry.published_on is not None:
                self._dated += 1
                day = -entry.published_on.toordinal()
                at = bisect_right(self._falling, day)
                self._falling[at : at + 1] = [day]
        self.is_unordered = self._dated - len(self._falling) > _PINNED + _MOVED * self._dated

    def _is_caught_up(self, state: ListingState, enough: int) -> bool:
        """Return whether *enough* entries in a row are known and unchanged; a row may cross pages."""
        for known in state.states:
            self._known_unchanged = self._known_unchanged + 1 if known.is_known_unchanged else 0
            if self._known_unchanged >= enough:
                return True
        return False


def _is_older(entries: Sequence[Teaser], since: date | None) -> bool:
    """Return whether every entry is dated, and before *since*."""
    return since is not None and all(entry.published_on is not None and entry.published_on < since for entry in entries)
