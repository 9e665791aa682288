"""``scrapy inspect``: print the fields read from a page, each with its provenance. Nothing is stored."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.cli.output import console, refuse
from smartdaily_crawler.cli.page_reading import FIELDS, UNKNOWN_ADDRESS, Rules, is_url, load_pages, read
from smartdaily_crawler.rendering.choice import rendering_by


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
        parser.add_argument("--profile-file", metavar="FILE", help="a site's profile: selectors, time zone, language")
        add_page_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise UsageError("name a URL or a file", print_help=False)
        try:
            rules = Rules.of(self.crawler_process, opts.spider, opts.profile_file)
            clock = clock_of(opts.at, rules.zone)
            url = canonicalize(opts.url) if opts.url else UNKNOWN_ADDRESS
            rendering = rendering_by(opts.render, self.settings)
            for arg in filter(is_url, args):
                canonicalize(arg)
        except ValueError as error:
            refuse(self, error)
            return
        pages = load_pages(
            self.crawler_process, self.settings, args, rendering, rules.language, file_url=url, file_clock=clock
        )
        for arg, page in pages:
            if page.failure is not None:
                refuse(self, f"{arg}: {page.failure}", exitcode=1)
                continue
            facts = read(page, rules)
            if opts.json:
                print(json.dumps(facts, ensure_ascii=False))
            else:
                console(in_pipe=None).print(table(facts))


def add_page_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="URL of a page given as a file")
    parser.add_argument("--spider", metavar="NAME", help="read by the rules of this spider's site")
    parser.add_argument("--render", metavar="BY", help="render the page by splash or playwright (default: plain HTTP)")
    parser.add_argument(
        "--at",
        help="when a page given as a file was fetched: an ISO 8601 time, without an offset in the profile's zone (default: now)",
    )


def table(facts: dict[str, Any]) -> Table:
    table = Table(title=facts.get("url") or facts.get("file"), title_justify="left", show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim", no_wrap=True)
    if facts["rejected"]:
        table.add_row("rejected", facts["rejected"])
    for name in FIELDS:
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


def clock_of(at: str | None, zone: ZoneInfo) -> datetime | None:
    if at is None:
        return None
    try:
        clock = datetime.fromisoformat(at)
    except ValueError:
        raise ValueError(f"--at takes an ISO 8601 time such as 2026-03-06T20:00:00+08:00, not {at!r}") from None
    return clock if clock.tzinfo else clock.replace(tzinfo=zone)
