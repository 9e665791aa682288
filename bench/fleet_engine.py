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
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from procrastinate.jobs import Status
from sqlalchemy import Engine

from bench.harness import (
    Parser,
    Report,
    execute,
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
from pipelines.storage.fleet.queue_schema import ANY, SCHEMA
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
    # Two sites of a host each, so that locks are looked for, and found.
    fill = f"""
        INSERT INTO crawl.scheduled_site (site, name, url, spider, every, arguments, added_at, due_at)
        SELECT site, site, 'https://' || site || '/', 'smartdaily', 3600, '{{}}', now(), now()
        FROM (SELECT format('site%s.example:%s', i / 2, 8000 + i % 2) AS site FROM generate_series(1, {queued}) AS i) AS made
    """
    execute(engine, fill.replace(":", r"\:"))
    execute(engine, f"ALTER DATABASE {engine.url.database} SET track_functions = 'pl'")
    engine.dispose()
    with open_database(engine.url.render_as_string(hide_password=False), Path()) as database:
        asyncio.run(_take(database, report, queued, taken))


IN_SERVER = f"""
    SELECT {{of}} FROM pg_stat_user_functions WHERE schemaname = '{SCHEMA}' AND funcname = 'procrastinate_fetch_job_v2'
"""


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
        spans: dict[str, list[float]] = {"nothing": [], "take": [], "finish": []}
        for _ in range(taken):
            began = time.perf_counter()
            await app.connector.execute_query_one_async("SELECT 1 AS one")
            spans["nothing"].append(time.perf_counter() - began)
            began = time.perf_counter()
            job = await app.job_manager.fetch_job([ANY, "on bench"], worker)
            spans["take"].append(time.perf_counter() - began)
            assert job is not None
            began = time.perf_counter()
            await app.job_manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
            spans["finish"].append(time.perf_counter() - began)
        middle = {name: 1000 * statistics.median(each) for name, each in spans.items()}
        report.line("a statement that does nothing, from the worker, median", middle["nothing"], "ms")
        report.line("taking one, from the worker, median", middle["take"], "ms")
        report.line("finishing one, from the worker, median", middle["finish"], "ms")
    total, calls = (scalar(database.engine, IN_SERVER.format(of=of)) for of in ("total_time", "calls"))
    report.line("taking one, within the server, mean", total / calls, "ms", most=5)


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
            _wait(partial(_have_ended, engine, lost))
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
    # A run that was killed has the end that the next one wrote, when it had the site.
    overlap = """
        SELECT count(*) FROM api.run a JOIN api.run b ON a.site = b.site AND a.run_id < b.run_id
        WHERE b.verdict <> 'refused' AND a.verdict <> 'refused' AND a.reason <> 'aborted' AND a.finished_at > b.started_at
    """
    aborted = "SELECT count(*) FROM api.run WHERE reason = 'aborted'"
    report.line("runs that were cut off before they could tell their end", scalar(engine, aborted))
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


def _have_ended(engine: Engine, names: Collection[str]) -> bool:
    return all(row.site not in names or row.ended_at for row in sites(engine))


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it takes too long")
        time.sleep(0.5)


TRIALS: dict[str, Callable[[Engine, Report, argparse.Namespace], None]] = {"take": take, "kill": kill}

if __name__ == "__main__":
    sys.exit(main())
