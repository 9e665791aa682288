"""``scrapy runs``: list past runs, newest first, with times in the zone of each run's site."""

from __future__ import annotations

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.table import Table
from scrapy.exceptions import UsageError

from pipelines.storage.read import runs
from pipelines.storage.read.runs import RunRow
from smartdaily_crawler.cli.operator_command import OperatorCommand, printed
from smartdaily_crawler.cli.output import console
from smartdaily_crawler.extensions.summary import outcome_count

_OUTCOMES = ("stored", "unchanged", "gone", "rejected", "failed")


class Command(OperatorCommand):
    def short_desc(self) -> str:
        return "List past runs, newest first"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-n", "--number", type=int, default=20, help="how many (default: %(default)s)")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or opts.number < 1:
            raise UsageError("takes no argument but --number, from 1 up", print_help=False)
        with self.database() as database:
            if rows := runs.latest_runs(database.engine, opts.number):
                console().print(_table(rows))
            else:
                print("No run yet: make crawl")


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
            printed(row.started_at, ZoneInfo(row.timezone)),
            _span(row.started_at, row.finished_at),
            *counts,
            row.verdict or "running",
            row.reason or "",
        )
    return table


def _span(started: datetime, finished: datetime | None) -> str:
    return f"{(finished - started).total_seconds():.1f} s" if finished else ""
