"""``scrapy reread``: read archived articles again with today's reader, without the network."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, date, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.crawler import CrawlerProcessBase

from pipelines.run.verdict import EXIT_CODES
from pipelines.storage.database import Database
from pipelines.storage.db.errors import StorageError
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.options import check_site, number_of, spider_arguments
from smartdaily_crawler.cli.output import report, say
from smartdaily_crawler.cli.site_spiders import as_site_spider
from smartdaily_crawler.crawl.arguments import ArgumentError
from smartdaily_crawler.logs import set_up_logs
from smartdaily_crawler.own_settings import SettingError, need_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.storage.read.rereading import ArchivedSite, Revised
    from smartdaily_crawler.cli.rereading import ReaderOptions

_EXAMPLES, _SHOWN = 3, 60
"""Revisions that are shown of a field, and characters of each value."""
_WORKERS = 64


class Command(OperatorCommand):
    requires_crawler_process = True  # it loads spiders
    crawler_process: CrawlerProcessBase  # set by scrapy.cmdline

    def syntax(self) -> str:
        return "[--site NAME] [--since DAY] [--until DAY] [--workers N] [--all] [-a NAME=VALUE]"

    def short_desc(self) -> str:
        return "Read archived articles again with today's reader, without the network"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--site", metavar="NAME", help="only this site; default: every one")
        parser.add_argument(
            "--since", metavar="DAY", help="only articles whose page answered last on this day or later"
        )
        parser.add_argument(
            "--until", metavar="DAY", help="only articles whose page answered last on this day or earlier"
        )
        parser.add_argument("--workers", metavar="N", default="1", help="processes that read; default: 1")
        parser.add_argument("--all", action="store_true", help="also what this version of the reader has read already")
        parser.add_argument(
            "-a",
            dest="spargs",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="spider argument, such as profile=FILE",
        )

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise ArgumentError(f"takes {self.syntax()}")
        workers = number_of("--workers", opts.workers, _WORKERS)
        for name in ("since", "until"):
            setattr(opts, name, _day(name, getattr(opts, name)))
        given = spider_arguments(opts.spargs)
        if not self.settings["ARCHIVE"]:
            raise SettingError("ARCHIVE is not set: name the folder of the archive")
        need_extra("scrapy reread", "warcio", "archive")
        set_up_logs(self.settings)
        # Scrapy imports all commands to run one; the models of the tables take as long as SQLAlchemy.
        from pipelines.run.rereading import archived_sites  # noqa: PLC0415

        with self.database() as database:
            sites = archived_sites(database, opts.site)
            if opts.site and not sites:
                check_site(opts.site, [site.name for site in archived_sites(database, None)])
            self.exitcode = max([self._reread(database, site, given, opts, workers) for site in sites], default=0)

    def _reread(
        self, database: Database, site: ArchivedSite, given: dict[str, str], opts: argparse.Namespace, workers: int
    ) -> int:
        """Read one site's articles again; return the exit code."""
        from pipelines.run.rereading import reread_run  # noqa: PLC0415 - as above
        from pipelines.storage.read.rereading import Selection  # noqa: PLC0415 - as above
        from smartdaily_crawler.cli.rereading import FAULTS, make_spider, readers  # noqa: PLC0415 - as above

        options = self._options(database, site, given)
        spider = make_spider(options)
        profile = spider.arguments.profile.name if spider.arguments.profile else None
        if profile is None and (known := site.arguments.get("profile")):
            raise ArgumentError(f"{site.name} was crawled by the profile {known}: name its file by -a profile=FILE")
        version = spider.parser_version
        selection = Selection(site.site_id, opts.since, opts.until, None if opts.all else version)
        began, reasons, details = monotonic(), Counter[str](), list[str]()
        outcomes: Counter[str] = Counter()
        with reread_run(database, self.settings, site, timezone=spider.zone.key, profile=profile) as run:
            left_out = run.left_out(selection)
            with readers(options, workers) as read:
                for chunk in read(run.chunks(selection)):
                    written = run.store([each.article for each in chunk if each.article])
                    outcomes.update(each.outcome for each in written if each.outcome in _READ)
                    reasons.update(each.reason or each.outcome for each in written if each.outcome not in _READ)
                    reasons.update(each.reason for each in chunk if each.reason)
                    details += [each.detail for each in chunk if each.detail]
            faults = {name: count for name, count in reasons.items() if name in FAULTS}
            run.reasons += [f"{count} articles were not read again: {name}" for name, count in faults.items()]
            summary = f"{outcomes.total()} pages read again by {version}, {outcomes.total() / (monotonic() - began):.0f} a second"
            _tell(site.name, f"run {run.run_id}: {summary}", run.revised(), Counter(left_out) + reasons)
        for detail in details:
            report(self, detail)
        return EXIT_CODES[run.verdict]

    def _options(self, database: Database, site: ArchivedSite, given: dict[str, str]) -> ReaderOptions:
        from pipelines.run.rereading import list_pages  # noqa: PLC0415 - as above
        from smartdaily_crawler.cli.rereading import ReaderOptions  # noqa: PLC0415 - as above

        try:
            spider: Any = as_site_spider(self.crawler_process.spider_loader.load(site.spider))
        except KeyError:
            raise StorageError(
                f"{site.name} was crawled by the spider {site.spider!r}, which is not there any more"
            ) from None
        if spider is None:
            raise StorageError(f"the spider {site.spider!r} does not read articles")
        arguments = {"site_url": site.arguments.get("site_url") or site.base_url, **given}
        return ReaderOptions(spider, self.settings, arguments, list_pages(database, site), datetime.now(UTC))


_READ = ("stored", "unchanged")


def _tell(site: str, summary: str, revised: Sequence[Revised], left_out: Counter[str]) -> None:
    say(f"{site}: {summary}: {len(revised)} revised")
    for name in dict.fromkeys(name for each in revised for name in each.changes):
        changed = [each for each in revised if name in each.changes]
        say(f"  {name}: {len(changed)}")
        for each in changed[:_EXAMPLES]:
            say(f"    {each.url}: {_shown(each, name)}")
    if new := [each for each in revised if not each.changes]:
        say(f"  articles that were none before: {len(new)}")
        for each in new[:_EXAMPLES]:
            say(f"    {each.url}")
    if left_out:
        say(f"  not read again: {', '.join(f'{name} {count}' for name, count in sorted(left_out.items()))}")


def _shown(revised: Revised, name: str) -> str:
    old, new = (str("" if value is None else value) for value in revised.changes[name])
    start = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    start = max(0, start - _SHOWN // 3)
    return " → ".join(
        f"「{'…' if start else ''}{each[start : start + _SHOWN]}{'…' if len(each) > start + _SHOWN else ''}」"
        for each in (old, new)
    )


def _day(name: str, raw: str | None) -> date | None:
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError:
        raise ArgumentError(f"--{name} takes a day such as 2026-03-06, not {raw!r}") from None
