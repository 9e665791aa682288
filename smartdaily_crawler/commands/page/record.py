"""``scrapy record``: keep a page with the fields read from it, as a test that ``scrapy check`` runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.cli.output import console, refuse
from smartdaily_crawler.cli.page_reading import UNKNOWN_ADDRESS, Rules, is_url, load_pages, read
from smartdaily_crawler.cli.recorded_pages import RecordedPage
from smartdaily_crawler.commands.page.inspect import add_page_options, clock_of, table
from smartdaily_crawler.rendering.choice import rendering_by


class Command(ScrapyCommand):
    requires_project = True
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def syntax(self) -> str:
        return "[options] <url or file> …"

    def short_desc(self) -> str:
        return "Record article pages with the fields read from them, as tests for scrapy check"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--update", action="store_true", help="replace what is recorded of the page already")
        add_page_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise UsageError("name a URL or a file", print_help=False)
        try:
            spider = self._spider(opts.spider)
            rules = Rules.of(self.crawler_process, spider, None)
            clock = clock_of(opts.at, rules.zone)
            rendering = rendering_by(opts.render, self.settings)
            url = _url(args, opts.url)
        except ValueError as error:
            refuse(self, error)
            return
        folder = Path(self.settings["RECORDED_DIR"]) / spider
        pages = load_pages(
            self.crawler_process, self.settings, args, rendering, rules.language, file_url=url, file_clock=clock
        )
        for arg, page in pages:
            if page.failure is not None:
                refuse(self, f"{arg}: {page.failure}", exitcode=1)
                continue
            recorded = RecordedPage.make(folder, page, rules)
            if recorded.file.exists() and not opts.update:
                refuse(self, f"{recorded.file} exists already; --update replaces it")
                continue
            try:
                recorded.save()
            except OSError as error:
                refuse(self, f"{recorded.file}: {error.strerror or error}")
                continue
            console(in_pipe=None).print(table(read(page, rules)))
            print(
                f"recorded in {recorded.file}: correct a wrong value there, then mend the rules until scrapy check passes"
            )

    def _spider(self, name: str | None) -> str:
        """Return the spider named, or the only one of the project. Raise ``ValueError`` if there are several."""
        names: list[str] = self.crawler_process.spider_loader.list()
        if name is None and len(names) != 1:
            raise ValueError(f"name the spider by --spider: {', '.join(names)}")
        return name or names[0]


def _url(args: list[str], url: str | None) -> str:
    """Return the URL of pages given as files. Raise ``ValueError`` if it is missing, or a URL is malformed."""
    for arg in filter(is_url, args):
        canonicalize(arg)
    if url is None and not all(map(is_url, args)):
        raise ValueError("a page given as a file needs --url")
    return canonicalize(url) if url else UNKNOWN_ADDRESS
