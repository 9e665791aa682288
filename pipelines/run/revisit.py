"""The walk's frontier, answered by storage: what is known, and what is due to be asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

from pipelines.run.context import RunContext
from pipelines.run.schedule import parse_schedule
from pipelines.storage.db.errors import StorageError
from pipelines.storage.db.retry import Question, ask
from pipelines.storage.read import frontier
from pipelines.storage.read.frontier import Look, Step
from smartdaily_crawler.crawl.frontier import CrawlState, ListingState, Validators
from smartdaily_crawler.items import Teaser
from smartdaily_crawler.politeness import is_stopping, wake
from smartdaily_crawler.stat_names import Stat

Answer = TypeVar("Answer")


class Revisit:
    """Puts itself into the spider as its frontier, but for a full walk, to which everything is new.

    When the walk is done it adds what the walk did not meet: after an incremental one the articles that are due, after a
    full one all that are known, for only so a removal is seen. A partial walk (some categories, a page limit, no
    teasers, a backfill) says nothing about what it did not meet, so it adds nothing. At most ``REVISIT_LIMIT`` a run,
    those unchecked for the longest first.
    """

    def __init__(self, crawler: Crawler, schedule: Sequence[Step], limit: int, patience: float) -> None:
        self.crawler = crawler
        self.context = RunContext.of(crawler)
        self.schedule = schedule
        self.limit = limit
        self.patience = patience
        self._site_ahead = timedelta()
        """How far the site's clock is ahead of ours."""
        self._request: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        revisit = cls(
            crawler,
            parse_schedule(settings["REVISIT_SCHEDULE"]),
            settings.getint("REVISIT_LIMIT"),
            settings.getfloat("STORAGE_PATIENCE"),
        )
        crawler.signals.connect(revisit.spider_opened, signals.spider_opened)
        crawler.signals.connect(revisit.spider_idle, signals.spider_idle)
        return revisit

    def spider_opened(self) -> None:
        # Without a database (ITEM_PIPELINES={}) nothing is remembered.
        if self.context.is_open and self._mode != "full":
            self.context.spider.frontier = self

    async def list_page(self, url: str) -> Validators | None:
        if self._mode == "backfill":  # it reads pages that did not change
            return None
        return await self._ask(lambda connection: frontier.list_page(connection, url), None)

    async def entries(self, category: str, entries: Sequence[Teaser], now: datetime) -> ListingState:
        self._site_ahead = now - datetime.now(UTC)
        look, unknown = (
            self._look(now),
            ListingState([CrawlState(entry.url, is_due=False) for entry in entries]),
        )
        shown = await self._ask(
            lambda connection: frontier.entries(connection, look, category, entries), unknown
        )
        if self._mode == "backfill":  # what is known may stand before what is wanted
            return ListingState([replace(state, is_known_unchanged=False) for state in shown.states])
        return shown

    async def articles(self, urls: Sequence[str], now: datetime) -> Sequence[CrawlState]:
        look, unknown = self._look(now), [CrawlState(url, is_due=False) for url in urls]
        return await self._ask(lambda connection: frontier.articles(connection, look, urls), unknown)

    def spider_idle(self) -> None:
        """Raise ``DontCloseSpider`` until the database has answered which articles are left."""
        if self._request is None:
            if not self.context.is_open or self.context.lost or not self.context.spider.arguments.is_whole:
                return
            self._request = asyncio.ensure_future(self._request_left())
        if not self._request.done():
            raise DontCloseSpider

    async def _request_left(self) -> None:
        spider, engine = self.context.spider, self.crawler.engine
        try:
            states = await asyncio.to_thread(self._left)
        except StorageError as error:
            self.context.mark_lost(error)
            states = []
        if not is_stopping(self.crawler):
            for state in states:
                if spider.site_address.rejection_reason(state.url) is None:
                    engine.crawl(spider.article_request(state))
                    self.crawler.stats.inc_value(Stat.REVISIT_REQUESTED)
            # The engine would look again whether the spider is idle only at its next heartbeat, in 5 s.
            asyncio.get_running_loop().call_soon(wake, self.crawler)

    def _left(self) -> list[CrawlState]:
        """Blocks."""
        look = self._look(datetime.now(UTC) + self._site_ahead)

        def question(connection: Any) -> list[CrawlState]:
            if self._mode == "full":
                return frontier.known(connection, look.run, self.limit)
            return frontier.due(connection, look, self.limit)

        return ask(self.context.database.engine, question, patience=self.patience)

    async def _ask(self, question: Question[Answer], otherwise: Answer) -> Answer:
        """Without an answer the page that is in hand is read all the same, so that it can be spooled."""
        if self.context.lost:
            return otherwise
        engine = self.context.database.engine
        try:
            return await asyncio.to_thread(ask, engine, question, patience=self.patience)
        except StorageError as error:
            self.context.report(error)
            return otherwise

    def _look(self, now: datetime) -> Look:
        # A backfill is out for what is not stored yet.
        schedule = [] if self._mode == "backfill" else self.schedule
        return Look(self.context.run, now, schedule, self.context.spider.parser_version)

    @property
    def _mode(self) -> str:
        return self.context.spider.arguments.mode
