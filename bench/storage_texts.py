"""Measure the processing of texts, near-duplicates and search, in a database of up to a million articles."""

from __future__ import annotations

import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import Connection, Engine, text

from bench.harness import NO_BOUND, Report, fresh_database, scalar, scratch_server, setting, timed
from bench.storage_copies import COPIES, families, long_body
from bench.storage_filling import fill, fill_signatures, new_run, no_follow_up, page, sizes
from pipelines.storage.schema.recordset import send
from pipelines.storage.text import near_duplicates, queue
from pipelines.storage.text.minhash import sign
from pipelines.storage.write.writer import write

BATCH = 100
RECALL = {"new lead": 0.95, "new tail": 0.95, "5 % single characters": 0.9, "5 % in one place": 0.9}
PRECISION = 0.99
LOOK_UP_MS = 2.0
LINKS = text("""
    SELECT a.title AS copy, o.title AS original FROM api.duplicate d
    JOIN api.article a USING (article_id) JOIN api.article o ON o.article_id = d.duplicate_of
""")
SEARCH_MS, FREQUENT = 500.0, 0.05
"""Maximum time of a search, and the share of articles with the word up to which it applies: nobody searches for more frequent words."""
SEARCH = text("SELECT * FROM api.search(:query)")
MATCHING = """
    SELECT count(*) FROM crawl.article_search
    WHERE pairs @> crawl.search_pairs(string_to_array(lower(CAST(:query AS text)), ' '))
"""
QUERIES = ("门店", "价格", "芯片", "高铁", "折叠铰链", "武汉 显存", "显存 光追游戏", "Norvia Pro")


@contextmanager
def _database(folder: Path | None) -> Iterator[Engine]:
    """Yield a database whose commits do not wait for the disk, as it is mostly read."""
    with scratch_server(folder, fsync=False) as server, fresh_database(server, "bench") as engine:
        yield engine


def measure_near_duplicates(report: Report, options: Namespace) -> None:
    with _database(options.folder) as engine:
        measure_copies(engine, report, 100 if options.small else 1000)
    count = 20_000 if options.small else 1_000_000
    with _database(options.folder) as engine:
        fill(engine, count, "article")
        fill_signatures(engine, count)
        print(f"{count} articles: {sizes(engine, 'article_signature', 'article_signature_bands_idx')}")
        measure_look_ups(engine, report, count)
        measure_follow_up(engine, report, count)
        report.setting = setting(engine)


def measure_copies(engine: Engine, report: Report, count: int) -> None:
    """Report recall by kind of copy, and precision, of the links in ``api.duplicate``."""
    pages = []
    for number, family in enumerate(families(count)):
        own = {"original": family.original, **family.copies}
        pages += [page(f"{number}/{kind}", body) for kind, body in own.items()]
        pages += [page(f"{number}-{kind}/{kind}", body) for kind, body in family.unrelated.items()]
    run = new_run(engine)
    for start in range(0, len(pages), BATCH):
        write(engine, run, pages[start : start + BATCH])
    with engine.connect() as connection:
        links = [(row.copy.split("/"), row.original.split("/")) for row in connection.execute(LINKS)]
    right = [(copy[1], original[1]) for copy, original in links if copy[0] == original[0]]
    recall = Counter(kind for kind, original in right if original == "original")
    for kind in COPIES:
        report.line(f"recall of {count} copies, {kind}", recall[kind] / count, least=RECALL.get(kind, 0))
    report.line(f"precision of {len(links)} links", len(right) / len(links), least=PRECISION)


def measure_look_ups(engine: Engine, report: Report, count: int) -> None:
    texts = ["\n".join(long_body(f"look-up {number}")) for number in range(300)]
    started = time.process_time()
    signatures = [made for body in texts if (made := sign(body))]
    report.line("making a signature, mean", (time.process_time() - started) * 1000 / len(texts), "ms")
    found = []
    with engine.begin() as connection:
        connection.execute(queue.PLAN)

        def look_up(number: int) -> None:
            row = {"article_id": 0, "bands": signatures[number].bands}
            found.append(len(send(connection, near_duplicates.SHARING, [row], most=near_duplicates.MOST_SHARING)))

        spent = milliseconds(look_up, len(signatures))
    report.line(f"a look-up among {count}, median", median(spent), "ms", most=LOOK_UP_MS)
    report.line(f"a look-up among {count}, 95 %", quantiles(spent, n=20)[-1], "ms")
    report.line("unrelated texts found in a look-up, mean", sum(found) / len(found))


def measure_follow_up(engine: Engine, report: Report, count: int) -> None:
    """Report the time to write an article, and to process its text: signature, near-duplicates and search."""
    run = new_run(engine)
    written, followed = [], []
    for batch in range(10):
        pages = [page(f"{batch}-{number}", long_body(f"new {batch} {number}")) for number in range(BATCH)]
        with no_follow_up():
            written.append(timed(partial(write, engine, run, pages)) * 1000 / BATCH)
        followed.append(timed(partial(queue.process_queue, engine, most=BATCH)) * 1000 / BATCH)
    report.line(f"writing an article among {count} without teasers, median", median(written), "ms")
    report.line(f"processing its text among {count}, median", median(followed), "ms")


def measure_search(report: Report, options: Namespace) -> None:
    for count in (20_000,) if options.small else (100_000, 1_000_000):
        with _database(options.folder) as engine:
            fill(engine, count, "article", "article_search")
            print(f"{count} articles: {sizes(engine, 'article', 'article_search', 'article_search_pairs_idx')}")
            for query in QUERIES:
                share = scalar(engine, MATCHING, query=query) / count
                with engine.connect() as connection:
                    spent = milliseconds(partial(_search, connection, query), 20)
                name = f"{query}, contained in {share:.1%} of {count}, median"
                report.line(name, median(spent), "ms", most=SEARCH_MS if share <= FREQUENT else NO_BOUND)
            measure_follow_up(engine, report, count)
            report.setting = setting(engine)


def _search(connection: Connection, query: str, _: int) -> None:
    if not connection.execute(SEARCH, {"query": query}).all():
        raise ValueError(f"nothing found for {query!r}, so there is nothing to measure")


def milliseconds(action: Callable[[int], object], times: int) -> list[float]:
    """Return the milliseconds of each call but the first tenth, which warms up."""
    return [timed(partial(action, number)) * 1000 for number in range(times)][times // 10 :]
