"""Measure what a run costs beside its pages: a first crawl of the bundled site, and a second one on the same day, which finds nothing new.

What the first has more than the second is the cost of its articles. The fleet's simulation reckons with these figures.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text

from bench.harness import (
    Parser,
    Report,
    execute,
    exit_code,
    fresh_database,
    polling,
    scalar,
    scrapy,
    scratch_server,
    serving,
    setting,
    write_table,
)
from bench.speed_crawls import ours

CONNECTIONS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'bench'"
)
BYTES = "SELECT CAST(stats ->> :name AS bigint) FROM api.run ORDER BY run_id DESC LIMIT 1"
SIZE = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST('crawl' AS regnamespace)"
ROWS = SIZE.replace("pg_total_relation_size(oid)", "greatest(reltuples, 0)")
OF_RUN = "SELECT pg_column_size(stats) + pg_column_size(arguments) FROM crawl.crawl_run ORDER BY run_id DESC LIMIT 1"
"""Its largest columns, as they are stored, compressed."""
LOOK = 0.05
"""Seconds between two counts of connections."""
WORKER_SECONDS = 25


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("fleet_costs", __doc__)
    options = parser.parse_args(arguments)
    if options.write:
        parser.check_page(options.write, "costs")
    report = Report()
    with scratch_server(None, fsync=True) as server, serving("-m", "demo", "--day", "10", "--port") as url:
        with fresh_database(server, "costs") as engine:
            for name, more in (("first run", ("-a", "mode=full")), ("run without news", ())):
                _measure(report, engine, name, url, more)
            report.setting = setting(engine)
        with fresh_database(server, "idle") as engine, TemporaryDirectory() as folder:
            process = scrapy("worker", "--slots", "2", "-s", f"DATA_DIR={Path(folder)}", engine=engine)
            seen: list[int] = []
            with _counting(engine, seen):
                time.sleep(WORKER_SECONDS)
            process.terminate()
            process.wait()
            report.line("idle worker: connections, at most", max(seen))
    if options.write:
        write_table(options.write, "costs", report.table())
    return exit_code([])


def _measure(report: Report, engine: Engine, name: str, url: str, more: tuple[str, ...]) -> None:
    execute(engine, "VACUUM FULL", "ANALYZE")
    before, rows, seen = scalar(engine, SIZE), scalar(engine, ROWS), list[int]()
    with _counting(engine, seen):
        crawl = ours(engine, url, *more)
    requests = scalar(engine, BYTES, name="downloader/request_count")
    sent = scalar(engine, BYTES, name="downloader/response_bytes")
    execute(engine, "VACUUM FULL", "ANALYZE")
    report.line(f"{name}: requests", requests)
    report.line(f"{name}: articles in the database after it", crawl.articles)
    report.line(f"{name}: bytes that the site sent", sent / 1000, "kB")
    report.line(f"{name}: bytes a response", sent / requests, "B")
    report.line(f"{name}: processor time", crawl.processor, "s")
    report.line(f"{name}: memory", crawl.memory, "MB")
    report.line(f"{name}: connections to the database, at most", max(seen))
    report.line(f"{name}: bytes of its statistics and arguments", scalar(engine, OF_RUN), "B")
    report.line(f"{name}: rows in the database, more than before", scalar(engine, ROWS) - rows)
    report.line(
        f"{name}: bytes in the database, packed, more than before", (scalar(engine, SIZE) - before) / 1000, "kB"
    )


@contextmanager
def _counting(engine: Engine, seen: list[int]) -> Iterator[None]:
    def look() -> None:
        with engine.connect() as connection:
            seen.append(connection.scalar(CONNECTIONS) or 0)

    with polling(look, LOOK):
        yield


if __name__ == "__main__":
    sys.exit(main())
