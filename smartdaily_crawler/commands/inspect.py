"""``scrapy inspect``: print the fields read from a page, each with its provenance. Nothing is stored."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from itemadapter import ItemAdapter
from rich.table import Table
from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import Crawler, CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.cli.output import console, refuse
from smartdaily_crawler.crawl.fetches import failure_outcome, header, page_request, response_clock
from smartdaily_crawler.items import Article, Fetch
from smartdaily_crawler.loaders import load_article
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.politeness import only_look, relax_for_private_host
from smartdaily_crawler.rendering.choice import rendering_by
from smartdaily_crawler.rendering.policy import Rendering
from smartdaily_crawler.sites.profile import SiteProfile, read_profile
from smartdaily_crawler.sites.site_address import SiteAddress

_LISTS = ("body", "images", "teasers", "categories")
_NOT_OF_THE_PAGE = ("url", "canonical", "fetch", "parts", "provenance", "parser_version")
_FIELDS = [
    each.name
    for each in fields(Article)
    if each.name not in (*_LISTS, *_NOT_OF_THE_PAGE) and not each.name.endswith("_raw")
]
# Base of the links in a file that has no URL, neither given nor in its markup.
_UNKNOWN_ADDRESS = "http://localhost/"


@dataclass(slots=True)
class _Page:
    """A page to be read, or the reason why it could not be fetched."""

    name: dict[str, str]
    """``{"file": …}`` or ``{"url": …}``."""
    body: bytes = b""
    content_type: str | None = None
    url: str = _UNKNOWN_ADDRESS
    clock: datetime | None = None
    """Time of the response, timezone-aware; ``None`` for now."""
    failure: str | None = None


_UNANSWERED = _Page({}, failure="no answer")


class Command(ScrapyCommand):
    requires_project = True
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def syntax(self) -> str:
        return "[options] <url or file> …"

    def short_desc(self) -> str:
        return "Show the fields read from article pages, and how each was found"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object per line")
        parser.add_argument("--url", help="URL of a page given as a file")
        parser.add_argument(
            "--profile-file", metavar="FILE", help="a site's profile: selectors to try first, and its time zone"
        )
        parser.add_argument(
            "--render", metavar="BY", help="render the page by splash or playwright (default: plain HTTP)"
        )
        parser.add_argument(
            "--at",
            help="when a page given as a file was fetched: an ISO 8601 time, without an offset in the profile's zone (default: now)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise UsageError("name a URL or a file", print_help=False)
        try:
            profile = read_profile(Path(opts.profile_file)) if opts.profile_file else None
            zone = ZoneInfo(profile.timezone if profile else SiteProfile.timezone)
            clock = _clock(opts.at, zone)
            url = canonicalize(opts.url) if opts.url else _UNKNOWN_ADDRESS
            rendering = rendering_by(opts.render, self.settings)
            for arg in filter(_is_url, args):
                canonicalize(arg)
        except ValueError as error:
            refuse(self, error)
            return
        language = profile.language if profile else SiteProfile.language
        pages = self._fetch([arg for arg in args if _is_url(arg)], rendering, language)
        for arg in args:
            page = pages.get(arg, _UNANSWERED) if _is_url(arg) else _from_file(arg, url, clock)
            if page.failure is not None:
                refuse(self, f"{arg}: {page.failure}", exitcode=1)
                continue
            facts = read(page, profile.selectors if profile else None, zone, language)
            if opts.json:
                print(json.dumps(facts, ensure_ascii=False))
            else:
                console(in_pipe=None).print(_table(facts))

    def _fetch(self, urls: list[str], rendering: Rendering, language: str) -> dict[str, _Page]:
        pages: dict[str, _Page] = {}
        if not urls:
            return pages
        only_look(self.settings)
        for url in urls:
            self.crawler_process.crawl(_InspectSpider, url=url, pages=pages, rendering=rendering, language=language)
        self.crawler_process.start()
        return pages


class _InspectSpider(Spider):
    """Fetch one page as politely as a crawl."""

    name = "inspect"

    def __init__(self, url: str, pages: dict[str, _Page], rendering: Rendering, language: str) -> None:
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
        self.pages[self.url] = _Page(
            {"url": self.url}, response.body, content_type, response.url, response_clock(response)
        )
        yield from ()

    def failed(self, failure: Failure) -> None:
        self.pages[self.url] = _Page({"url": self.url}, failure=failure_outcome(failure)[2])


def read(page: _Page, selectors: Selectors | None, zone: ZoneInfo, language: str) -> dict[str, Any]:
    """Read a page as a crawl would; return the object that ``--json`` prints.

    :param zone: time zone of the times printed on the page, and of those returned.
    :param language: tag of the site's language.
    """
    now = page.clock or datetime.now(UTC)
    document = Document(decode(page.body, page.content_type), page.url)
    reading = read_article(document, selectors, language)
    url = canonicalize(page.url)
    fetch = Fetch(url=url, kind="article", final_url=url, status=200, fetched_at=now)
    article = load_article(reading, fetch, page.url, now, zone)
    return {**page.name, **_facts(article, zone), "rejected": reading.rejected}


def _facts(article: Article, zone: ZoneInfo) -> dict[str, Any]:
    item = ItemAdapter(article).asdict()
    return {name: _plain(item[name], zone) for name in (*_FIELDS, *_LISTS, "provenance")}


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """Convert dates to text for JSON, also inside lists and dicts."""
    if isinstance(value, list):
        return [_plain(each, zone) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each, zone) for name, each in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else value


def _table(facts: dict[str, Any]) -> Table:
    table = Table(title=facts.get("url") or facts.get("file"), title_justify="left", show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim", no_wrap=True)
    if facts["rejected"]:
        table.add_row("rejected", facts["rejected"])
    for name in _FIELDS:
        if facts[name] is not None:
            # published_on and published_at are one field of the page, updated_at is another.
            found = name.removesuffix("_on").removesuffix("_at")
            table.add_row(name, facts[name], facts["provenance"].get(found, ""))
    table.add_row("body", "\n".join(facts["body"]), facts["provenance"].get("body", ""))
    if facts["categories"]:
        table.add_row("categories", " > ".join(facts["categories"]))
    if facts["images"]:
        table.add_row("images", "\n".join(f"{i['url']}  {i['caption'] or ''}".rstrip() for i in facts["images"]))
    if facts["teasers"]:
        table.add_row("teasers", "\n".join(_teaser_line(teaser) for teaser in facts["teasers"]))
    return table


def _teaser_line(teaser: dict[str, Any]) -> str:
    return "  ".join(
        str(teaser[name]) for name in ("block", "position", "published_on", "title", "url") if teaser[name]
    )


def _is_url(arg: str) -> bool:
    return arg.startswith(("http://", "https://"))


def _clock(at: str | None, zone: ZoneInfo) -> datetime | None:
    if at is None:
        return None
    try:
        clock = datetime.fromisoformat(at)
    except ValueError:
        raise ValueError(f"--at takes an ISO 8601 time such as 2026-03-06T20:00:00+08:00, not {at!r}") from None
    return clock if clock.tzinfo else clock.replace(tzinfo=zone)


def _from_file(name: str, url: str, clock: datetime | None) -> _Page:
    try:
        return _Page({"file": name}, Path(name).read_bytes(), url=url, clock=clock)
    except OSError as error:
        return _Page({"file": name}, failure=error.strerror or type(error).__name__)
