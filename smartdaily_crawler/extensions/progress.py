"""Print the progress of a running crawl."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Self

from rich.console import Console
from rich.status import Status
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import AsyncioLoopingCall

from smartdaily_crawler.crawl.protocol import walk_spider
from smartdaily_crawler.extensions.summary import outcome_count

_TERMINAL_INTERVAL, _PIPE_INTERVAL = 0.2, 5.0
"""Seconds between two updates; longer in a pipe (CI, a log), which keeps every line."""


class Progress:
    """Rewrite one line on a terminal; elsewhere print a line every five seconds."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.console = Console(file=sys.stderr, highlight=False)
        self._status: Status | None = None
        self._began = monotonic()
        self._call = AsyncioLoopingCall(self._show)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if walk_spider(crawler) is None or not crawler.settings.getbool("PROGRESS_ENABLED"):
            raise NotConfigured
        progress = cls(crawler)
        crawler.signals.connect(progress.spider_opened, signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signals.spider_closed)
        return progress

    def spider_opened(self, spider: Spider) -> None:
        del spider
        if self.console.is_terminal:
            self._status = self.console.status(self._line())
            self._status.start()
        self._call.start(_TERMINAL_INTERVAL if self._status else _PIPE_INTERVAL, now=False)

    def spider_closed(self, spider: Spider) -> None:
        del spider
        if self._call.running:
            self._call.stop()
        if self._status:
            self._status.stop()

    def _show(self) -> None:
        if self._status:
            self._status.update(self._line())
        else:
            self.console.print(self._line())

    def _line(self) -> str:
        stats = self.crawler.stats.get_stats()
        seconds = monotonic() - self._began
        pages = stats.get("response_received_count", 0)
        stored, unchanged, failed = (outcome_count(stats, name) for name in ("stored", "unchanged", "failed"))
        rate = pages / seconds if seconds else 0
        return (
            f"{seconds:5.0f} s  {pages:,} pages ({rate:.0f}/s)  "
            f"{stored:,} stored  {unchanged:,} unchanged  {failed:,} failed"
        )
