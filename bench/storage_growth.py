"""What a filled database costs: the write rate beside that of an empty one, the writer's memory, bytes a row."""

from __future__ import annotations

import resource
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, text

from bench.figures import Report, setting
from bench.storage_filling import fresh_database, run, sample, scratch_server
from bench.storage_pages import BODIES, TEASERS, navigation, new_run, teasing_pages
from bench.storage_writing import no_follow_up, timed
from pipelines.storage.write.writer import write
from smartdaily_crawler.settings import PERSIST_BATCH_SIZE

SHARE_OF_EMPTY = 0.85
MEMORY_GROWTH = 1.05
WARM = 5
"""Batches before the memory is looked at for the first time."""
KINDS = {
    "article": "an article's row",
    "article_url": "an address",
    "article_revision": "a revision",
    "article_teaser": "a teaser",
    "article_category": "a place in a category",
    "crawl_outcome": "an outcome",
}
FILL = (
    """
    INSERT INTO crawl.article (article_id, site_id, url_key, url, state, title, published_on, published_at, source,
        author, editor, body, images, content_hash, text_hash, raw_hash, revision, first_seen_at, last_seen_at,
        last_fetched_at, last_changed_at, change_xid, change_seq)
    SELECT n, 1, sha256(convert_to(url, 'UTF8')), url, 'fetched', left(body, 20) || n, at::date, at, '天文网', '张三',
           '李四', body, '[]', sha256(int8send(n)), sha256(int8send(-n)), sha256(int8send(2 * n)), 1, at, at, at, at,
           '1', n
    FROM fill
    """,
    """
    INSERT INTO crawl.article_url (url_key, article_id, url, kind, first_seen_at)
    SELECT sha256(convert_to(url, 'UTF8')), n, url, 'identity', at FROM fill
    """,
    """
    INSERT INTO crawl.article_revision (article_id, revision, changed_fields, title, published_on, published_at, source,
        author, editor, body, images, published_raw, source_raw, author_raw, editor_raw, provenance, content_hash,
        parser_version, run_id, fetched_at)
    SELECT n, 1, '{}', left(body, 20) || n, at::date, at, '天文网', '张三', '李四', body, '[]', '2026-11-24 08:00',
           '来源：天文网', '作者：张三', '责任编辑：李四',
           '{"body": "structure", "title": "structure", "author": "structure", "source": "structure"}',
           sha256(int8send(n)), '0', 1, at
    FROM fill
    """,
    """
    INSERT INTO crawl.article_teaser (from_article_id, to_article_id, block, position, title, summary, published_on,
        first_seen_at, last_seen_at)
    SELECT n, 1 + (n * 7919 + place * 104729) % :count, 'teasers', place, left(body, 20) || n, left(body, 60) || '…',
           at::date, at, at
    FROM fill, generate_series(1, :teasers) AS place
    """,
    "INSERT INTO crawl.article_category SELECT n, 1, n, at, at FROM fill",
    """
    INSERT INTO crawl.crawl_outcome (run_id, url_key, url, kind, outcome, http_status, attempts, elapsed_ms, at)
    SELECT 1, sha256(convert_to(url, 'UTF8')), url, 'article', 'stored', 200, 1, 100, at FROM fill
    """,
)
ROWS = """
    CREATE TEMP VIEW fill AS
    SELECT n, 'http://bench.example/news/' || n || '.html' AS url, b.body,
           timestamptz '2024-01-01' + n * interval '1 minute' AS at
    FROM generate_series(1::bigint, {count}) AS n JOIN body b ON b.number = n % {bodies}
"""


def measure_growth(report: Report, folder: Path | None, *, small: bool) -> None:
    """The same batches into an empty and a filled database of one server, by turns; commits wait for the disk."""
    count, batches = (20_000, 10) if small else (1_000_000, 40)
    with (
        scratch_server(folder, fsync=True) as server,
        fresh_database(server, "empty") as empty,
        fresh_database(server, "filled") as filled,
    ):
        report.line("articles there", count)
        report.line("teasers there", count * TEASERS)
        fill(filled, count)
        for table, kind in KINDS.items():
            report.line(f"bytes of {kind}, indexes included", bytes_of(filled, table), "B")
        report.line("bytes of an article with all that hangs on it", bytes_of(filled, "article", *KINDS), "B")
        compare(report, empty, filled, batches)
        report.setting = setting(filled)


def compare(report: Report, empty: Engine, filled: Engine, batches: int) -> None:
    engines = {"empty": empty, "filled": filled}
    runs = {name: new_run(engine) for name, engine in engines.items()}
    for name, engine in engines.items():
        write(engine, runs[name], [navigation()])
    spent = dict.fromkeys(engines, 0.0)
    pages = teasing_pages(batches * PERSIST_BATCH_SIZE, "new")
    early = 0.0
    with no_follow_up():
        for number in range(batches):
            items = list(islice(pages, PERSIST_BATCH_SIZE))
            for name in sorted(engines, reverse=bool(number % 2)):
                spent[name] += timed(partial(write, engines[name], runs[name], items))
            if number == min(WARM, batches - 1):
                early = peak()
    for name, seconds in spent.items():
        report.line(f"articles written, {name}", batches * PERSIST_BATCH_SIZE / seconds, "/s")
    report.line("rate beside 1 of an empty database", spent["empty"] / spent["filled"], least=SHARE_OF_EMPTY)
    report.line(f"writer's memory after {WARM} batches", early, "MB")
    report.line(f"writer's memory after {batches} batches, times that", peak() / early, most=MEMORY_GROWTH)


def fill(engine: Engine, count: int) -> None:
    """Articles with all that a crawl leaves of each but what follows up their texts."""
    new_run(engine)
    bodies = [{"number": number, "body": "\n\n".join(body)} for number, body in enumerate(sample(BODIES))]
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        # Neither a check of each reference nor a stamp: what is made here refers to itself.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("INSERT INTO crawl.category VALUES (1, 1, '旧', '', 1, now(), now())"))
        connection.execute(text("SELECT setval('crawl.category_category_id_seq', 1)"))
        connection.execute(text("CREATE TEMP TABLE body (number int, body text)"))
        connection.execute(text("INSERT INTO body VALUES (:number, :body)"), bodies)
        connection.execute(text("ANALYZE body"))
        connection.execute(text(ROWS.format(count=count, bodies=BODIES)))
        # Building it afterwards is several times as fast as growing it.
        connection.execute(text("DROP INDEX crawl.article_teaser_to_article_id_idx"))
        for statement in FILL:
            values = {"count": count, "teasers": TEASERS}
            connection.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
        index = "CREATE INDEX article_teaser_to_article_id_idx ON crawl.article_teaser (to_article_id)"
        connection.execute(text(index))
        for sequence in ("article_article_id_seq", "change_seq"):
            connection.execute(text(f"SELECT setval('crawl.{sequence}', :count)"), {"count": count})
    run(engine, "VACUUM ANALYZE", "CHECKPOINT")


def bytes_of(engine: Engine, table: str, *more: str) -> float:
    """Bytes a row of the table, those of the other tables for each of its rows added."""
    sizes = " + ".join(f"pg_total_relation_size('crawl.{name}')" for name in {table, *more})
    with engine.connect() as connection:
        found = connection.scalar(text(f"SELECT ({sizes})::float8 / count(*) FROM crawl.{table}"))
    return float(found or 0)


def peak() -> float:
    """The most memory that this process had at once, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
