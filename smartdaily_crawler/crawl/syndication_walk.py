"""The walk by feeds and sitemaps: what a site announces, and the articles that they list."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from urllib.parse import urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from smartdaily_crawler.cleaning.urls import canonical_or_none, canonicalize, page_name
from smartdaily_crawler.crawl.fetches import fetch_of, header, is_unchanged, page_request, request_of, response_clock
from smartdaily_crawler.crawl.frontier import CrawlState
from smartdaily_crawler.crawl.site_spider import SiteSpider
from smartdaily_crawler.items import Fetch, Listing, Outcome, Teaser
from smartdaily_crawler.loaders import load_teasers
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.network.robots import Robots
from smartdaily_crawler.parsing import dates
from smartdaily_crawler.reasons import CloseReason, Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat
from smartdaily_crawler.syndication import announced
from smartdaily_crawler.syndication.reading import EntryReading, NotAFeedError, SitemapLink, SyndicationReading

Output = AsyncIterator[Request | Listing | Outcome]

_PRIORITY = 10
"""As list pages have: entries tell titles and dates before teasers lead to the same articles."""
_CHANGED_LATELY = timedelta(days=3)
"""Age of the pages and sitemaps of a sitemap that an incremental walk reads. What appears only there is older than a news sitemap's two
days at most by a missed run."""
_ASK_AGAIN = timedelta(days=30)
"""Pause between two searches for feeds at the usual places."""
_SITEMAPS = 2_000
"""Sitemaps of an index that are looked at, the latest: as many as entries of a list. An index may name 50,000."""
_LEVELS = 3
"""Levels of sitemaps, of which the last may be no index. The protocol has two."""


@dataclass(slots=True)
class Source:
    """A feed or sitemap to request."""

    url: str
    """Canonical URL of the one that the site announces; an index brings further ones."""
    level: int = 1
    """1-based, of indexes within indexes."""
    is_guess: bool = False
    """True if the site does not announce it: it may be missing."""
    rest: tuple[str, ...] = ()
    """Further places to ask for if it is."""


class SyndicationSpider(SiteSpider):
    """Base spider that reads feeds and sitemaps, if the argument ``discover`` says so, and compares them with lists."""

    sources_left: int
    """Feeds and sitemaps that the run may still request."""
    shown_by: dict[str, str]
    """What shows an article, as ``Stat.found_by`` names it, by ``urls.page_name``; empty if an earlier run has stored it."""
    _earlier: Mapping[str, Any]
    """Statistics of the latest run that read feeds, about them."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.shown_by, spider.sources_left = {}, crawler.settings.getint("DISCOVERY_BUDGET")
        return spider

    def remember(self, stats: Mapping[str, Any]) -> None:
        super().remember(stats)
        self._earlier = {name: value for name, value in stats.items() if name.startswith(Stat.DISCOVERY)}

    @abstractmethod
    def _requests(self, links: Iterable[tuple[Teaser | None, CrawlState]], priority: int = 0) -> list[Request]:
        """Return requests for the articles that are due and were not requested yet."""

    # --- what the site announces -------------------------------------------------------------------------------------

    async def source_requests(self, document: Document | None, home: Response) -> AsyncIterator[Request]:
        """Yield requests for the feeds and sitemaps that a home page and its host's robots.txt name, or for a usual place."""
        if not self.arguments.reads_feeds:
            return
        self.crawler.stats.set_value(Stat.DISCOVER, self.arguments.discover)
        found = announced.feeds(document) if document else []
        if self.crawler.settings.getbool("ROBOTSTXT_OBEY"):
            rules = await Robots.of(self.crawler).rules(home.url)
            found += (urljoin(home.url, url) for url in rules.sitemaps) if rules else ()
        sources = [Source(url) for url in await self._on_site(found)]
        sources = sources or self._usual_places(home.url)
        if not sources:
            self._stop_without_source()
        for source in sources:
            self._count(Stat.SOURCE_ASKED, not source.is_guess)
            if request := await self._source_request(source.url, source):
                yield request
            if newest := self._earlier.get(Stat.newest(source.url)):
                self.crawler.stats.set_value(Stat.newest(source.url), newest)

    def _usual_places(self, home_url: str) -> list[Source]:
        """Return the place that an earlier run found, or the first to ask for; none if an earlier run looked in vain lately."""
        place, day = (self._earlier.get(name) for name in (Stat.USUAL_PLACE, Stat.USUAL_PLACE_ON))
        today = datetime.now(UTC).date()
        if place is not None and day and today - date.fromisoformat(day) < _ASK_AGAIN:
            self._note_place(place, day)
            return [Source(place)] if place else []
        self._note_place("", today.isoformat())
        first, *rest = (canonicalize(url) for url in announced.usual_places(home_url))
        return [Source(first, is_guess=True, rest=tuple(rest))]

    def _note_place(self, url: str, day: str) -> None:
        self.crawler.stats.set_value(Stat.USUAL_PLACE, url)
        self.crawler.stats.set_value(Stat.USUAL_PLACE_ON, day)

    async def _on_site(self, urls: Iterable[str]) -> list[str]:
        """Return the canonical URLs that may be requested, each once; count the others as links."""
        own: dict[str, None] = {}
        for given in urls:
            url = canonical_or_none(announced.as_on_site(given, self.arguments.site_url))
            if url is None or (reason := self.site_address.rejection_reason(url)):
                self._count(Stat.link_rejected("malformed" if url is None else str(reason)))
            else:
                own[url] = None
        private = await self.network.private_among(own)
        self._count(Stat.link_rejected("private"), len(private))
        return [url for url in own if url not in private]

    async def _source_request(self, url: str, source: Source) -> Request | None:
        """Return a request for a feed or sitemap; ``None`` if it was requested, or no more may be."""
        address = canonicalize(url)
        if address in self.list_pages:
            return None
        if self.sources_left <= 0:
            self._count(Stat.SITEMAP_PUT_OFF)
            return None
        self.sources_left -= 1
        self.list_pages.add(address)
        request = page_request(
            url,
            "feed",
            await self.frontier.list_page(address),
            language=self.language,
            callback=self.parse_source,
            errback=self.source_failed,
            cb_kwargs={"source": source},
            priority=_PRIORITY,
        )
        request.meta[Meta.RENDER] = None
        return request

    # --- what it answers ---------------------------------------------------------------------------------------------

    async def parse_source(self, response: Response, source: Source) -> Output:
        """Yield a feed or sitemap as a list page, and requests for its due articles, or for the sitemaps of an index."""
        request = request_of(response)
        fetch = fetch_of(request, response)
        if is_unchanged(fetch, request):
            self._count(Stat.SOURCE_ANSWERED, source.level == 1)
            yield Outcome(fetch=fetch, outcome="not_modified", category=source.url)
            return
        try:
            reading = self._read_source(response)
        except NotAFeedError as error:
            if not source.is_guess:
                self.logger.warning("%s is no feed and no sitemap: %s", response.url, error)
            async for output in self._no_source(fetch, source, "rejected", Reason.NOT_A_FEED):
                yield output
            return
        if source.is_guess:
            self._note_place(source.url, self.crawler.stats.get_value(Stat.USUAL_PLACE_ON))
            self._count(Stat.SOURCE_ASKED)
        now, _ = response_clock(response)
        if reading.format == "index":
            self._count(Stat.SOURCE_ANSWERED, source.level == 1)
            async for output in self._go_into(reading.sitemaps, fetch, source, now):
                yield output
            return
        if reading.format == "feed" and not reading.entries:
            yield Outcome(fetch=fetch, outcome="rejected", reason=Reason.NO_ENTRIES)
            return
        self._count(Stat.SOURCE_ANSWERED, source.level == 1)
        async for output in self._follow(reading, fetch, source, now):
            yield output

    async def source_failed(self, failure: Failure) -> Output:
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]  # set by Scrapy
        outcome = self._failed(failure)
        async for output in self._no_source(outcome.fetch, source, outcome.outcome, outcome.reason):
            yield output

    async def _no_source(self, fetch: Fetch, source: Source, outcome: Any, reason: str | None) -> Output:
        """Yield the outcome of a response that is no feed, and a request for the next usual place."""
        yield Outcome(fetch=fetch, outcome="skipped" if source.is_guess else outcome, reason=reason)
        if source.rest:
            following = Source(source.rest[0], is_guess=True, rest=source.rest[1:])
            if request := await self._source_request(following.url, following):
                yield request
        elif source.is_guess:
            self._stop_without_source()

    def _stop_without_source(self) -> None:
        """Raise ``CloseSpider`` if the walk was to read feeds only."""
        if not self.arguments.reads_lists:
            raise self.stop(CloseReason.NO_FEED, "it has no feed and no sitemap; crawl with discover=lists")

    def _read_source(self, response: Response) -> SyndicationReading:
        from smartdaily_crawler.syndication.reader import read  # noqa: PLC0415 - few crawls need feedparser

        most = self.crawler.settings.getint("DOWNLOAD_MAXSIZE")
        return read(response.body, header(response, "Content-Type"), response.url, self.zone, most)

    async def _go_into(self, links: Sequence[SitemapLink], fetch: Fetch, source: Source, now: datetime) -> Output:
        """Yield the index, and requests for the sitemaps that changed lately, the latest first."""
        if any(link.modified is None for link in links):
            # An unchanged index tells nothing about such a sitemap.
            fetch.etag = fetch.last_modified = fetch.raw_hash = None
        earliest = self._earliest(now)
        wanted = [link for link in links if link.modified is None or link.modified.date() >= earliest]
        wanted.sort(key=lambda link: link.modified or datetime.min.replace(tzinfo=UTC), reverse=True)
        yield Listing(fetch=fetch, category=source.url, page=source.level, ends_walk=True)
        if source.level >= _LEVELS:
            self._count(Stat.SITEMAP_PUT_OFF, len(wanted))
            return
        self._count(Stat.SITEMAP_PUT_OFF, max(0, len(wanted) - _SITEMAPS))
        for url in await self._on_site(link.url for link in wanted[:_SITEMAPS]):
            if request := await self._source_request(url, Source(source.url, level=source.level + 1)):
                yield request

    def _earliest(self, now: datetime) -> date:
        """Return the day from which changes in a sitemap are of interest."""
        if self.arguments.mode == "full":
            return date.min
        if self.arguments.mode == "backfill":
            return self.arguments.since or date.min
        return (now - _CHANGED_LATELY).astimezone(self.zone).date()

    async def _follow(self, reading: SyndicationReading, fetch: Fetch, source: Source, now: datetime) -> Output:
        home = self.arguments.site_url
        self._count(Stat.link_rejected("too_many"), reading.unread_entries)
        for entry in reading.entries:
            entry.url = announced.as_on_site(entry.url, home)
        entries = await self._own(load_teasers((e for e in reading.entries if e.title), now, zone=self.zone))
        entries = [entry for entry in entries if entry.url not in self.list_pages]
        untitled = await self._on_site(self._changed_lately(reading.entries, now))
        self.targets.add_entries(entries)
        self._note_newest(Stat.newest(source.url), entries)
        state = await self.frontier.entries(source.url, entries, now)
        others = await self.frontier.articles(untitled, now) if untitled else []
        self._note_shown("feeds", [*(entry.url for entry in entries), *untitled], [*state.states, *others])
        both = list(zip(entries, state.states, strict=True))
        wanted = [(entry, known) for entry, known in both if self.arguments.covers(entry.published_on)]
        requests = self._requests([*wanted, *((None, known) for known in others)])
        admitted = self._within_budget(requests)
        shown = {entry.url for entry, _ in wanted}
        filed = ((canonical_or_none(entry.url), entry.categories) for entry in reading.entries if entry.categories)
        yield Listing(
            fetch=fetch,
            category=source.url,
            page=source.level,
            entries=[entry for entry, _ in wanted],
            told_categories={url: names for url, names in filed if url in shown},
            ends_walk=len(admitted) == len(requests) and self.arguments.mode != "backfill",
        )
        for following in admitted:
            yield following

    def _changed_lately(self, entries: Iterable[EntryReading], now: datetime) -> Iterator[str]:
        """Yield the entries without a title that may be new articles: a sitemap has every page of a site."""
        earliest = self._earliest(now)
        for entry in entries:
            if entry.title or not announced.may_be_article(entry.url):
                continue
            day = dates.parse(entry.published, now, self.zone).on if entry.published else None
            if day is not None and day >= earliest and canonical_or_none(entry.url) not in self.list_pages:
                yield entry.url

    # --- lists and feeds compared ------------------------------------------------------------------------------------

    def note_listed(self, entries: Sequence[Teaser], states: Sequence[CrawlState]) -> None:
        """Count what a list page shows, if feeds are read too."""
        if self.arguments.reads_feeds:
            self._note_newest(Stat.LISTS_NEWEST, entries)
            self._note_shown("lists", [entry.url for entry in entries], states)

    def _note_shown(self, by: str, urls: Sequence[str], states: Sequence[CrawlState]) -> None:
        """Count the new articles by what shows them, ``lists`` or ``feeds``."""
        for url, state in zip(urls, states, strict=True):
            name = page_name(url)
            before = self.shown_by.get(name)
            if before is None:
                self.shown_by[name] = "" if state.is_fetched else by
                self._count(Stat.found_by(by), not state.is_fetched)
            elif before not in ("", by, "both"):
                self.shown_by[name] = "both"
                self._count(Stat.found_by(before), -1)
                self._count(Stat.found_by("both"))

    def _note_newest(self, name: str, entries: Iterable[Teaser]) -> None:
        days = [entry.published_on.isoformat() for entry in entries if entry.published_on]
        if days:
            self.crawler.stats.set_value(name, max(*days, self.crawler.stats.get_value(name, "")))
