"""How fast the writer writes: beside one commit an item, and beside COPY of the same rows into the same tables."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, text

from bench.figures import Report, setting
from bench.storage_filling import fresh_database, scratch_server
from bench.storage_pages import TEASERS, navigation, new_run, teasing_pages
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.text import queue
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Article
from smartdaily_crawler.settings import PERSIST_BATCH_SIZE

TIMES_OF_SINGLE = 10.0
SHARE_OF_COPY = 0.25
FIRST = ("site", "crawl_run", "category")
"""What the rows refer to: there before the clock starts."""
WRITTEN = (
    "article", "article_url", "article_revision", "article_teaser", "article_category", "crawl_outcome", "text_queue",
)  # fmt: skip


def measure_writing(report: Report, folder: Path | None, *, small: bool) -> None:
    """Each round in fresh databases of one server, commits waiting for the disk; of each way the best round counts."""
    count, rounds = (500, 1) if small else (2500, 3)
    items = list(teasing_pages(count, "new"))
    batched, copied, single, followed = [], [], [], []
    with scratch_server(folder, fsync=True) as server:
        for _ in range(rounds):
            with fresh_database(server, "batched") as engine, fresh_database(server, "copied") as other:
                batched.append(write_all(engine, items, PERSIST_BATCH_SIZE))
                rows = count_rows(engine)
                copied.append(copy_all(engine, other))
                followed.append(timed(partial(queue.drain, engine)))
            with fresh_database(server, "single") as engine:
                single.append(write_all(engine, items, 1))
                report.setting = setting(engine)
    report.line(f"rows of {count} articles with {TEASERS} teasers each", rows)
    report.line("written with a commit an item", rows / min(single), "rows/s")
    report.line(f"written in batches of {PERSIST_BATCH_SIZE}", rows / min(batched), "rows/s")
    report.line("copied into the same tables by COPY", rows / min(copied), "rows/s")
    report.line("batches, times a commit an item", min(single) / min(batched), least=TIMES_OF_SINGLE)
    report.line("batches, share of COPY", min(copied) / min(batched), least=SHARE_OF_COPY)
    report.line(
        "following up a text (signature, near-duplicates, search)", min(followed) / count * 1000, "ms"
    )
    report.line("batches with their follow-up, share of COPY", min(copied) / (min(batched) + min(followed)))


def write_all(engine: Engine, items: Sequence[Article], size: int) -> float:
    """Seconds to write the items in batches of that size, what follows up their texts left in the queue."""
    run = new_run(engine)
    write(engine, run, [navigation()])
    with no_follow_up():
        return timed(lambda: write_in_batches(engine, run, items, size))


def write_in_batches(engine: Engine, run: RunKey, items: Sequence[Article], size: int) -> None:
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        write(engine, run, batch)


@contextmanager
def no_follow_up() -> Iterator[None]:
    work_off, queue.work_off = queue.work_off, lambda *_, **__: 0
    try:
        yield
    finally:
        queue.work_off = work_off


def copy_all(source: Engine, target: Engine) -> float:
    """Seconds to put the rows of one database into the empty tables of another, all in one transaction."""
    rows = {table: _dump(source, table) for table in (*FIRST, *WRITTEN)}
    _load(target, FIRST, rows)
    return timed(lambda: _load(target, WRITTEN, rows))


def count_rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return sum(connection.scalar(text(f"SELECT count(*) FROM crawl.{table}")) or 0 for table in WRITTEN)


def timed(action: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _dump(engine: Engine, table: str) -> str:
    raw, rows = engine.raw_connection(), io.StringIO()
    try:
        raw.cursor().copy_expert(f"COPY crawl.{table} TO STDOUT", rows)
    finally:
        raw.close()
    return rows.getvalue()


def _load(engine: Engine, tables: Sequence[str], rows: dict[str, str]) -> None:
    raw = engine.raw_connection()
    try:
        for table in tables:
            raw.cursor().copy_expert(f"COPY crawl.{table} FROM STDIN", io.StringIO(rows[table]))
        raw.commit()
    finally:
        raw.close()
