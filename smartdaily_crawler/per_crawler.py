"""Objects of which a crawler has one, whichever of its components asks first."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler


class PerCrawler:
    """Base of such objects: ``of`` creates a crawler's at the first call."""

    _of: ClassVar[WeakKeyDictionary[Crawler, Any]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._of = WeakKeyDictionary()

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the crawler's only object."""
        if crawler not in cls._of:
            cls._of[crawler] = cls._make(crawler)
        found: Self = cls._of[crawler]
        return found

    @classmethod
    def _make(cls, crawler: Crawler) -> Self:
        return cls(crawler)  # type: ignore[call-arg]  # of those that override neither
