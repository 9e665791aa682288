"""``scrapy runs``: the ledger of runs, newest first."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from pipelines.session import configured_database
from pipelines.storage import runs, schema_version
from pipelines.storage.database import StorageError
from pipelines.storage.runs import RunRow
from smartdaily_crawler.extensions.summary import outcome_count
from smartdaily_crawler.normalize.dates import SHANGHAI

_PIPE_WIDTH = 160
_OUTCOMES = ("stored", "unchanged", "gone", "rejected", "failed")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    settings: Settings  # set by scrapy.cmdline

    def short_desc(self) -> str:
        return "List past runs, newest first"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", "--number", type=int, default=20, help="how many (default: %(default)s)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or opts.number < 1:
            raise UsageError("takes no argument but --number, from 1 up", print_help=False)
        try:
            with configured_database(self.settings) as database:
                schema_version.check(database.engine)
                rows = runs.latest_runs(database.engine, opts.number)
        except StorageError as error:
            print(f"scrapy runs: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        if not rows:
            print("No run yet: make crawl")
            return
        # A pipe has no width of its own, and a cut table is of no use to it.
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        Console(highlight=False, width=width).print(_table(rows))


def _table(rows: list[RunRow]) -> Table:
    table = Table(box=None, header_style="bold")
    for heading in ("run", "spider", "started", "took"):
        table.add_column(heading, no_wrap=True)
    for heading in _OUTCOMES:
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    table.add_column("reason")
    for row in rows:
        counts = [f"{outcome_count(row.stats or {}, outcome):,}" for outcome in _OUTCOMES]
        table.add_row(
            str(row.run_id),
            row.spider,
            _beijing(row.started_at),
            _span(row.started_at, row.finished_at),
            *counts,
            row.verdict or "running",
            row.reason or "",
        )
    return table


def _beijing(time: datetime) -> str:
    return time.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _span(started: datetime, finished: datetime | None) -> str:
    return f"{(finished - started).total_seconds():.1f} s" if finished else ""
