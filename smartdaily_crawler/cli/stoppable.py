"""A crawler that can be stopped at any moment of its start."""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler

_LOOK = 0.02
"""Seconds between two looks whether a crawl has started."""


class StoppableCrawler(Crawler):
    """Scrapy's, but a stop of a crawl that is being opened waits until it is open, and closes it.

    Scrapy's own returns at once then, and the process ends with the spider never closed: the run's row stays open.
    """

    _ended = False

    async def crawl_async(self, *args: Any, **kwargs: Any) -> None:
        try:
            await super().crawl_async(*args, **kwargs)
        finally:
            self._ended = True

    def _create_engine(self) -> ExecutionEngine:
        # The engine calls this when its spider is closed, also while it is being opened: then there is nothing to wait for.
        stop = super().stop_async
        return ExecutionEngine(self, lambda _: stop())

    async def stop_async(self) -> None:
        """Return at once when called again, for a second signal that forces the end."""
        if not self.crawling:
            return
        # Before the wait: a run that waits for another one of its site gives up then.
        self.crawling = False
        while not self._ended and not (self._engine and self._engine.running):  # noqa: ASYNC110 - the engine has no event for it
            await asyncio.sleep(_LOOK)
        if not self._ended and self._engine:
            await self._engine.stop_async()
