"""Measure a database whose largest tables are partitioned beside one whose tables are whole: the reader's queries, the writer, pruning.

A table is partitioned by what its primary key holds. Other ways are tried on empty tables, and what the server says to them is told.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import Engine, Table, text
from sqlalchemy.exc import OperationalError

from bench.harness import Report, execute, fresh_database, scalar, scratch_server, setting, timed
from bench.storage_filling import fill, new_run
from bench.storage_reading import TABLES, categorise, queries, read
from bench.storage_texts import milliseconds
from bench.storage_writing import write_in_turn
from pipelines.storage.db.errors import StorageError
from pipelines.storage.embedded.server import EmbeddedServer
from pipelines.storage.schema import migrate
from pipelines.storage.schema.models import Base
from smartdaily_crawler.settings import PERSIST_BATCH_SIZE

PARTS = 8
MOST_SECONDS = 20
"""For a query, which is stopped then."""
RUNS = 10
"""Runs whose outcomes are pruned, each from a partition of its own, and by DELETE."""
PARTITIONED = {"article_teaser": "HASH (from_article_id)", "article_revision": "HASH (article_id)"}
BY_RUN = {"crawl_outcome": "RANGE (run_id)"}
REFUSED = {
    "article": ("HASH (site_id)", "RANGE (published_on)"),
    "article_url": ("HASH (article_id)",),
    "article_revision": ("RANGE (fetched_at)",),
    "article_teaser": ("RANGE (first_seen_at)",),
}
"""By site, or by time."""
REFERENCES = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = CAST('crawl.article' AS regclass)"
OUTCOMES = text("""
    INSERT INTO crawl.crawl_outcome (run_id, url_key, url, kind, outcome, http_status, attempts, at)
    SELECT :run, sha256(int8send(n)), 'http://bench.example/news/' || n || '.html', 'article', 'unchanged', 304, 1, now()
    FROM generate_series(1::bigint, :count) AS n
""")


def measure_partitions(report: Report, options: Namespace) -> None:
    """Fill both databases of one server alike, and use them in turn. Commits do not wait for the disk."""
    count = options.articles or (20_000 if options.small else 1_000_000)
    batches = 10 if options.small else 40
    with scratch_server(options.folder, fsync=False) as server:
        with fresh_database(server, "whole") as whole, _partitioned(server, "parts", PARTITIONED) as parts:
            report.line("articles", count)
            for name, engine in (("whole", whole), ("partitioned", parts)):
                report.line(f"seconds to fill, {name}", timed(partial(fill, engine, count, *TABLES)), "s")
                categorise(engine)
                execute(engine, "VACUUM ANALYZE", "CHECKPOINT")
            for table in ("article", "article_url", *PARTITIONED):
                report.line(f"MB of {table}, indexes included", scalar(whole, SIZE, name=f"crawl.{table}") / 1e6, "MB")
            _compare_reading(report, whole, parts)
            _compare_writing(report, whole, parts, batches)
            report.line("foreign keys to article", scalar(whole, REFERENCES))
            report.setting = setting(whole)
        _compare_pruning(report, server, 2_000 if options.small else 100_000)
        for table, ways in REFUSED.items():
            for way in ways:
                _tell(report, f"{table} by {way}", _refusal(server, table, way))


SIZE = "SELECT pg_total_relation_size(CAST(:name AS regclass))"


@contextmanager
def _partitioned(server: EmbeddedServer, name: str, ways: Mapping[str, str]) -> Iterator[Engine]:
    """Create a database with these tables partitioned; those by hash have ``PARTS`` partitions, others none yet."""
    tables: list[tuple[Table, str]] = [(Base.metadata.tables[f"crawl.{table}"], way) for table, way in ways.items()]
    with fresh_database(server, name, migrated=False) as engine:
        for table, way in tables:
            table.dialect_options["postgresql"]["partition_by"] = way
        try:
            migrate.upgrade(engine)
        finally:
            for table, _ in tables:
                table.dialect_options["postgresql"]["partition_by"] = None
        for table, way in tables:
            if way.startswith("HASH"):
                for part in range(PARTS):
                    values = f"WITH (MODULUS {PARTS}, REMAINDER {part})"
                    execute(engine, f"CREATE TABLE {table}_{part} PARTITION OF {table} FOR VALUES {values}")
        yield engine


def _compare_reading(report: Report, whole: Engine, parts: Engine) -> None:
    for name, query, values in queries(whole):
        _tell(report, f"{name}, median", ", partitioned ".join(_read(each, query, values) for each in (whole, parts)))


def _read(engine: Engine, query: str, values: Mapping[str, Any]) -> str:
    with engine.connect() as connection:
        connection.execute(text(f"SET ROLE smartdaily_reader; SET statement_timeout = '{MOST_SECONDS}s'"))
        try:
            return f"{median(milliseconds(partial(read, connection, query, dict(values)), 20)):.2f} ms"
        except OperationalError:
            return f"more than {MOST_SECONDS} s"


def _compare_writing(report: Report, whole: Engine, parts: Engine, batches: int) -> None:
    *_, seconds = write_in_turn((whole, parts), batches)
    rates = [batches * PERSIST_BATCH_SIZE / each for each in seconds]
    _tell(report, "articles written", f"{rates[0]:.0f} /s, partitioned {rates[1]:.0f} /s")


def _compare_pruning(report: Report, server: EmbeddedServer, count: int) -> None:
    """Remove the outcomes of half of the runs: as rows, and as partitions."""
    with ExitStack() as stack:
        whole = stack.enter_context(fresh_database(server, "outcomes"))
        parts = stack.enter_context(_partitioned(server, "outcome_parts", BY_RUN))
        spent = []
        for engine in (whole, parts):
            ids = [new_run(engine).run_id for _ in range(RUNS)]
            for number in ids if engine is parts else ():
                bounds = f"FROM ({number}) TO ({number + 1})"
                table = f"crawl.crawl_outcome_{number} PARTITION OF crawl.crawl_outcome"
                execute(engine, f"CREATE TABLE {table} FOR VALUES {bounds}")
            for number in ids:
                with engine.begin() as connection:
                    connection.execute(OUTCOMES, {"run": number, "count": count})
            old = ids[: RUNS // 2]
            if engine is whole:
                listed = ", ".join(map(str, old))
                statements = [
                    f"DELETE FROM crawl.crawl_outcome WHERE run_id IN ({listed})",
                    "VACUUM crawl.crawl_outcome",
                ]
            else:
                statements = [f"DROP TABLE crawl.crawl_outcome_{number}" for number in old]
            spent.append(timed(partial(execute, engine, *statements)))
        removed = f"{count * RUNS // 2:,} of {count * RUNS:,} outcomes removed"
        _tell(report, removed, f"{spent[0]:.2f} s, partitioned {spent[1]:.2f} s")


def _refusal(server: EmbeddedServer, table: str, way: str) -> str:
    try:
        with _partitioned(server, "tried", {table: way}):
            return "works"
    except StorageError as error:
        return str(error).removeprefix("the migration was rolled back: ")
    finally:
        with fresh_database(server, "owner", migrated=False) as owner:
            execute(owner, "DROP DATABASE IF EXISTS tried WITH (FORCE)")


def _tell(report: Report, name: str, value: str) -> None:
    print(f"{name:<58} {value}", flush=True)
    report.rows.append((name, value, ""))
