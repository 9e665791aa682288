"""Measure the writer, compared with one commit per item, with COPY, and between a filled and an empty database."""

from __future__ import annotations

import gc
import io
import resource
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice

from sqlalchemy import Engine

from bench.harness import Report, fresh_database, scalar, scratch_server, setting, timed
from bench.storage_filling import TEASERS, fill, navigation, new_run, no_follow_up, teasing_pages
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.text import queue
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Article
from smartdaily_crawler.settings import PERSIST_BATCH_SIZE

TIMES_OF_SINGLE = 10.0
SHARE_OF_COPY = 0.25
SHARE_OF_EMPTY = 0.85
MEMORY_GROWTH = 1.05
WARM = 5
"""Number of batches before the first measurement of memory."""
FIRST = ("site", "crawl_run", "category")
"""Tables that the rows refer to, copied before the measurement."""
KINDS = {
    "article": "an article's row",
    "article_url": "a URL",
    "article_revision": "a revision",
    "article_teaser": "a teaser",
    "article_category": "a membership in a category",
    "crawl_outcome": "an outcome",
}
WRITTEN = (*KINDS, "text_queue")


def measure_writing(report: Report, options: Namespace) -> None:
    """Write in fresh databases of one server, with commits that wait for the disk; report the best round of each method."""
    count, rounds = (500, 1) if options.small else (2500, 3)
    items = list(teasing_pages(count, "new"))
    # A crawl holds the items of a few batches. Python's search for cycles would go through all of these again and again.
    gc.freeze()
    batched, copied, single, followed = [], [], [], []
    with scratch_server(options.folder, fsync=True) as server:
        for _ in range(rounds):
            with fresh_database(server, "batched") as engine, fresh_database(server, "copied") as other:
                batched.append(write_all(engine, items, PERSIST_BATCH_SIZE))
                rows = count_rows(engine)
                copied.append(copy_all(engine, other))
                followed.append(timed(partial(queue.process_all, engine)))
            with fresh_database(server, "single") as engine:
                single.append(write_all(engine, items, 1))
                report.setting = setting(engine)
    report.line(f"rows of {count} articles with {TEASERS} teasers each", rows)
    report.line("written with one commit per item", rows / min(single), "rows/s")
    report.line(f"written in batches of {PERSIST_BATCH_SIZE}", rows / min(batched), "rows/s")
    report.line("copied into the same tables by COPY", rows / min(copied), "rows/s")
    report.line("batches, times one commit per item", min(single) / min(batched), least=TIMES_OF_SINGLE)
    report.line("batches, share of COPY", min(copied) / min(batched), least=SHARE_OF_COPY)
    processing = min(followed) / count * 1000
    report.line("processing a text (signature, near-duplicates, search)", processing, "ms")
    whole = min(batched) + min(followed)
    report.line("batches with their texts processed, share of COPY", min(copied) / whole)


def measure_growth(report: Report, options: Namespace) -> None:
    """Write the same batches into an empty and a filled database of one server, in turn, with commits that wait for the disk."""
    count, batches = (20_000, 10) if options.small else (1_000_000, 40)
    with (
        scratch_server(options.folder, fsync=True) as server,
        fresh_database(server, "empty") as empty,
        fresh_database(server, "filled") as filled,
    ):
        report.line("articles in the database", count)
        report.line("teasers in the database", count * TEASERS)
        fill(filled, count, *KINDS)
        for table, kind in KINDS.items():
            report.line(f"bytes of {kind}, indexes included", bytes_of(filled, table), "B")
        report.line("bytes of an article with its rows in all tables", bytes_of(filled, *KINDS), "B")
        compare(report, empty, filled, batches)
        report.setting = setting(filled)


def compare(report: Report, empty: Engine, filled: Engine, batches: int) -> None:
    early = 0.0
    for number, seconds in enumerate(write_in_turn((empty, filled), batches)):  # noqa: B007 - the last ones are reported
        if number == min(WARM, batches - 1):
            early = _peak()
    for name, spent in zip(("empty", "filled"), seconds, strict=True):
        report.line(f"articles written, {name}", batches * PERSIST_BATCH_SIZE / spent, "/s")
    report.line("filled, share of the rate when empty", seconds[0] / seconds[1], least=SHARE_OF_EMPTY)
    report.line(f"writer's memory after {WARM} batches", early, "MB")
    report.line(f"writer's memory after {batches} batches, times that", _peak() / early, most=MEMORY_GROWTH)


def write_in_turn(engines: tuple[Engine, Engine], batches: int) -> Iterator[tuple[float, ...]]:
    """Write the same batches of articles into two databases, each first every other time; yield the seconds of each so far."""
    runs = [(engine, new_run(engine)) for engine in engines]
    for engine, run in runs:
        write(engine, run, [navigation()])
    spent = dict.fromkeys(engines, 0.0)
    pages = teasing_pages(batches * PERSIST_BATCH_SIZE, "new")
    with no_follow_up():
        for number in range(batches):
            items = list(islice(pages, PERSIST_BATCH_SIZE))
            for engine, run in runs if number % 2 else reversed(runs):
                spent[engine] += timed(partial(write, engine, run, items))
            yield tuple(spent.values())


def write_all(engine: Engine, items: Sequence[Article], size: int) -> float:
    """Return the seconds to write the items in batches of that size, with their texts left in the queue."""
    run = new_run(engine)
    write(engine, run, [navigation()])
    with no_follow_up():
        return timed(partial(_write_in_batches, engine, run, items, size))


def _write_in_batches(engine: Engine, run: RunKey, items: Sequence[Article], size: int) -> None:
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        write(engine, run, batch)


def copy_all(source: Engine, target: Engine) -> float:
    """Return the seconds to copy the rows of one database into empty tables of another, in one transaction."""
    rows = {table: io.StringIO() for table in (*FIRST, *WRITTEN)}
    _copy(source, "TO STDOUT", rows)
    _copy(target, "FROM STDIN", {table: rows[table] for table in FIRST})
    return timed(lambda: _copy(target, "FROM STDIN", {table: rows[table] for table in WRITTEN}))


def _copy(engine: Engine, direction: str, files: dict[str, io.StringIO]) -> None:
    with closing(engine.raw_connection()) as connection:
        for table, rows in files.items():
            rows.seek(0)
            connection.cursor().copy_expert(f"COPY crawl.{table} {direction}", rows)
        connection.commit()


def count_rows(engine: Engine) -> int:
    return sum(scalar(engine, f"SELECT count(*) FROM crawl.{table}") for table in WRITTEN)


def bytes_of(engine: Engine, table: str, *more: str) -> float:
    """Return the bytes per row of the table, plus those of the other tables divided by its number of rows."""
    sizes = " + ".join(f"pg_total_relation_size('crawl.{name}')" for name in (table, *more))
    return float(scalar(engine, f"SELECT ({sizes})::float8 / count(*) FROM crawl.{table}") or 0)


def _peak() -> float:
    """Return the maximum memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
