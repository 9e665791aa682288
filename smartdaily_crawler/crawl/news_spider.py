"""The walk after the home page: list pages, articles, and the targets of their teasers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from smartdaily_crawler.cleaning.urls import canonical_or_none, canonicalize
from smartdaily_crawler.crawl.fetches import (
    document_of,
    fetch_of,
    is_unchanged,
    page_request,
    request_of,
    response_clock,
)
from smartdaily_crawler.crawl.frontier import CrawlState
from smartdaily_crawler.crawl.home_page import HomeSpider
from smartdaily_crawler.crawl.listed import Listed, has_lost_title, told_about, told_by
from smartdaily_crawler.crawl.paging import WHOLE, CategoryWalk, End
from smartdaily_crawler.items import Article, Listing, Navigation, Outcome, Teaser
from smartdaily_crawler.loaders import load_article, load_teasers
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.shapes import ListShape
from smartdaily_crawler.pages.article import read_article, read_part
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.reading import ArticleReading, ListingReading
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import CUT
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat

Output = AsyncIterator[Request | Article | Listing | Navigation | Outcome]

# List pages come first, as they link to everything else; further parts of an article come before a new one. Targets of teasers
# come last: lists show most of them too, by their canonical URL, and an alias of an article already read is not requested.
_LISTING_PRIORITY, _PART_PRIORITY, _TARGET_PRIORITY = 10, 5, -1

# Rejection reasons of an app shell: it has no text, or only the lists next to the article.
_MISSING = (Reason.NO_BODY, Reason.NO_TITLE, Reason.LISTING)

_DEEP = 100
"""List pages of a category that come before the articles on them. Further ones may be a trap, and come last."""

_UNINTENDED: dict[End | None, str] = {
    "budget": "LISTING_PAGE_BUDGET",
    "cut": "RENDER_SCROLLS, RENDER_SCROLL_TIMEOUT",
    "spent": "ARTICLE_BUDGET",
}
"""Unintended stop reasons, and the setting behind each."""


class NewsSpider(HomeSpider):
    """Spider that walks one news site."""

    list_shape: ListShape | None = None
    """Markup of the site's lists, from the list page with the most entries so far: a category's last page may have one entry."""
    _shape_entries: int = 0
    """Number of entries on that list page."""

    async def parse(self, response: Response) -> Output:
        """Read a page whose kind is not known, as ``scrapy parse`` fetches it."""
        request = request_of(response)
        document = document_of(response)
        output: Output
        if urlsplit(response.url).path in ("", "/"):
            request.meta[Meta.KIND], output = "home", self.parse_home(response)
        elif document is not None and self._read(document).rejected == Reason.LISTING:
            request.meta[Meta.KIND], output = "listing", self.parse_listing(response, CategoryWalk("parse"))
        else:
            output = self.parse_article(response)
        async for each in output:
            yield each

    # --- list pages --------------------------------------------------------------------------------------------------

    async def listing_request(self, url: str, walk: CategoryWalk) -> Request:
        address = canonicalize(url)
        walk.ask(address)
        self.list_pages.add(address)
        return page_request(
            url,
            "listing",
            await self.frontier.list_page(address),
            language=self.language,
            callback=self.parse_listing,
            errback=self.page_failed,
            cb_kwargs={"walk": walk},
            priority=_LISTING_PRIORITY if walk.page <= _DEEP else _TARGET_PRIORITY,
            # Two categories may share a page; the walk is bounded by `walk`.
            dont_filter=True,
        )

    async def parse_listing(self, response: Response, walk: CategoryWalk) -> Output:
        """Yield the list page and requests for its due articles and for the next page, unless the walk ends here."""
        request = request_of(response)
        fetch = fetch_of(request, response)
        if is_unchanged(fetch, request):
            self._count(Stat.pager("unchanged"))
            self._count(Stat.CATEGORY_ANSWERED, walk.page == 1)
            yield Outcome(fetch=fetch, outcome="not_modified", category=walk.name)
            return
        document = document_of(response)
        if document is None:
            yield Outcome(fetch=fetch, outcome="rejected", reason=Reason.NOT_HTML)
            return
        reading = self._read_listing(document, walk.page)
        found = bool(reading.entries) and not reading.is_beside
        if again := self.rendering.after(request, document, found=found):
            yield again
            return
        now = self._clock(response)
        entries = await self._own(load_teasers(reading.entries, now, walk.entries + 1, self.zone))
        if not entries:
            self._count(Stat.LISTING_EMPTY)
            yield Outcome(fetch=fetch, outcome="rejected", reason=Reason.NO_ENTRIES)
            return
        self.targets.add_entries(entries)
        state = await self.frontier.entries(walk.name, entries, now)
        self.note_listed(entries, state.states)
        page, next_url = walk.page, canonical_or_none(reading.next_url)
        end = walk.turn(entries, state, next_url, self.limits)
        if end == "last":
            if page == 1 and self.rendering.may_hold_more(request) and self._scrolls:
                # The first screen of a list that may be endless, without enough known and unchanged entries to stop here.
                yield self.rendering.deeper(request, self._scrolls).replace(cb_kwargs={"walk": CategoryWalk(walk.name)})
                return
            end = self._last(response, reading, page)
        both = list(zip(entries, state.states, strict=True))
        wanted = [(entry, known) for entry, known in both if self.arguments.covers(entry.published_on)]
        requests = self._requests(wanted)
        admitted = self._within_budget(requests)
        if len(admitted) < len(requests):
            # The next run has to read the list again, from its beginning.
            end = "spent"
        yield Listing(
            fetch=fetch,
            category=walk.name,
            page=page,
            entries=[entry for entry, _ in wanted],
            is_unordered=walk.is_unordered,
            ends_walk=end in WHOLE and not walk.is_unordered and self.arguments.mode != "backfill",
        )
        for following in admitted:
            yield following
        if end is None and next_url:
            yield await self.listing_request(next_url, walk)
        self._count_page(walk, page, end)

    def _last(self, response: Response, reading: ListingReading, page: int) -> End:
        """Return why a walk ends at a page without the address of a next one: its list may go on."""
        request = request_of(response)
        if page == 1 and self.rendering.may_hold_more(request) and self._is_limited:
            return "limit"
        if CUT in response.flags:
            return "limit" if self._is_limited else "cut"
        if _is_unturned(reading, request):
            return "limit" if page == self.limits.max_pages else "unturned"
        return "last"

    def _read_listing(self, document: Document, page: int) -> ListingReading:
        reading = read_listing(document, self.selectors, self.list_shape, page)
        if reading.shape and len(reading.entries) > self._shape_entries:
            self.list_shape, self._shape_entries = reading.shape, len(reading.entries)
        return reading

    def _count_page(self, walk: CategoryWalk, page: int, end: End | None) -> None:
        if page == 1:
            self._count(Stat.CATEGORY_ANSWERED)
            self._count(Stat.gap(walk.name), walk.gap)
        if end:
            self._count(Stat.pager(end))
            self._count(Stat.unturned(walk.name), end == "unturned")
            self._count(Stat.unordered(walk.name), walk.is_unordered)
        if end in _UNINTENDED:
            self.logger.warning("%s: left after %d entries (%s)", walk.name, walk.entries, _UNINTENDED[end])

    @property
    def _scrolls(self) -> int:
        """How often to scroll an endless list; each scroll counts as a page."""
        budget = self.crawler.settings.getint("RENDER_SCROLLS")
        return budget if self.limits.max_pages is None else min(budget, self.limits.max_pages - 1)

    @property
    def _is_limited(self) -> bool:
        """True if ``max_pages``, not ``RENDER_SCROLLS``, bounds an endless list."""
        return self._scrolls < self.crawler.settings.getint("RENDER_SCROLLS")

    # --- articles ----------------------------------------------------------------------------------------------------

    async def _target_requests(self, targets: Mapping[str, Teaser | None], now: datetime) -> Sequence[Request]:
        """Return requests for the targets of an article's links that are due and were not requested yet.

        :param targets: canonical URL -> the teaser, if it is one.
        """
        new = [url for url in targets if url not in self.requested and url not in self.list_pages]
        states = await self.frontier.articles(new, now) if new else []
        requests = self._requests(zip(map(targets.get, new), states, strict=True), _TARGET_PRIORITY)
        near = self.targets.admit(requests)
        self._count(Stat.TEASER_PUT_OFF, len(requests) - len(near))
        return self._within_budget(near)

    def _requests(self, links: Iterable[tuple[Teaser | None, CrawlState]], priority: int = 0) -> list[Request]:
        requests = []
        for shown, state in links:
            if state.url in self.requested or state.url in self.list_pages:
                continue
            # Also for an article that is not due, so that it is not looked up again.
            self.requested.add(state.url)
            if state.is_fetched:
                self.own_pages.add(state.url)
            if state.is_due:
                requests.append(self.article_request(state, shown, priority))
        return requests

    def article_request(self, state: CrawlState, shown: Teaser | None = None, priority: int = 0) -> Request:
        """Return a request for an article.

        :param shown: the link that leads there; ``None`` if only its URL is known.
        """
        request = page_request(
            state.url,
            "article",
            state.validators,
            language=self.language,
            callback=self.parse_article,
            errback=self.page_failed,
            priority=priority,
        )
        request.meta[Meta.LISTED] = told_by(state, shown)
        return request

    async def parse_article(self, response: Response) -> Output:
        """Yield the article and requests for its teasers' targets, or a request for its next page; or why it is no article."""
        request = request_of(response)
        fetch = fetch_of(request, response)
        if is_unchanged(fetch, request):
            yield Outcome(fetch=fetch, outcome="not_modified")
            return
        document = document_of(response)
        if document is None:
            yield Outcome(fetch=fetch, outcome="rejected", reason=Reason.NOT_HTML)
            return
        listed = told_about(request, response)
        reading = self._read(document, listed)
        is_missing = reading.rejected in _MISSING
        if (is_missing or not reading.rejected) and (
            again := self.rendering.after(request, document, found=not is_missing)
        ):
            yield again
            return
        for event in reading.conflicts:
            self._count(event)
        rejected = reading.rejected or (Reason.UNTOLD_TITLE if has_lost_title(reading, listed) else None)
        if rejected:
            yield Outcome(fetch=fetch, outcome="rejected", reason=rejected)
            return
        now = self._clock(response)
        day = next((told.published_on for told in listed if told.published_on), None)
        article = load_article(reading, fetch, response.url, now, self.zone, listed_on=day)
        article.parser_version = self.parser_version
        if article.canonical in self.list_pages:
            article.canonical = None  # some sites name a category page on every article
        article.teasers = await self._own(article.teasers)
        await self._without_private(article)
        self.requested.add(article.url)
        self.own_pages.add(article.url)
        async for output in self._go_on(article, reading.next_url, now):
            yield output

    def _read(self, document: Document, listed: Sequence[Listed] = ()) -> ArticleReading:
        titles = [told.title for told in listed]
        return read_article(document, self.selectors, self.language, self.article_page, titles)

    def _read_part(self, document: Document, article: Article) -> ArticleReading:
        is_without = not article.teasers
        return read_part(document, self.selectors, self.language, self.article_page, with_teasers=is_without)

    async def parse_part(self, response: Response, article: Article) -> Output:
        """Add a further page to the article; yield as ``parse_article`` does."""
        request = request_of(response)
        document = document_of(response)
        reading = self._read_part(document, article) if document else None
        if again := self.rendering.after(request, document, found=reading is not None and bool(reading.body)):
            yield again
            return
        fetch = fetch_of(request, response)
        article.parts.append(fetch)
        if reading is None or not reading.body or reading.rejected == Reason.OTHER_LANGUAGE:
            yield _without(article, Reason.PART_REJECTED)
            return
        now = self._clock(response)
        part = load_article(reading, fetch, response.url, now, self.zone)
        await self._without_private(part)
        article.add_part(part)
        article.teasers = article.teasers or await self._own(part.teasers)
        async for output in self._go_on(article, reading.next_url, now):
            yield output

    def part_failed(self, failure: Failure) -> Iterator[Outcome]:
        article: Article = failure.request.cb_kwargs["article"]  # type: ignore[attr-defined]  # set by Scrapy
        outcome = self._failed(failure)
        yield outcome
        # Half an article would be stored as a revision, and the next run would add another one with the whole.
        yield _without(article, Reason.part(outcome.reason))

    async def _go_on(self, article: Article, next_url: str | None, now: datetime) -> Output:
        """Request the article's next page, or yield the article if there is none."""
        if next_url and self._is_further_part(article, next_url):
            yield page_request(
                next_url,
                "part",
                language=self.language,
                callback=self.parse_part,
                errback=self.part_failed,
                cb_kwargs={"article": article},
                priority=_PART_PRIORITY,
                dont_filter=True,
            )
            return
        if article.parts:
            # Validators of the first page do not cover the others, so the next run must fetch all of them.
            article.fetch.etag = article.fetch.last_modified = article.fetch.raw_hash = None
        self._count_fields(article)
        yield article
        targets: dict[str, Teaser | None] = {article.canonical: None} if article.canonical else {}
        if not self._is_repeated(article) and self._follows_teasers(article):
            targets |= {teaser.url: teaser for teaser in article.teasers if self._is_wanted(teaser)}
        for request in await self._target_requests(targets, now):
            yield request

    def _follows_teasers(self, article: Article) -> bool:
        """A walk of a part of the site goes one teaser far from its lists, as teasers lead everywhere."""
        is_far = article.fetch.url in self.targets and not self.arguments.is_whole
        return self.arguments.follow_teasers and not is_far

    def _is_repeated(self, article: Article) -> bool:
        """Count whether the run has read the same text as another article; return it.

        Teasers of repeated texts are not followed: with session ids in its links, a site never ends.
        """
        identity = article.canonical or article.url
        text = hash((article.title, *article.body))
        is_repeated = text in self.texts and (text, identity) not in self.texts
        if not is_repeated:
            self.texts.add(text)
            self.texts.add((text, identity))
        self._count(Stat.ARTICLE_COMPARED)
        self._count(Stat.ARTICLE_REPEATED, is_repeated)
        return is_repeated

    def _is_wanted(self, teaser: Teaser) -> bool:
        if self.arguments.mode == "backfill" and teaser.published_on is None:
            return False
        return self.arguments.covers(teaser.published_on)

    def _count_fields(self, article: Article) -> None:
        self._count(Stat.ARTICLE_READ)
        for name in Stat.FIELDS:
            if not getattr(article, name):
                self._count(Stat.missing(name))
        for name, how in article.provenance.items():
            self._count(Stat.provenance(name, how))

    def _clock(self, response: Response) -> datetime:
        """Return the time by which the dates of a page are read, and count whether the server's could be used."""
        now, is_implausible = response_clock(response)
        self._count(Stat.CLOCK_IMPLAUSIBLE if is_implausible else Stat.CLOCK_PLAUSIBLE)
        return now

    def _is_further_part(self, article: Article, next_url: str) -> bool:
        if self.site_address.rejection_reason(next_url) is not None:
            return False
        fetched = {f.url for f in (article.fetch, *article.parts)} | {
            f.final_url for f in (article.fetch, *article.parts)
        }
        budget = self.crawler.settings.getint("ARTICLE_PART_BUDGET")
        return canonicalize(next_url) not in fetched and len(article.parts) + 1 < budget


def _is_unturned(reading: ListingReading, request: Request) -> bool:
    """Return whether a list has more than its page shows; a button that loads more was used if the list was scrolled."""
    render_options: RenderOptions | None = request.meta.get(Meta.RENDER)
    is_scrolled = render_options is not None and render_options.scrolls > 0
    return reading.unturned == "pages" or (reading.unturned == "more" and not is_scrolled)


def _without(article: Article, reason: str) -> Outcome:
    return Outcome(fetch=article.fetch, parts=article.parts, outcome="failed", reason=reason)
