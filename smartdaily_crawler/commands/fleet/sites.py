"""``scrapy sites``: the list of the sites that are crawled again and again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from pipelines.storage.database import Database
from pipelines.storage.fleet import sites
from pipelines.storage.fleet.sites import NameIsTaken, ScheduledSite
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.options import spider_arguments
from smartdaily_crawler.cli.output import ignore_broken_pipe, report, say, say_rows
from smartdaily_crawler.cli.site_list import (
    USUAL,
    change_of,
    changes_in,
    interval_of,
    local_time,
    read_profile_text,
    span_of,
)
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.sites.profile import SiteProfile, parse_profile

Verb = Callable[[Database, list[str], argparse.Namespace], None]


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "add URL [options] | import FILE | list [--json] | pause NAME … | resume NAME … | remove NAME … | check NAME|URL"

    def short_desc(self) -> str:
        return "List the sites that are crawled again and again, and change the list"

    def long_desc(self) -> str:
        return (
            "add: put a site on the list, or change what is given of one. import: the same for a file of one site a line, "
            "a URL or an object as list --json prints it; all or none. pause, resume: leave a site out for a while. "
            "remove: take it off the list; its articles and runs stay. check: fetch its home page once, and tell what would be read. "
            "A site is named by its name, its host or its URL."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument_group("add")
        add.add_argument("--name", help="name of the site in this list (default: its host)")
        add.add_argument(
            "--every", metavar="TIME", help=f"from one start to the next: 30m, 6h, 1d (default: {span_of(USUAL)})"
        )
        add.add_argument("--categories", metavar="NAMES", help="only these, separated by commas")
        # Scrapy's own --profile would write over the file.
        add.add_argument(
            "--profile",
            "--profile-file",
            dest="profile_file",
            metavar="FILE",
            help="the site's profile, which is stored",
        )
        parser.set_defaults(profile=None)
        add.add_argument("--spider", metavar="NAME", help="spider of the site (default: smartdaily)")
        add.add_argument(
            "-a", dest="arguments", action="append", default=[], metavar="NAME=VALUE", help="spider argument"
        )
        parser.add_argument("--json", action="store_true", help="list: one JSON object a line, which import reads")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        verbs: dict[str, tuple[Verb, int | None]] = {
            "add": (self._add, 1),
            "import": (self._import, 1),
            "list": (self._list, 0),
            "pause": (partial(self._change, sites.pause_sites, "paused"), None),
            "resume": (partial(self._change, sites.resume_sites, "resumed"), None),
            "remove": (
                partial(self._change, sites.remove_sites, "removed from the list; its articles and runs stay"),
                None,
            ),
            "check": (self._check, 1),
        }
        if not args or args[0] not in verbs:
            raise UsageError(f"takes one of: {', '.join(verbs)}", print_help=False)
        act, number = verbs[args[0]]
        names = args[1:]
        if not names if number is None else len(names) != number:
            takes = {0: "no name", 1: "one name"}.get(-1 if number is None else number, "one name or more")
            raise ArgumentError(f"{args[0]} takes {takes}")
        of_add = (opts.name, opts.every, opts.categories, opts.profile_file, opts.spider, opts.arguments or None)
        if args[0] != "add" and any(each is not None for each in of_add):
            raise ArgumentError("--name, --every, --categories, --profile, --spider and -a go with add only")
        if opts.json and args[0] != "list":
            raise ArgumentError("--json goes with list only")
        with self.database() as database:
            act(database, names, opts)

    def _add(self, database: Database, args: list[str], opts: argparse.Namespace) -> None:
        change = change_of(
            args[0],
            name=opts.name,
            spider=opts.spider,
            every=opts.every,
            arguments=_arguments(opts),
            profile=read_profile_text(opts.profile_file) if opts.profile_file else None,
            profile_name=opts.profile_file.rpartition("/")[2].removesuffix(".toml") if opts.profile_file else None,
            knows_spider=self._knows_spider,
        )
        try:
            [added] = sites.write_sites(database.engine, [change], USUAL)
        except NameIsTaken as error:
            raise ArgumentError(str(error)) from None
        say(f"{change.site}: {'added' if added else 'changed'}")

    def _import(self, database: Database, args: list[str], opts: argparse.Namespace) -> None:
        del opts
        numbered = changes_in(args[0], self._knows_spider)
        try:
            added = sites.write_sites(database.engine, [change for _, change in numbered], USUAL)
        except NameIsTaken as error:
            raise ArgumentError(f"{args[0]}, line {numbered[error.index][0]}: {error}; nothing is stored") from None
        say(f"{sum(added)} added, {len(added) - sum(added)} changed")

    def _list(self, database: Database, args: list[str], opts: argparse.Namespace) -> None:
        del args
        rows, now = sites.sites(database.engine), sites.now_of(database.engine)
        with ignore_broken_pipe():
            if opts.json:
                for row in rows:
                    say(json.dumps(_facts(row, now), ensure_ascii=False))
            elif rows:
                _print_table(rows, now)
            else:
                say("No site yet: scrapy sites add URL")

    def _change(
        self,
        change: Callable[[Any, Sequence[str]], None],
        done: str,
        database: Database,
        args: list[str],
        opts: argparse.Namespace,
    ) -> None:
        del opts
        found = [self._site(database, given).site for given in args]
        change(database.engine, found)
        for site in found:
            say(f"{site}: {done}")

    def _check(self, database: Database, args: list[str], opts: argparse.Namespace) -> None:
        # What reads pages takes as long as Scrapy to import.
        from smartdaily_crawler.cli.page.home_check import check_home  # noqa: PLC0415

        del opts
        site = sites.find_site(database.engine, args[0])
        if site is None and not args[0].startswith(("http://", "https://")):
            self._site(database, args[0])
        url = site.url if site else args[0]
        profile = self._profile(site)
        arguments = WalkArguments.parse({**(site.arguments if site else {}), "site_url": url}, {}, profile)
        process = AsyncCrawlerProcess(self.settings)
        found = check_home(process, self.settings, arguments.site_url, profile, arguments.render)
        if found.complaint:
            report(self, f"{arguments.site_url}: {found.complaint}")
            self.exitcode = 1
            return
        names = {category.name for category in found.categories}
        if unknown := sorted(arguments.categories - names):
            report(
                self,
                f"{arguments.site_url}: there is no category {unknown[0]!r}; the site has: {' '.join(sorted(names))}",
            )
            self.exitcode = 1
            return
        say(f"{arguments.site_url}  {found.title}")
        for category in found.categories:
            if not arguments.categories or category.name in arguments.categories:
                say(f"  {category.name}  {category.url}")

    def _site(self, database: Database, given: str) -> ScheduledSite:
        site = sites.find_site(database.engine, given)
        if site is None:
            raise ArgumentError(f"there is no site {given!r} on the list; `scrapy sites list` shows it")
        return site

    def _profile(self, site: ScheduledSite | None) -> SiteProfile:
        if site and site.profile is not None:
            return parse_profile(site.profile_name or site.site, site.profile)
        own: SiteProfile = get_spider_loader(self.settings).load(site.spider if site else "smartdaily").profile  # type: ignore[attr-defined]  # a spider of ours
        return own

    def _knows_spider(self, name: str) -> bool:
        return name in get_spider_loader(self.settings).list()


def _arguments(opts: argparse.Namespace) -> dict[str, str] | None:
    """Return the spider arguments that are given; ``None`` for none, which leaves those of a site as they are."""
    given = spider_arguments(opts.arguments)
    if opts.categories is not None:
        given["categories"] = opts.categories
    return given or None


def _facts(row: ScheduledSite, now: datetime) -> dict[str, object]:
    """Return what ``--json`` prints of a site."""
    return {
        "url": row.url,
        "name": row.name,
        "spider": row.spider,
        "every": span_of(row.every),
        "arguments": row.arguments,
        "profile": row.profile,
        "profile_name": row.profile_name,
        "site": row.site,
        "paused": local_time(row.paused_at),
        "due": local_time(row.due_at),
        "late": row.late(now),
        "worker": row.worker,
        "started": local_time(row.started_at),
        "ended": local_time(row.ended_at),
        "verdict": row.verdict,
        "reason": row.reason,
    }


def _print_table(rows: list[ScheduledSite], now: datetime) -> None:
    table = []
    for row in rows:
        late = row.late(now)
        due = "paused" if late is None else (f"late {late:.0f} s" if late else local_time(row.due_at) or "")
        arguments = " ".join(f"{name}={value}" for name, value in row.arguments.items())
        cells = (
            row.name,
            row.url,
            interval_of(row),
            due,
            arguments or "-",
            row.profile_name or "-",
            row.verdict or "-",
        )
        table.append(cells)
    say_rows(("name", "url", "every", "due", "arguments", "profile", "verdict"), table)
