"""Read single pages for commands, by the rules of a site: pages from the network and from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from itemadapter import ItemAdapter
from scrapy import Request, Spider
from scrapy.crawler import Crawler, CrawlerProcessBase
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.crawl.fetches import failure_outcome, header, page_request, response_clock
from smartdaily_crawler.crawl.site_spider import SiteSpider
from smartdaily_crawler.items import Article, Fetch
from smartdaily_crawler.loaders import load_article
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode_with
from smartdaily_crawler.markup.selectors import OF_ARTICLE, Selectors
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.article_page import ArticlePage
from smartdaily_crawler.politeness import only_look, relax_for_private_host
from smartdaily_crawler.rendering.policy import Rendering
from smartdaily_crawler.sites.profile import SiteProfile, read_profile
from smartdaily_crawler.sites.site_address import SiteAddress

LISTS = ("body", "images", "teasers", "categories")
_NOT_OF_THE_PAGE = ("url", "canonical", "fetch", "parts", "provenance", "parser_version")
FIELDS = [
    each.name
    for each in fields(Article)
    if each.name not in (*LISTS, *_NOT_OF_THE_PAGE) and not each.name.endswith("_raw")
]
UNKNOWN_ADDRESS = "http://localhost/"
"""Base of the links in a file that has no URL, neither given nor in its markup."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a site's pages are read."""

    selectors: Selectors
    page_class: type[ArticlePage]
    zone: ZoneInfo
    """Time zone of the times printed on the pages, and of those returned."""
    language: str

    @classmethod
    def of(cls, process: CrawlerProcessBase, spider: str | None, profile_file: str | None) -> Self:
        """Return the rules of a spider of the project, of a profile, or the spider's with another profile.

        Raise ``ValueError`` if there is no such spider or if the profile is invalid.
        """
        loaded = _load(process, spider) if spider else None
        if profile_file:
            profile = read_profile(Path(profile_file))
        else:
            profile = loaded.profile if loaded else SiteProfile(name="", title="")
        page_class = loaded.article_page if loaded else ArticlePage
        return cls(profile.selectors, page_class, ZoneInfo(profile.timezone), profile.language)


def _load(process: CrawlerProcessBase, name: str) -> type[SiteSpider]:
    try:
        spider = process.spider_loader.load(name)
    except KeyError:
        raise ValueError(f"there is no spider {name!r}; `scrapy list` shows them") from None
    if not issubclass(spider, SiteSpider):
        raise ValueError(f"the spider {name!r} does not read articles by rules of a site")  # noqa: TRY004 - a bad argument
    return spider


@dataclass(slots=True)
class LoadedPage:
    """A page to be read, or the reason why it could not be loaded."""

    name: dict[str, str]
    """``{"file": …}`` or ``{"url": …}``."""
    body: bytes = b""
    content_type: str | None = None
    url: str = UNKNOWN_ADDRESS
    clock: datetime = field(default_factory=lambda: datetime.now(UTC))
    """Time of the response, timezone-aware."""
    failure: str | None = None


def load_pages(
    process: CrawlerProcessBase,
    settings: Settings,
    names: Sequence[str],
    rendering: Rendering,
    language: str,
    *,
    file_url: str = UNKNOWN_ADDRESS,
    file_clock: datetime | None = None,
) -> list[tuple[str, LoadedPage]]:
    """Fetch URLs as politely as a crawl, and read files. Return the pages in the order of their names.

    :param file_url: URL of pages given as files, and *file_clock* the time at which they were fetched; ``None`` for now.
    """
    pages: dict[str, LoadedPage] = {}
    urls = [name for name in names if is_url(name)]
    if urls:
        only_look(settings)
        for url in urls:
            process.crawl(_PageSpider, url=url, pages=pages, rendering=rendering, language=language)
        process.start()
    unanswered = LoadedPage({}, failure="no answer")
    return [
        (name, pages.get(name, unanswered) if is_url(name) else _from_file(name, file_url, file_clock))
        for name in names
    ]


def is_url(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _from_file(name: str, url: str, clock: datetime | None) -> LoadedPage:
    try:
        return LoadedPage({"file": name}, Path(name).read_bytes(), url=url, clock=clock or datetime.now(UTC))
    except OSError as error:
        return LoadedPage({"file": name}, failure=error.strerror or type(error).__name__)


class _PageSpider(Spider):
    """Fetch one page as politely as a crawl."""

    name = "inspect"

    def __init__(self, url: str, pages: dict[str, LoadedPage], rendering: Rendering, language: str) -> None:
        super().__init__()
        self.url = url
        self.site_address = SiteAddress(url)
        self.pages = pages
        self.rendering = rendering
        self.language = language

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        relax_for_private_host(crawler.settings, spider.site_address, priority="spider")
        return spider

    async def start(self) -> Any:
        yield page_request(self.url, "article", language=self.language, callback=self.parse, errback=self.failed)

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:
        content_type = header(response, "Content-Type")
        self.pages[self.url] = LoadedPage(
            {"url": self.url}, response.body, content_type, response.url, response_clock(response)[0]
        )
        yield from ()

    def failed(self, failure: Failure) -> None:
        self.pages[self.url] = LoadedPage({"url": self.url}, failure=failure_outcome(failure)[2])


def read(page: LoadedPage, rules: Rules) -> dict[str, Any]:
    """Read a page as a crawl would; return the object that ``scrapy inspect --json`` prints."""
    text, encoding = decode_with(page.body, page.content_type)
    document = Document(text, page.url, encoding)
    page_rules = rules.page_class(document, rules.selectors)
    reading = read_article(document, rules.selectors, rules.language, rules.page_class)
    url = canonicalize(page.url)
    fetch = Fetch(url=url, kind="article", final_url=url, status=200, fetched_at=page.clock)
    article = load_article(reading, fetch, page.url, page.clock, rules.zone)
    silent = {name: why for name in ("title", *OF_ARTICLE) if (why := page_rules.why_silent(name))}
    return {**page.name, **_facts(article, rules.zone), "rejected": reading.rejected, "silent": silent}


def _facts(article: Article, zone: ZoneInfo) -> dict[str, Any]:
    item = ItemAdapter(article).asdict()
    return {name: _plain(item[name], zone) for name in (*FIELDS, *LISTS, "provenance")}


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """Convert dates to text for JSON, also inside lists and dicts."""
    if isinstance(value, list):
        return [_plain(each, zone) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each, zone) for name, each in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else value
