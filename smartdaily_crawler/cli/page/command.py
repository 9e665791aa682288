"""Base of the commands that read article pages, from the network or from files, by the rules of a site."""

from __future__ import annotations

import argparse
from abc import abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.cli.output import refuse
from smartdaily_crawler.logs import set_up_logs
from smartdaily_crawler.rendering.choice import rendering_by

if TYPE_CHECKING:
    from smartdaily_crawler.cli.page.reading import LoadedPage, Rules


class PageCommand(ScrapyCommand):
    """Read each page that is named; a subclass uses what was read. Bad input is refused before anything is fetched."""

    requires_project = True
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def syntax(self) -> str:
        return "[options] <url or file> …"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="URL of a page given as a file")
        parser.add_argument("--spider", metavar="NAME", help="read by the rules of this spider's site")
        parser.add_argument(
            "--render", metavar="BY", help="render the page by splash or playwright, instead of plain HTTP"
        )
        parser.add_argument(
            "--at",
            help="when a page given as a file was fetched, if not now, as an ISO 8601 time; without an offset in the profile's zone",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        # Scrapy imports all commands to run one, and what reads pages takes as long as Scrapy.
        from smartdaily_crawler.cli.page.reading import UNKNOWN_ADDRESS, is_url, load_pages, read  # noqa: PLC0415

        if not args:
            raise UsageError("name a URL or a file", print_help=False)
        if options := [arg for arg in args if arg.startswith("-")]:
            raise UsageError(f"there is no option {options[0]}; --help shows them", print_help=False)
        try:
            set_up_logs(self.settings)
            rules = self.rules(args, opts)
            clock = _clock(opts.at, rules.zone)
            rendering = rendering_by(opts.render, self.settings)
            url = canonicalize(opts.url) if opts.url else UNKNOWN_ADDRESS
            for arg in filter(is_url, args):
                canonicalize(arg)
        except ValueError as error:
            refuse(self, error)
            return
        process, language = self.crawler_process, rules.language
        for arg, page in load_pages(process, self.settings, args, rendering, language, file_url=url, file_clock=clock):
            if page.failure is None:
                self.use(page, read(page, rules), opts)
            else:
                refuse(self, f"{arg}: {page.failure}", exitcode=1)

    @abstractmethod
    def rules(self, args: list[str], opts: argparse.Namespace) -> Rules:
        """Return the rules by which to read. Raise ``ValueError`` for bad input."""

    @abstractmethod
    def use(self, page: LoadedPage, facts: dict[str, Any], opts: argparse.Namespace) -> None:
        """Do with a page what the command is for.

        :param facts: what was read from it, as ``page.reading.read`` returns it.
        """


def _clock(at: str | None, zone: ZoneInfo) -> datetime | None:
    if at is None:
        return None
    try:
        clock = datetime.fromisoformat(at)
    except ValueError:
        raise ValueError(f"--at takes an ISO 8601 time such as 2026-03-06T20:00:00+08:00, not {at!r}") from None
    return clock if clock.tzinfo else clock.replace(tzinfo=zone)
