"""The home page, at which a walk begins: the categories that it names, or why the walk cannot begin, in words for an operator."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from smartdaily_crawler.crawl.fetches import document_of, fetch_of, page_request, request_of
from smartdaily_crawler.crawl.frontier import DueLists
from smartdaily_crawler.crawl.paging import CategoryWalk
from smartdaily_crawler.crawl.syndication_walk import SyndicationSpider
from smartdaily_crawler.items import Category, Listing, Navigation, Outcome
from smartdaily_crawler.loaders import load_categories
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.navigation import read_navigation
from smartdaily_crawler.pages.rejection import home_marker
from smartdaily_crawler.parsing.language import is_other
from smartdaily_crawler.reasons import CloseReason, Reason
from smartdaily_crawler.sites.profile import Render
from smartdaily_crawler.stat_names import Stat

Output = AsyncIterator[Request | Listing | Navigation | Outcome]

_FAILURES = {
    Reason.ROBOTS_FORBIDDEN: "its robots.txt forbids this crawler to fetch the home page",
    Reason.ROBOTS_UNREACHABLE: "it cannot be reached (its robots.txt gives no answer, so nothing may be fetched)",
    Reason.CONNECTION_REFUSED: "it refuses the connection",
    Reason.DNS_FAILURE: "there is no such host",
    Reason.TIMEOUT: "it does not answer in time",
    Reason.REDIRECT_OFFSITE: "it redirects to another host; give that one as SITE_URL",
    Reason.REDIRECT_PRIVATE: "it redirects to a private address",
    Reason.PRIVATE_ADDRESS: "it redirects to a host at a private address; if that is yours, name it in PRIVATE_HOSTS",
    Reason.REDIRECT_LOOP: "it redirects in a loop",
    Reason.RETRY_LATER: "it answers nothing but 429 or 503, and asks to come back later",
    Reason.NOT_HTML: "its home page is not HTML",
    Reason.RENDERER_UNAVAILABLE: "the renderer of its pages does not answer",
    Reason.RENDER_FAILED: "its home page cannot be shown by the renderer",
    Reason.RENDER_TIMEOUT: "its home page does not load in the renderer",
}

_MARKERS = {
    "json": "its home page is JSON, not HTML; give the address of the page that readers see as SITE_URL",
    Reason.EMPTY: "its home page is empty",
    "shell": "its home page is an app shell that scripts fill; crawl with render=auto",
    Reason.CAPTCHA: "its home page is a captcha",
    Reason.BLOCKED: "its home page denies access",
    Reason.ERROR_PAGE: "its home page is an error or maintenance page",
    Reason.SOFT_404: "its home page is a page for missing pages",
    Reason.LOGIN_WALL: "its home page asks to log in",
}
"""What a home page without categories is, by the marker of ``pages.rejection.home_marker``."""


def rejection_reason(document: Document | None, language: str, *, found: bool) -> str | None:
    """Return why the walk cannot begin at a home page; ``None`` if it can.

    :param document: ``None`` if the response is not HTML.
    :param language: tag of the site's language.
    :param found: the page has categories; those of another edition would be added to the site's own.
    """
    if document is None:
        return Reason.NOT_HTML
    if is_other("\n".join(line.text for line in document.lines), language):
        return Reason.OTHER_LANGUAGE
    return None if found else Reason.NO_CATEGORY


def explain_rejection(reason: str, document: Document | None, language: str, policy: Render) -> str:
    """Return a phrase for a ``rejection_reason``, with what the page is instead, where that can be told."""
    if reason == Reason.OTHER_LANGUAGE:
        return f"its home page is not in {language}, the language of the site's profile"
    if reason in _FAILURES:
        return _FAILURES[reason]
    marker = home_marker(document) if document else None
    if marker == "shell" and policy != "never":
        return "no category found in its navigation, also not by its scripts"
    return f"no category found: {_MARKERS[marker]}" if marker in _MARKERS else "no category found in its navigation"


def explain_failure(reason: str) -> str:
    """Return a phrase for the reason of an outcome without a page."""
    return _FAILURES.get(reason, f"its home page could not be fetched ({reason})")


class HomeSpider(SyndicationSpider):
    """Base spider that reads the home page, or takes the categories from earlier runs."""

    due: DueLists | None = None
    """The lists to read, with ``poll=due``; ``None``: all."""

    @abstractmethod
    async def listing_request(self, url: str, walk: CategoryWalk) -> Request:
        """Return a request for the next list page of a category."""

    async def start(self) -> AsyncIterator[Request]:
        if self.rules_version:
            self.crawler.stats.set_value(Stat.RULES, self.rules_version)
        home = self.arguments.site_url
        self.due = await self.frontier.due_lists() if self.arguments.poll == "due" else None
        if self.due and not self.due.with_home and self.arguments.categories <= self.due.categories.keys():
            named = enumerate(self.due.categories.items(), 1)
            known = [Category(name=name, url=url, position=place) for place, (name, url) in named]
            for request in await self._category_requests(known):
                yield request
            return
        yield page_request(home, "home", language=self.language, callback=self.parse_home, errback=self.home_failed)

    async def parse_home(self, response: Response) -> Output:
        """Yield the navigation and requests for the first list page of each category to walk."""
        document = document_of(response)
        links = read_navigation(document, self.selectors) if document else []
        categories = [c for c in load_categories(links) if self.site_address.rejection_reason(c.url) is None]
        private = await self.network.private_among(category.url for category in categories)
        categories = [category for category in categories if category.url not in private]
        request = request_of(response)
        if again := self.rendering.after(request, document, found=bool(categories)):
            yield again
            return
        fetch = fetch_of(request, response)
        if reason := rejection_reason(
            document, self.language, found=bool(categories) or not self.arguments.reads_lists
        ):
            yield Outcome(fetch=fetch, outcome="rejected", reason=reason)
            policy = self.arguments.render
            raise self.stop(reason, explain_rejection(reason, document, self.language, policy))
        if document and self.arguments.profile is None and self.profile.title in document.title:
            self.title = self.profile.title
        yield Navigation(fetch=fetch, categories=categories)
        async for source in self.source_requests(document, response):
            yield source
        if not self.arguments.reads_lists:
            return
        wanted = self.arguments.categories
        if unknown := sorted(wanted - {category.name for category in categories}):
            names = " ".join(category.name for category in categories)
            raise self.stop(CloseReason.UNKNOWN_CATEGORY, f"there is no category {unknown[0]!r}; the site has: {names}")
        for request in await self._category_requests(categories):
            yield request

    async def _category_requests(self, categories: Sequence[Category]) -> list[Request]:
        """Return requests for the first list pages of the categories to walk: those asked for, and due if that is asked for."""
        self._count(Stat.CATEGORY_SEEN, len(categories))
        wanted, due, requests = self.arguments.categories, self.due, []
        for category in categories:
            if wanted and category.name not in wanted:
                continue
            if due and category.name in due.categories.keys() - due.due:
                self._count(Stat.CATEGORY_LEFT)
                continue
            self._count(Stat.CATEGORY_ASKED)
            requests.append(await self.listing_request(category.url, CategoryWalk(category.name)))
        return requests

    def home_failed(self, failure: Failure) -> Iterator[Outcome]:
        outcome = self._failed(failure)
        yield outcome
        reason = outcome.reason or "failed"
        if reason == Reason.RUN_STOPPED:
            return
        closing = reason if reason.startswith(Reason.ROBOTS_FORBIDDEN) else CloseReason.SITE_UNREACHABLE
        raise self.stop(closing, explain_failure(reason))
