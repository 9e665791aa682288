"""``scrapy fleet``: how the sites of the list and the workers do."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from scrapy.exceptions import UsageError

from pipelines.fleet.status import FleetStatus, read_fleet
from pipelines.storage.database import Database
from pipelines.storage.fleet import workers
from pipelines.storage.fleet.sites import ScheduledSite
from pipelines.storage.fleet.workers import WorkerRow
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.output import ignore_broken_pipe, report, say, say_rows
from smartdaily_crawler.cli.site_list import interval_of, local_time
from smartdaily_crawler.crawl.arguments import ArgumentError


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "status [--json] | forget WORKER"

    def short_desc(self) -> str:
        return "Show how the sites of the list and the workers do"

    def long_desc(self) -> str:
        return (
            "status: sites with their latest run and lateness, workers with their runs; exit code 1 if a worker is gone that has items "
            "in its spool. forget: no longer list a worker that does not come back. Needs no extra."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="status: one JSON object")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        with self.database() as database:
            match args:
                case ["status"]:
                    self._status(database, as_json=opts.json)
                case ["forget", name]:
                    _forget(database, name)
                case _:
                    raise UsageError("takes one of: status [--json], forget WORKER", print_help=False)

    def _status(self, database: Database, *, as_json: bool) -> None:
        status = read_fleet(database)
        with ignore_broken_pipe():
            if as_json:
                say(json.dumps(_facts(status), ensure_ascii=False))
            else:
                _print(status)
        for worker in status.stranded:
            files = sum(each["files"] for each in worker.spool)
            sites = ", ".join(sorted(each["site"] or "?" for each in worker.spool))
            report(
                self,
                f"worker {worker.name} is not running, and its spool holds {files} files of {sites}: start it again on its machine,"
                " or move the files into the spool of another one",
            )
            self.exitcode = 1


def _forget(database: Database, name: str) -> None:
    status = read_fleet(database)
    state = {worker.name: state for worker, state, _ in status.workers}.get(name)
    if state is None:
        raise ArgumentError(f"there is no worker {name!r}; `scrapy fleet status` shows them")
    if state == "alive":
        raise ArgumentError(f"worker {name} is running")
    workers.forget(database.engine, name)
    say(f"{name}: forgotten")


def _facts(status: FleetStatus) -> dict[str, Any]:
    return {
        "at": local_time(status.now),
        "sites": [_site(row, state, status.now) for row, state in status.sites],
        "workers": [_worker(worker, state, runs) for worker, state, runs in status.workers],
    }


def _site(row: ScheduledSite, state: str, now: datetime) -> dict[str, Any]:
    return {
        "site": row.site,
        "name": row.name,
        "state": state,
        "every": interval_of(row),
        "due": local_time(row.due_at),
        "late": row.late(now),
        "worker": row.worker,
        "started": local_time(row.started_at),
        "ended": local_time(row.ended_at),
        "exit_code": row.exit_code,
        "verdict": row.verdict,
        "reason": row.reason,
    }


def _worker(worker: WorkerRow, state: str, runs: list[str]) -> dict[str, Any]:
    return {
        "worker": worker.name,
        "state": state,
        "slots": worker.slots,
        "version": worker.version,
        "started": local_time(worker.started_at),
        "heartbeat": local_time(worker.heartbeat_at),
        "runs": runs,
        "spool": [{**each, "oldest": local_time(datetime.fromtimestamp(each["oldest"], UTC))} for each in worker.spool],
    }


def _print(status: FleetStatus) -> None:
    if not status.sites:
        say("No site yet: scrapy sites add URL")
    else:
        rows = []
        for row, state in status.sites:
            late = row.late(status.now)
            took = (
                f"{(row.ended_at - row.started_at).total_seconds():.0f} s" if row.ended_at and row.started_at else "-"
            )
            cells = (
                row.name,
                state,
                interval_of(row),
                f"{late:.0f} s" if late else "-",
                local_time(row.started_at) or "-",
                took,
            )
            rows.append((*cells, row.worker or "-", row.verdict or "-", row.reason or ""))
        say_rows(("site", "state", "every", "late", "started", "took", "worker", "verdict", "reason"), rows)
    if not status.workers:
        say("No worker yet: scrapy worker")
    else:
        say("")
        say_rows(
            ("worker", "state", "heartbeat", "slots", "runs", "spool"),
            [
                (
                    worker.name,
                    state,
                    f"{max((status.now - worker.heartbeat_at).total_seconds(), 0):.0f} s ago",
                    f"{len(runs) if state == 'alive' else 0}/{worker.slots}",
                    " ".join(runs) or "-",
                    f"{sum(each['files'] for each in worker.spool)} files" if worker.spool else "-",
                )
                for worker, state, runs in status.workers
            ],
        )
