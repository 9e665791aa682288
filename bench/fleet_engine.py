"""The queue of runs: how long a worker takes to take one of many, and what is lost when workers are killed.

take: put the jobs of 10,000 sites into the queue, and take and finish some as a worker does, without their runs and without fsync.
kill: let two workers crawl sixteen bundled sites, kill one with SIGKILL in the middle of its runs, start it again, three times, and compare
what is stored with what the sites have.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from procrastinate.jobs import Status
from sqlalchemy import Engine

from bench.harness import (
    Parser,
    Report,
    exit_code,
    fresh_database,
    scalar,
    scrapy,
    scratch_server,
    setting,
    write_table,
)
from demo.server import Server, serve
from demo.site import SMALL, Site
from pipelines.fleet.engine import defer_due, open_queue
from pipelines.storage.database import Database, open_database
from pipelines.storage.fleet.queue_schema import ANY
from pipelines.storage.fleet.sites import SiteChange, sites, write_sites
from smartdaily_crawler.sites.site_address import SiteAddress

PATIENCE = 600
"""Seconds for whatever is waited for."""


def main() -> int:
    parser = Parser("fleet_engine", __doc__, "500 jobs, and one kill")
    parser.add_argument("trials", nargs="*", metavar="take|kill", help="all if none is named")
    arguments = parser.parse_args()
    if unknown := set(arguments.trials) - set(TRIALS):
        parser.error(f"there is no trial {min(unknown)!r}")
    trials = arguments.trials or list(TRIALS)
    if arguments.write:
        parser.check_page(arguments.write, *(f"fleet-{trial}" for trial in trials))
    missed: list[str] = []
    for trial in trials:
        # A commit waits for the disk as long as any other: the queue is measured without.
        with scratch_server(None, fsync=trial != "take") as server, fresh_database(server, f"fleet_{trial}") as engine:
            report = Report(setting=setting(engine))
            TRIALS[trial](engine, report, arguments)
            missed += report.missed
            if arguments.write:
                write_table(arguments.write, f"fleet-{trial}", report.table())
    return exit_code(missed)


# --- take -----------------------------------------------------------------------------------------------------------


def take(engine: Engine, report: Report, arguments: argparse.Namespace) -> None:
    queued, taken = (500, 100) if arguments.small else (10_000, 500)
    hosts = queued // 2  # two sites of a host each, so that a lock is looked for and found
    urls = [
        f"https://{'m.' if number % 2 else ''}site{number % hosts}.example:{8000 + number // hosts}/"
        for number in range(queued)
    ]
    write_sites(engine, [SiteChange(site=SiteAddress(url).name, url=url) for url in urls], 3600)
    with open_database(engine.url.render_as_string(hide_password=False), Path()) as database:
        asyncio.run(_take(database, report, queued, taken))


async def _take(database: Database, report: Report, queued: int, taken: int) -> None:
    app = open_queue(database, "worker bench")
    async with app.open_async():
        began = time.perf_counter()
        put = 0
        while more := await defer_due(app, database, dict):
            put += more
        report.line("jobs in the queue", put, least=queued, most=queued)
        report.line("putting one into the queue", 1000 * (time.perf_counter() - began) / put, "ms")
        began = time.perf_counter()
        await defer_due(app, database, dict)
        report.line("a look for due sites, with these in the queue", 1000 * (time.perf_counter() - began), "ms")
        worker = await app.job_manager.register_worker()
        spans, finishes = [], []
        for _ in range(taken):
            began = time.perf_counter()
            job = await app.job_manager.fetch_job([ANY, "on bench"], worker)
            between = time.perf_counter()
            assert job is not None
            await app.job_manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
            spans.append(between - began)
            finishes.append(time.perf_counter() - between)
        report.line("taking one, median", 1000 * statistics.median(spans), "ms", most=5)
        report.line("taking one, 95th percentile", 1000 * statistics.quantiles(spans, n=20)[-1], "ms")
        report.line("finishing one, median", 1000 * statistics.median(finishes), "ms")


# --- kill -----------------------------------------------------------------------------------------------------------


def kill(engine: Engine, report: Report, arguments: argparse.Namespace) -> None:
    kills, number = (1, 4) if arguments.small else (3, 16)
    with ExitStack() as stack:
        servers = [stack.enter_context(serve(Site(day=1, categories=SMALL))) for _ in range(number)]
        changes = [SiteChange(site=SiteAddress(each.url).name, url=each.url) for each in servers]
        write_sites(engine, changes, 24 * 3600)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="smartdaily-bench-")))
        started = {name: stack.enter_context(_worker(engine, name, folder / name)) for name in ("one", "two")}
        killed_at, waits, cut = [], [], 0
        for _ in range(kills):
            _wait(lambda: _runs_of(engine, "one") >= 1)
            time.sleep(3)  # into the middle of a run
            cut += _runs_of(engine, "one")
            lost = [row.site for row in sites(engine) if row.worker == "one" and row.started_at and not row.ended_at]
            started["one"].kill()
            began = time.monotonic()
            _wait(lambda lost=lost: all(row.site not in lost or row.ended_at for row in sites(engine)))
            waits.append(time.monotonic() - began)
            killed_at.append(began)
            if all(row.ended_at for row in sites(engine)):
                break
            started["one"] = stack.enter_context(_worker(engine, "one", folder / "one"))
        _wait(lambda: all(row.ended_at for row in sites(engine)))
        for process in started.values():
            process.send_signal(signal.SIGTERM)
        report.line("workers killed", len(killed_at))
        report.line("runs cut off by that", cut)
        report.line("seconds until another worker has ended a run that was cut off, at most", max(waits), "s")
        _compare(engine, report, servers)


def _compare(engine: Engine, report: Report, servers: list[Server]) -> None:
    lost = twice = 0
    for server in servers:
        name = SiteAddress(server.url).name
        stored = scalar(engine, "SELECT count(*) FROM api.article WHERE site = :name AND state = 'fetched'", name=name)
        lost += max(len(server.site.truth().articles) - stored, 0)
        twice += max(stored - len(server.site.truth().articles), 0)
    report.line(
        "sites without a run that ended by itself",
        sum(row.verdict not in ("healthy", "degraded") for row in sites(engine)),
        most=0,
    )
    report.line("articles lost", lost, most=0)
    report.line("articles stored twice", twice, most=0)
    report.line(
        "revisions that no edit made", scalar(engine, "SELECT count(*) FROM api.revision WHERE revision > 1"), most=0
    )
    overlap = """
        SELECT count(*) FROM api.run a JOIN api.run b ON a.site = b.site AND a.run_id < b.run_id
        WHERE b.verdict <> 'refused' AND a.verdict <> 'refused' AND a.finished_at > b.started_at
    """
    report.line("pairs of runs of a site at the same time", scalar(engine, overlap), most=0)


@contextmanager
def _worker(engine: Engine, name: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = scrapy(
        "worker", "--slots", "2", "--name", name, "-s", f"DATA_DIR={folder}", engine=engine, LOG_LEVEL="INFO"
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def _runs_of(engine: Engine, worker: str) -> int:
    """Return how many runs of a worker have begun to store, and have not ended."""
    return int(
        scalar(
            engine,
            """
            SELECT count(*) FROM crawl.scheduled_site s JOIN api.run r USING (job)
            WHERE s.worker = :worker AND s.ended_at IS NULL AND r.finished_at IS NULL
            """,
            worker=worker,
        )
    )


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it takes too long")
        time.sleep(0.5)


TRIALS: dict[str, Callable[[Engine, Report, argparse.Namespace], None]] = {"take": take, "kill": kill}

if __name__ == "__main__":
    sys.exit(main())
