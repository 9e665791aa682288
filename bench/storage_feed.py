"""Check that a consumer of the change feed misses nothing while eight writers write at once."""

from __future__ import annotations

import itertools
import random
import threading
import time
from argparse import Namespace
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, text

from bench.harness import Report, fresh_database, scratch_server, setting
from bench.storage_filling import NOW, new_run, page
from pipelines.storage.read.feed import Change, Feed
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Article

WRITERS = 8
SHARED = 40
"""Number of articles that all writers write repeatedly; each also writes articles of its own."""
LAST_CHANGES = text("SELECT article_id, change_xid::text::bigint, change_seq FROM crawl.article")


@dataclass(frozen=True)
class Race:
    """Counts of one consumer."""

    written: int
    """Number of items committed by the writers."""
    seen: int
    """Number of changes read."""
    missed: int
    """Number of articles whose last change was not read."""
    twice: int
    """Number of changes read twice."""
    disordered: int
    """Number of changes read after a later one, or in another order than by a second reader from the beginning."""


def race(engine: Engine, seconds: float) -> Race:
    """Run one consumer and ``WRITERS`` writers at the same time."""
    run = new_run(engine)
    over = threading.Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        consumer = pool.submit(_consume, engine, over)
        until = time.monotonic() + seconds
        writers = [pool.submit(_write, engine, run, number, until) for number in range(WRITERS)]
        try:
            written = sum(writer.result() for writer in writers)
        finally:
            over.set()
        seen = [_key(change) for change in consumer.result()]
    second = [_key(change) for change in _rest(Feed(engine))]
    with engine.connect() as connection:
        last = {tuple(row) for row in connection.execute(LAST_CHANGES)}
    disordered = sum(one[1:] > other[1:] for one, other in itertools.pairwise(seen))
    order = sorted({key[0]: key for key in seen}.values(), key=lambda key: key[1:])
    disordered += sum(one != other for one, other in zip(order, second, strict=False))
    return Race(written, len(seen), len(last - set(seen)), len(seen) - len(set(seen)), disordered)


def _write(engine: Engine, run: RunKey, writer: int, until: float) -> int:
    rng = random.Random(writer)
    written = 0
    while time.monotonic() < until:
        names = [f"shared/{rng.randrange(SHARED)}" for _ in range(3)]
        names += [f"{writer}/{written + n}" for n in range(3)]
        write(engine, run, [_article(name, writer, written) for name in names])
        written += len(names)
    return written


def _article(name: str, writer: int, written: int) -> Article:
    made = page(name, [f"第 {written} 次写入，第 {writer} 个写入者。"])
    made.fetch.fetched_at = NOW + timedelta(microseconds=written)
    return made


def _consume(engine: Engine, over: threading.Event) -> list[Change]:
    feed = Feed(engine)
    seen: list[Change] = []
    while not over.is_set():
        seen += feed.read(50)
    return [*seen, *_rest(feed)]


def _rest(feed: Feed) -> Iterable[Change]:
    while changes := feed.read():
        yield from changes


def _key(change: Change) -> tuple[int, int, int]:
    return change.article["article_id"], change.cursor.xid, change.cursor.seq


def measure_feed(report: Report, options: Namespace) -> None:
    seconds = 3 if options.small else 10
    with scratch_server(options.folder, fsync=True) as server, fresh_database(server, "feed") as engine:
        raced = race(engine, seconds)
        report.setting = setting(engine)
    report.line(f"items of {WRITERS} writers in {seconds} s", raced.written)
    report.line("changes that one consumer read meanwhile", raced.seen)
    report.line("missed", raced.missed, most=0)
    report.line("seen twice", raced.twice, most=0)
    report.line("out of order, or in another order for a second reader", raced.disordered, most=0)
