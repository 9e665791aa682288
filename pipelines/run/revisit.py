"""The walk's frontier, backed by the database: what is known, and what is due to be fetched again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, Self, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

from pipelines.run.context import RunContext
from pipelines.run.polls import bounds_of, due_lists
from pipelines.run.schedule import parse_schedule
from pipelines.storage.db.errors import CodeError, StorageError
from pipelines.storage.db.retry import Query
from pipelines.storage.read import frontier, publishing
from pipelines.storage.read.frontier import Lookup, Step
from smartdaily_crawler.crawl.frontier import CrawlState, DueLists, ListingState, Validators
from smartdaily_crawler.items import Teaser
from smartdaily_crawler.politeness import is_stopping, wake
from smartdaily_crawler.stat_names import Stat

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Revisit:
    """Set itself as the spider's frontier. A full walk fetches everything, and is told only by which titles pages were read before.

    When the walk is done, request articles that it did not reach: after an incremental walk those that are due, after a
    full one all known ones, because only a fetch reveals a removal. After a partial walk (some categories, a page limit, no
    teasers, a backfill), which does not tell which articles the site still lists, request only those that killed or stopped
    runs with the same arguments left behind. Request at most ``REVISIT_LIMIT`` a run, those unchecked for the longest first.
    """

    def __init__(self, crawler: Crawler, schedule: Sequence[Step], limit: int) -> None:
        self.crawler = crawler
        self.context = RunContext.of(crawler)
        self.schedule = schedule
        self.limit = limit
        self._site_ahead = timedelta()
        """Lead of the site's clock over the crawler's."""
        self._request: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        revisit = cls(crawler, parse_schedule(settings["REVISIT_SCHEDULE"]), settings.getint("REVISIT_LIMIT"))
        crawler.signals.connect(revisit.spider_opened, signals.spider_opened)
        crawler.signals.connect(revisit.spider_idle, signals.spider_idle)
        return revisit

    def spider_opened(self) -> None:
        # Without a database (ITEM_PIPELINES={}) nothing is known.
        if self.context.is_open:
            self.context.spider.frontier = self

    async def due_lists(self) -> DueLists | None:
        seen = await self._query(None, publishing.read, self.context.spider.site_address.name)
        return None if seen is None else due_lists(seen, bounds_of(self.crawler.settings))

    async def list_page(self, url: str) -> Validators | None:
        if self._mode in {"backfill", "full"}:  # read unchanged pages too
            return None
        return await self._query(None, frontier.list_page, url)

    async def entries(self, category: str, entries: Sequence[Teaser], now: datetime) -> ListingState:
        self._site_ahead = now - datetime.now(UTC)
        urls = [entry.url for entry in entries]
        unknown = ListingState(_unknown(urls))
        listing = await self._query(unknown, frontier.entries, self._lookup(now), category, entries)
        if self._mode == "full":
            return ListingState(_anew(urls, listing.states))
        if self._mode == "backfill":  # known entries may precede wanted ones, and must not end the walk
            return ListingState([replace(state, is_known_unchanged=False) for state in listing.states])
        return listing

    async def articles(self, urls: Sequence[str], now: datetime) -> Sequence[CrawlState]:
        states = await self._query(_unknown(urls), frontier.articles, self._lookup(now), urls)
        return _anew(urls, states) if self._mode == "full" else states

    def spider_idle(self) -> None:
        """Request the remaining articles once. Raise ``DontCloseSpider`` until the database has named them."""
        if self._request is None:
            if not self.context.is_open or self.context.lost:
                return
            self._request = asyncio.ensure_future(self._request_remaining())
        if not self._request.done():
            raise DontCloseSpider

    async def _request_remaining(self) -> None:
        try:
            self._request_articles(await asyncio.to_thread(self._remaining))
        except StorageError as error:
            self.context.mark_lost(error)
        except Exception as error:  # noqa: BLE001 - nothing awaits this task
            self.context.report(CodeError(error))
        if not is_stopping(self.crawler):
            # Otherwise the engine checks whether the spider is idle only at its next heartbeat, in 5 s.
            asyncio.get_running_loop().call_soon(wake, self.crawler)

    def _request_articles(self, states: Sequence[CrawlState]) -> None:
        spider, engine = self.context.spider, self.crawler.engine
        for state in () if is_stopping(self.crawler) else states:
            if spider.site_address.rejection_reason(state.url) is None:
                engine.crawl(spider.article_request(state))
                self.crawler.stats.inc_value(Stat.REVISIT_REQUESTED)

    def _remaining(self) -> list[CrawlState]:
        """Return the articles to request after the walk. Blocks."""
        if self._mode == "full" and self.context.spider.arguments.is_whole:
            return self.context.query(frontier.known, self.context.run, self.limit)
        lookup = self._lookup(datetime.now(UTC) + self._site_ahead)
        arguments = self.context.spider.arguments
        if not arguments.is_whole:
            follow = arguments.follow_teasers
            return self.context.query(frontier.left_behind, lookup, self.limit, follow_teasers=follow)
        return self.context.query(frontier.due, lookup, self.limit)

    async def _query(
        self, default: Result, call: Query[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """Return ``default`` without a database: the page at hand is still read, so that it can be spooled."""
        if self.context.lost:
            return default
        try:
            return await asyncio.to_thread(lambda: self.context.query(call, *arguments, **named))
        except StorageError as error:
            self.context.report(error)
            return default

    def _lookup(self, now: datetime) -> Lookup:
        # A backfill fetches only what is not stored yet.
        schedule = [] if self._mode == "backfill" else self.schedule
        return Lookup(self.context.run, now, schedule, self.context.spider.parser_version)

    @property
    def _mode(self) -> str:
        return self.context.spider.arguments.mode


def _unknown(urls: Sequence[str]) -> list[CrawlState]:
    return [CrawlState(url, is_due=False) for url in urls]


def _anew(urls: Sequence[str], states: Sequence[CrawlState]) -> list[CrawlState]:
    """Return states of pages that are all to be fetched, at the URLs that links show."""
    return [
        CrawlState(url, listed_title=state.listed_title, is_read_by_list=state.is_read_by_list)
        for url, state in zip(urls, states, strict=True)
    ]
