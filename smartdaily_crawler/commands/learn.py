"""``scrapy learn``: derive a site's profile from some of its pages."""

from __future__ import annotations

import argparse
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.table import Table
from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from smartdaily_crawler import sites
from smartdaily_crawler.cleaning import text
from smartdaily_crawler.cleaning.urls import canonicalize, registrable
from smartdaily_crawler.cli.output import console, refuse
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.crawl.fetches import document_of, failure_outcome, page_request, response_clock
from smartdaily_crawler.learning.derive import Agreement, Learnt, learn
from smartdaily_crawler.learning.samples import ArticleSample, ListingSample, NavigationSample, Samples
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.shapes import ListShape
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.headline import strip_suffix
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.navigation import read_navigation
from smartdaily_crawler.politeness import only_look, relax_for_private_host
from smartdaily_crawler.rendering.choice import NoRendererError, rendering_by
from smartdaily_crawler.rendering.policy import Rendering
from smartdaily_crawler.sites.profile import Render, SiteProfile, chosen
from smartdaily_crawler.sites.site_address import SiteAddress
from smartdaily_crawler.sites.writer import as_toml

_CATEGORIES = 6
_LIST_PAGES = 3
_PAGES = 40
_FEWEST = 8
_PIPE_WIDTH = 160
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass
class _Walk:
    """Pages read by the walk, and why it failed if it did."""

    site_title: str | None = None
    navigations: list[NavigationSample] = field(default_factory=list)
    listings: list[ListingSample] = field(default_factory=list)
    articles: list[ArticleSample] = field(default_factory=list)
    complaint: str | None = None
    render: Render = "never"
    """How the pages were rendered."""

    @property
    def samples(self) -> Samples:
        """The pages sorted by URL, so that the profile does not depend on the order of the responses."""
        return Samples(
            articles=sorted(self.articles, key=_address),
            listings=sorted(self.listings, key=_address),
            navigations=sorted(self.navigations, key=_address),
        )


def _address(sample: ArticleSample | ListingSample | NavigationSample) -> str:
    return sample.document.url


class Command(ScrapyCommand):
    requires_project = True
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def syntax(self) -> str:
        return "[options] <site url>"

    def short_desc(self) -> str:
        return "Derive a site's selectors from some of its pages, and write its profile"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--name", help="the profile's name (default: from the address)")
        parser.add_argument(
            "--pages", default=str(_PAGES), help="articles to read, half of them for checking (default: %(default)s)"
        )
        # No short -o: in Scrapy's commands it means a feed.
        parser.add_argument(
            "--output", metavar="FILE", help="default: NAME.toml in the folder of the crawler's profiles"
        )
        parser.add_argument(
            "--render", metavar="BY", help="render the pages by splash or playwright (default: plain HTTP)"
        )
        parser.add_argument("--force", action="store_true", help="overwrite the file")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one site by its address", print_help=False)
        try:
            url = WalkArguments.parse({"site_url": args[0]}, {}).site_url
            pages = _pages(opts.pages)
            name = _name(opts.name, opts.output, url)
            output = _output(opts.output, name, force=opts.force)
            rendering = rendering_by(opts.render, self.settings)
        except (ArgumentError, NoRendererError) as error:
            refuse(self, error)
            return
        walk = self._walk(url, pages, rendering)
        if walk.complaint is not None:
            refuse(self, f"{url}: {walk.complaint}", exitcode=1)
            return
        self._write(url, walk, name, output)

    def _write(self, url: str, walk: _Walk, name: str, output: Path) -> None:
        learnt = learn(walk.samples)
        console(in_pipe=_PIPE_WIDTH).print(_table(learnt))
        if not learnt.agreement:
            refuse(self, f"{url}: no selector fits its pages; nothing is written", exitcode=1)
            return
        profile = SiteProfile(
            name=name,
            title=walk.site_title or name,
            selectors=learnt.selectors,
            agreement={name: agreement.share for name, agreement in learnt.agreement.items()},
            render=walk.render,
        )
        try:
            output.write_text(as_toml(profile, _heading(url, walk)), encoding="utf-8")
        except OSError as error:
            refuse(self, f"{output}: {error.strerror}", exitcode=1)
            return
        print(f"Written to {output}")

    def _walk(self, url: str, pages: int, rendering: Rendering) -> _Walk:
        walk = _Walk(render=rendering.policy)
        only_look(self.settings)
        relax_for_private_host(self.settings, SiteAddress(url), priority="cmdline")
        self.crawler_process.crawl(_LearnSpider, url=url, pages=pages, walk=walk, rendering=rendering)
        self.crawler_process.start()
        if walk.complaint is None and not walk.articles:
            walk.complaint = "no article could be read on its pages"
        return walk


class _LearnSpider(Spider):
    """Fetch the home page, a few list pages of a few categories, and some articles of each, as politely as a crawl."""

    name = "learn"

    def __init__(self, url: str, pages: int, walk: _Walk, rendering: Rendering) -> None:
        super().__init__()
        self.url = url
        self.pages = pages
        self.walk = walk
        self.rendering = rendering
        self.site_address = SiteAddress(url)
        self.open_lists = 0
        """Number of categories whose last list page is still to come."""
        self.shape: ListShape | None = None
        self.shape_entries = 0
        """Number of entries on the list page that ``shape`` is from."""
        self.entries: deque[deque[str]] = deque()
        """URLs of articles, one queue per list page."""

    async def start(self) -> Any:
        yield page_request(self.url, "home", callback=self.parse_home, errback=self.home_failed)

    def parse_home(self, response: Response) -> Iterator[Request]:
        document = document_of(response)
        if document is None:
            self.walk.complaint = "its home page is not HTML"
            return
        categories = [link for link in read_navigation(document) if self._is_own(link.url)]
        self.walk.site_title = _site_title(document)
        if not categories:
            self.walk.complaint = "no category found in its navigation"
            return
        self.walk.navigations.append(NavigationSample(document, read_navigation(document)))
        self.open_lists = len(categories[:_CATEGORIES])
        for category in categories[:_CATEGORIES]:
            yield self._list_request(category.url, 1)

    def home_failed(self, failure: Failure) -> None:
        self.walk.complaint = f"its home page cannot be read ({failure_outcome(failure)[2]})"

    def _list_request(self, url: str, page: int) -> Request:
        # A pager may link to a page that was requested already; if that were filtered out, the walk would not end.
        return page_request(
            url,
            "listing",
            callback=self.parse_listing,
            errback=self.list_failed,
            cb_kwargs={"page": page},
            dont_filter=True,
        )

    def parse_listing(self, response: Response, page: int) -> Iterator[Request]:
        document = document_of(response)
        if document is None:
            yield from self._list_done()
            return
        reading = read_listing(document, shape=self.shape)
        if reading.shape and len(reading.entries) > self.shape_entries:
            self.shape, self.shape_entries = reading.shape, len(reading.entries)
        if reading.entries:
            self.walk.listings.append(ListingSample(document, reading))
            self.walk.navigations.append(NavigationSample(document, read_navigation(document)))
            self.entries.append(deque(entry.url for entry in reading.entries if self._is_own(entry.url)))
        if reading.next_url and page < _LIST_PAGES and self._is_own(reading.next_url):
            yield self._list_request(reading.next_url, page + 1)
        else:
            yield from self._list_done()

    def list_failed(self, _: Failure) -> Iterator[Request]:
        yield from self._list_done()

    def _list_done(self) -> Iterator[Request]:
        """Count a finished category; after the last one request articles, one of each list page in turn."""
        self.open_lists -= 1
        requested: set[str] = set()
        while self.open_lists == 0 and self.entries and len(requested) < self.pages:
            entries = self.entries.popleft()
            if not entries:
                continue
            self.entries.append(entries)
            url = entries.popleft()
            if canonicalize(url) not in requested:
                requested.add(canonicalize(url))
                yield page_request(url, "article", callback=self.parse_article, errback=self.article_failed)

    def parse_article(self, response: Response) -> None:
        document = document_of(response)
        reading = read_article(document) if document else None
        if document and reading and reading.rejected is None:
            self.walk.articles.append(ArticleSample(document, reading, response_clock(response)))

    def article_failed(self, failure: Failure) -> None:
        self.logger.warning("%s: %s", failure.request.url, failure_outcome(failure)[2])  # type: ignore[attr-defined]  # set by Scrapy

    def _is_own(self, url: str) -> bool:
        return self.site_address.rejection_reason(url) is None


def _site_title(document: Document) -> str | None:
    return text.clean(document.meta("og:site_name") or strip_suffix(document.title))


def _pages(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or int(raw) < _FEWEST:
        raise ArgumentError(f"--pages takes a whole number from {_FEWEST} up, not {raw!r}")
    return int(raw)


def _name(given: str | None, output: str | None, url: str) -> str:
    """Return the given name, that of the output file, or the first label of the site's domain. Raise ArgumentError."""
    host = registrable(urlsplit(url).hostname or "")
    name = given or (Path(output).stem if output else re.sub(r"\W", "_", host.partition(".")[0]))
    if not _NAME.fullmatch(name):
        raise ArgumentError(
            f"the name of a profile takes lower-case letters, digits and underscores, not {name!r}: give --name"
        )
    return name


def _output(given: str | None, name: str, *, force: bool) -> Path:
    output = Path(given) if given else Path(sites.__path__[0]) / f"{name}.toml"
    if output.is_dir() or not output.parent.is_dir():
        raise ArgumentError(f"--output takes a file in a folder that exists, not {str(output)!r}")
    if output.exists() and not force:
        raise ArgumentError(f"{output} exists; overwrite it with --force, or name another with --output")
    return output


def _heading(url: str, walk: _Walk) -> list[str]:
    return [
        f"Learnt from {len(walk.articles)} articles and {len(walk.listings)} list pages of {url} on {datetime.now(UTC):%Y-%m-%d},",
        "half of which served to check the selectors. A field without a selector here is read by the structure of the page.",
    ]


def _table(learnt: Learnt) -> Table:
    table = Table(title_justify="left")
    for column in ("field", "selector", "agreement", "pages"):
        table.add_column(column, overflow="fold")
    for name, css in chosen(learnt.selectors).items():
        _add(table, name, css, learnt.agreement[name])
    for name, (css, agreement) in learnt.refused.items():
        _add(table, name, f"left out: {css}", agreement)
    return table


def _add(table: Table, name: str, css: str, agreement: Agreement) -> None:
    table.add_row(name, css, f"{agreement.share:.3f}", f"{agreement.agreed} of {agreement.pages}")
