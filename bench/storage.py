"""What storage owes, measured on a server of its own: `python -m bench.storage writing|growth|feed|near-duplicates|search`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import Connection, Engine, text

from bench.figures import NO_BOUND, Report, write_table
from bench.storage_copies import families, long_body
from bench.storage_feed import measure_feed
from bench.storage_filling import fill_articles, fill_search, fill_signatures, sample, scratch_database, size
from bench.storage_growth import measure_growth
from bench.storage_pages import new_run, page
from bench.storage_writing import measure_writing
from pipelines.storage.schema.recordset import send
from pipelines.storage.text import near_duplicates, queue
from pipelines.storage.text.minhash import sign
from pipelines.storage.write.writer import write

BATCH = 100
RECALL = {"new lead": 0.95, "new tail": 0.95, "5 % single characters": 0.9, "5 % in one place": 0.9}
PRECISION = 0.99
LOOK_UP_MS = 2.0
SEARCH_MS, FREQUENT = 500.0, 0.05
"""The bound, and the share of articles that may hold a word for it: what a twentieth of all news says is no query."""
SEARCH = text("SELECT * FROM api.search(:query)")
MATCHING = text("""
    SELECT count(*) FROM crawl.article_search
    WHERE pairs @> crawl.search_pairs(string_to_array(lower(CAST(:query AS text)), ' '))
""")
QUERIES = ("门店", "价格", "芯片", "量产", "折叠铰链", "武汉 显存", "显存 光追游戏", "Norvia Pro")


def measure_near_duplicates(report: Report, folder: Path | None, *, small: bool) -> None:
    with scratch_database(folder) as engine:
        measure_copies(engine, report, 100 if small else 1000)
    with scratch_database(folder) as engine:
        count = 20_000 if small else 1_000_000
        bodies = sample()
        fill_articles(engine, bodies, count)
        fill_signatures(engine, bodies, count)
        print(f"{count} articles: {size(engine, 'article_signature', 'article_signature_bands_idx')}")
        measure_look_ups(engine, report, count)
        measure_follow_up(engine, report, count)


def measure_copies(engine: Engine, report: Report, count: int) -> None:
    """Recall by kind of copy and precision, over what consumers see."""
    pages = []
    for number, family in enumerate(families(count)):
        own = {"original": family.original, **family.copies}
        pages += [page(f"{number}/{kind}", body) for kind, body in own.items()]
        pages += [page(f"{number}-{kind}/{kind}", body) for kind, body in family.strangers.items()]
    run = new_run(engine)
    for start in range(0, len(pages), BATCH):
        write(engine, run, pages[start : start + BATCH])
    with engine.connect() as connection:
        found = connection.execute(
            text("""
                SELECT a.title AS copy, o.title AS original FROM api.duplicate d
                JOIN api.article a USING (article_id) JOIN api.article o ON o.article_id = d.duplicate_of
            """)
        ).all()
    right = [row for row in found if row.copy.partition("/")[0] == row.original.partition("/")[0]]
    recall = Counter(row.copy.partition("/")[2] for row in right if row.original.endswith("/original"))
    for kind in (
        "new lead",
        "new tail",
        "other lead",
        "5 % in one place",
        "5 % single characters",
        "cut by a fifth",
    ):
        report.line(f"recall of {count} copies, {kind}", recall[kind] / count, least=RECALL.get(kind, 0))
    report.line(f"precision of {len(found)} links", len(right) / len(found), least=PRECISION)


def measure_look_ups(engine: Engine, report: Report, count: int) -> None:
    texts = ["\n".join(long_body(f"look-up {number}")) for number in range(300)]
    started = time.process_time()
    signatures = [made for body in texts if (made := sign(body))]
    report.line("making a signature, mean", (time.process_time() - started) * 1000 / len(texts), "ms")
    with engine.begin() as connection:
        connection.execute(queue.PLAN)
        met = 0

        def look_up(number: int) -> None:
            nonlocal met
            row = {"article_id": 0, "bands": signatures[number].bands}
            met += len(send(connection, near_duplicates.MEET, [row], most=near_duplicates.MET))

        spent = timed(look_up, len(signatures))
    report.line(f"a look-up among {count}, median", median(spent), "ms", most=LOOK_UP_MS)
    report.line(f"a look-up among {count}, 95 %", quantiles(spent, n=20)[-1], "ms")
    report.line("strangers met in a look-up, mean", met / len(spent))


def measure_follow_up(engine: Engine, report: Report, count: int) -> None:
    """What signature, near-duplicates and search add to the write of an article, their indexes filled as far as they are."""
    run = new_run(engine)
    spent = []
    for batch in range(10):
        pages = [page(f"{batch}-{number}", long_body(f"new {batch} {number}")) for number in range(BATCH)]
        work_off, queue.work_off = queue.work_off, lambda *_, **__: 0
        try:
            started = time.perf_counter()
            write(engine, run, pages)
            written = time.perf_counter()
        finally:
            queue.work_off = work_off
        queue.work_off(engine, most=BATCH)
        spent.append(((written - started) * 1000 / BATCH, (time.perf_counter() - written) * 1000 / BATCH))
    report.line(
        f"writing an article among {count} without teasers, median", median(row[0] for row in spent), "ms"
    )
    report.line(f"following up its text among {count}, median", median(row[1] for row in spent), "ms")


def measure_search(report: Report, folder: Path | None, *, small: bool) -> None:
    for count in (20_000,) if small else (100_000, 1_000_000):
        with scratch_database(folder) as engine:
            fill_articles(engine, sample(), count)
            fill_search(engine, count)
            print(
                f"{count} articles: {size(engine, 'article', 'article_search', 'article_search_pairs_idx')}"
            )
            with engine.connect() as connection:
                for query in QUERIES:
                    matching = connection.scalar(MATCHING, {"query": query}) or 0
                    spent = timed(partial(_search, connection, query), 20)
                    name = f"{query}, which {matching / count:.1%} of {count} hold, median"
                    rare = matching / count <= FREQUENT
                    report.line(name, median(spent), "ms", most=SEARCH_MS if rare else NO_BOUND)
            measure_follow_up(engine, report, count)


def _search(connection: Connection, query: str, _: int) -> None:
    found = connection.execute(SEARCH, {"query": query}).all()
    if not found:
        raise ValueError(f"nothing found for {query!r}: the bench measures nothing")


def timed(action: Callable[[int], object], times: int) -> list[float]:
    """Milliseconds of each call; the first tenth warms up."""
    spent = []
    for number in range(times):
        started = time.perf_counter()
        action(number)
        spent.append((time.perf_counter() - started) * 1000)
    return spent[times // 10 :]


MEASURES = {
    "writing": measure_writing,
    "growth": measure_growth,
    "feed": measure_feed,
    "near-duplicates": measure_near_duplicates,
    "search": measure_search,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.storage", description=__doc__)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument(
        "--small", action="store_true", help="in a minute, for CI: the same bounds on fewer rows"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the server keeps its data meanwhile (default: TMPDIR)"
    )
    parser.add_argument(
        "--write",
        type=Path,
        metavar="PAGE",
        help="put the figures into this page of the docs, small ones never",
    )
    options = parser.parse_args(arguments)
    report = Report()
    MEASURES[options.measure](report, options.folder, small=options.small)
    if options.write and not options.small:
        write_table(options.write, options.measure, report)
    for name in report.missed:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
