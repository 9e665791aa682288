"""``scrapy runs``: list past runs, newest first, with times in the zone of each run's site."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from rich.table import Table

from pipelines.run.verdict import Verdict
from pipelines.storage.read import runs
from pipelines.storage.read.runs import RunRow
from pipelines.storage.read.times import printed
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.options import check_site, number_of, since_of
from smartdaily_crawler.cli.output import ignore_broken_pipe, say, say_table
from smartdaily_crawler.crawl.arguments import ArgumentError
from smartdaily_crawler.extensions.summary import OUTCOMES, found_by, outcome_count

_COUNTED = ("stored", "unchanged", "gone", "rejected", "failed")
_STATES = (*get_args(Verdict), "running")


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "List past runs, newest first"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        # Values are checked below: argparse would print its usage too.
        parser.add_argument("-n", "--number", "--limit", default="20", help="how many (default: %(default)s)")
        parser.add_argument("--site", help="only runs of this site, by its name")
        parser.add_argument("--verdict", default="", help="only these, as in failed,degraded; also running")
        parser.add_argument("--since", help="only runs that started then or later, in the zone of their site")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, with statistics of outcomes")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise ArgumentError(f"takes options only, not {args[0]!r}")
        number, states, since = number_of("--number", opts.number), _states(opts.verdict), since_of(opts.since)
        with self.database() as database:
            if opts.site:
                check_site(opts.site, runs.sites(database.engine))
            rows = runs.latest_runs(database.engine, number, site=opts.site, states=states, since=since)
        with ignore_broken_pipe():
            if opts.json:
                for row in rows:
                    say(json.dumps(_facts(row), ensure_ascii=False))
            elif rows:
                _print_table(rows)
            elif opts.site or states or since:
                say("No such run")
            else:
                say("No run yet: make crawl")


def _states(raw: str) -> list[str]:
    states = [state.strip() for state in raw.split(",") if state.strip()]
    if unknown := [state for state in states if state not in _STATES]:
        raise ArgumentError(f"--verdict takes {', '.join(_STATES)}, not {unknown[0]!r}")
    return states


def _facts(row: RunRow) -> dict[str, object]:
    """Return what ``--json`` prints of a run."""
    zone = ZoneInfo(row.timezone)
    return {
        "run": row.run_id,
        "site": row.site,
        "spider": row.spider,
        "job": row.job,
        "version": row.version,
        "arguments": row.arguments,
        "started": printed(row.started_at, zone),
        "finished": printed(row.finished_at, zone) if row.finished_at else None,
        "verdict": row.state,
        "reason": row.close_reason,
        "reasons": row.reasons,
        "new_in": found_by(row.stats or {}) or None,
        "outcomes": {name: outcome_count(row.stats or {}, name) for name in OUTCOMES},
    }


def _print_table(rows: Iterable[RunRow]) -> None:
    table = Table(box=None, header_style="bold")
    for heading in ("run", "site", "spider", "job", "started", "took"):
        table.add_column(heading)
    for heading in _COUNTED:
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    table.add_column("reasons")
    for row in rows:
        table.add_row(
            str(row.run_id),
            row.site,
            row.spider,
            row.job or "-",
            printed(row.started_at, ZoneInfo(row.timezone)),
            _span(row.started_at, row.finished_at),
            *(f"{outcome_count(row.stats or {}, outcome):,}" for outcome in _COUNTED),
            row.state,
            "; ".join([*row.reasons, *(f"new: {told}" for told in [found_by(row.stats or {})] if told)]),
        )
    say_table(table)


def _span(started: datetime, finished: datetime | None) -> str:
    return f"{(finished - started).total_seconds():.1f} s" if finished else "-"
