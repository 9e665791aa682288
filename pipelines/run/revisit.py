"""The walk's frontier, answered by storage: what is known, and what is due to be asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from pipelines.run.context import Session
from pipelines.run.schedule import parse_ladder
from pipelines.storage.db.errors import StorageError
from pipelines.storage.db.retry import Question, ask
from pipelines.storage.read import frontier
from pipelines.storage.read.frontier import Look, Step
from smartdaily_crawler.crawl.frontier import Shown, Standing, Validators
from smartdaily_crawler.items import Teaser
from smartdaily_crawler.stat_names import Stat

Answer = TypeVar("Answer")


class Revisit:
    """Puts itself into the spider as its frontier, but for a full walk, to which everything is new.

    When the walk is done it adds what the walk did not meet: after an incremental one the articles that are due, after a
    full one all that are known, for only so a removal is seen. A partial walk (some categories, a page limit, no
    teasers, a backfill) says nothing about what it did not meet, so it adds nothing. At most ``REVISIT_LIMIT`` a run,
    those unchecked for the longest first.
    """

    def __init__(self, crawler: Crawler, ladder: Sequence[Step], limit: int, patience: float) -> None:
        self.crawler = crawler
        self.session = Session.of(crawler)
        self.ladder = ladder
        self.limit = limit
        self.patience = patience
        self._site_ahead = timedelta()
        """How far the site's clock is ahead of ours."""
        self._asked = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        revisit = cls(
            crawler,
            parse_ladder(settings["REVISIT_LADDER"]),
            settings.getint("REVISIT_LIMIT"),
            settings.getfloat("STORAGE_PATIENCE"),
        )
        crawler.signals.connect(revisit.spider_opened, signals.spider_opened)
        crawler.signals.connect(revisit.spider_idle, signals.spider_idle)
        return revisit

    def spider_opened(self, spider: Any) -> None:
        if spider.arguments.mode != "full":
            spider.frontier = self

    async def list_page(self, url: str) -> Validators | None:
        if self._mode == "backfill":  # it reads pages that did not change
            return None
        return await self._ask(lambda connection: frontier.list_page(connection, url), None)

    async def entries(self, category: str, entries: Sequence[Teaser], now: datetime) -> Shown:
        self._site_ahead = now - datetime.now(UTC)
        look, unknown = self._look(now), Shown([Standing(entry.url, is_due=False) for entry in entries])
        shown = await self._ask(
            lambda connection: frontier.entries(connection, look, category, entries), unknown
        )
        if self._mode == "backfill":  # what is known may stand before what is wanted
            return Shown([replace(standing, is_familiar=False) for standing in shown.standings])
        return shown

    async def articles(self, urls: Sequence[str], now: datetime) -> Sequence[Standing]:
        look, unknown = self._look(now), [Standing(url, is_due=False) for url in urls]
        return await self._ask(lambda connection: frontier.articles(connection, look, urls), unknown)

    def spider_idle(self, spider: Spider) -> None:
        if self._asked or not self.session.is_open or self.session.lost:
            return
        self._asked = True
        if not spider.arguments.is_whole:  # type: ignore[attr-defined]  # a NewsSpider
            return
        # Asked on the event loop: nothing else is under way when the spider is idle.
        try:
            standings = self._left()
        except StorageError as error:
            self.session.lose(error)
            return
        for standing in standings:
            if spider.site_address.refusal(standing.url) is None:  # type: ignore[attr-defined]  # a NewsSpider
                self.crawler.engine.crawl(spider.article_request(standing))  # type: ignore[attr-defined]
                self.crawler.stats.inc_value(Stat.REVISIT_REQUESTED)

    def _left(self) -> list[Standing]:
        look = self._look(datetime.now(UTC) + self._site_ahead)

        def question(connection: Any) -> list[Standing]:
            if self._mode == "full":
                return frontier.known(connection, look.run, self.limit)
            return frontier.due(connection, look, self.limit)

        return ask(self.session.database.engine, question, patience=self.patience)

    async def _ask(self, question: Question[Answer], otherwise: Answer) -> Answer:
        """Without an answer the page that is in hand is read all the same, so that it can be spooled."""
        if self.session.lost:
            return otherwise
        engine = self.session.database.engine
        try:
            return await asyncio.to_thread(ask, engine, question, patience=self.patience)
        except StorageError as error:
            self.session.complain(error)
            return otherwise

    def _look(self, now: datetime) -> Look:
        # A backfill is out for what is not stored yet.
        ladder = [] if self._mode == "backfill" else self.ladder
        return Look(self.session.run, now, ladder, self.crawler.spider.parser_version)  # type: ignore[union-attr]

    @property
    def _mode(self) -> str:
        mode: str = self.crawler.spider.arguments.mode  # type: ignore[union-attr]  # a NewsSpider
        return mode
