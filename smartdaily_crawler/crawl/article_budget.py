"""Bound the articles that the walk of one run requests, wherever it finds them."""

from __future__ import annotations

from collections.abc import Sequence

from scrapy import Request


class ArticleBudget:
    """Requests that the walk may still send for articles."""

    def __init__(self, left: int) -> None:
        """:param left: ``ARTICLE_BUDGET``."""
        self._left = left

    def admit(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Return the first of the requests, as many as are left."""
        admitted = requests[: self._left]
        self._left -= len(admitted)
        return admitted
