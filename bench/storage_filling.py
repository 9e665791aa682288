"""Articles for the storage benchmarks: some as a crawl yields them, and copies of their rows up to a million."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

from sqlalchemy import Engine, text

from bench.harness import execute, scalar
from demo.stories import CATEGORIES
from demo.text import Writer
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.text import queue, search
from pipelines.storage.text.minhash import BANDS, sign
from pipelines.storage.write.runs import start_run
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Article, Category, Fetch, Navigation, Teaser

SITE = "http://bench.example"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
TEASERS = 9
CATEGORY = "手机"
BODIES, SAMPLE = 1_000, 5_000
"""Number of different bodies of written articles, and of signatures."""
ORIGINALS = 1_000
COLUMNS = text("""
    SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
""")
COPIED: dict[str, str] = {
    **dict.fromkeys(("article_id", "from_article_id", "to_article_id", "duplicate_of"), "{} + k * :step"),
    "change_seq": "{} + k * 1000000",
    "url": "{} || k",
    "title": "{} || ' ' || k",
    "bytea": "sha256({} || int8send(k))",
    "date": "{} - (:times - k)::int",
    "timestamp with time zone": "{} - (:times - k) * interval '1 day'",
}
"""Values in copy k by column or type; other values are those of the original. Copies are a day apart, before the originals."""
NEXT = text("""
    SELECT setval('crawl.article_article_id_seq', max(article_id)), setval('crawl.change_seq', max(change_seq))
    FROM crawl.article
""")
SIGNED = text("CREATE TEMP TABLE signed (number int PRIMARY KEY, bands int[], signature bytea) ON COMMIT DROP")
SIGNATURES = text("""
    INSERT INTO crawl.article_signature (article_id, bands, signature)
    SELECT n, array_agg(bands[b] ORDER BY b), string_agg(substr(signature, (b - 1) * :size + 1, :size), '' ORDER BY b)
    FROM generate_series(1::bigint, :count) AS n CROSS JOIN generate_series(1, :bands) AS b
    JOIN signed ON number = abs(hashint8extended(n, b) % (SELECT count(*) FROM signed))
    GROUP BY n
""")


def new_run(engine: Engine) -> RunKey:
    zone = "Asia/Shanghai"
    return start_run(
        engine, spider="bench", site="bench", base_url=SITE, timezone=zone, job=None, version="0", arguments={}
    )


def page(name: str, body: list[str]) -> Article:
    url = f"{SITE}/{name}.html"
    fetch = Fetch(url=url, kind="article", final_url=url, fetched_at=NOW, status=200)
    return Article(url=url, fetch=fetch, title=name, body=body, published_on=NOW.date(), parser_version="0")


def navigation() -> Navigation:
    fetch = Fetch(url=SITE, kind="home", final_url=SITE, fetched_at=NOW, status=200)
    return Navigation(fetch=fetch, categories=[Category(name=CATEGORY, url=f"{SITE}/1.html", position=1)])


def teasing_pages(count: int, seed: str) -> Iterator[Article]:
    """Yield ``count`` articles of one category with all fields, each with ``TEASERS`` teasers of others of them."""
    rng = Random(seed)
    bodies = sample(BODIES)
    for number in range(count):
        made = page(f"{seed}/{number}", [*rng.choice(bodies), rng.choice(rng.choice(bodies))])
        made.title = f"{made.body[-1][:20]}{number}"
        made.source, made.author, made.editor = "天文网", "张三", "李四"
        made.source_raw, made.author_raw, made.editor_raw = "来源：天文网", "作者：张三", "责任编辑：李四"
        made.published_at, made.published_raw = NOW, "2026-11-24 08:00"
        made.categories = [CATEGORY]
        made.provenance = dict.fromkeys(("title", "body", "published", "source", "author"), "structure")
        for position, other in enumerate(rng.sample(range(count - 1), TEASERS), 1):
            content, target = rng.choice(rng.choice(bodies)), other + (other >= number)
            teaser = Teaser(url=f"{SITE}/{seed}/{target}.html", position=position, title=f"{content[:20]}{target}")
            teaser.summary, teaser.published_on = f"{content[:60]}…", NOW.date()
            made.teasers.append(teaser)
        yield made


def sample(count: int) -> list[list[str]]:
    rng = Random("sample")
    return [Writer(rng, rng.choice(list(CATEGORIES))).body() for _ in range(count)]


def fill(engine: Engine, count: int, *tables: str) -> None:
    """Write articles, and copy their rows until there are ``count``, rounded down to a multiple of ``ORIGINALS``.

    :param tables: tables whose rows are copied.
    """
    run, step = new_run(engine), min(count, ORIGINALS)
    originals = list(teasing_pages(step, "old"))
    for original in originals:
        del original.body[1]  # as long as articles of the bundled site, and still no two equal
    with no_follow_up():
        write(engine, run, [navigation(), *originals])
    times = {"times": count // step, "step": step}
    with (
        built_afterwards(engine, "article_teaser_to_article_id_idx"),
        built_afterwards(engine, "article_search_pairs_idx"),
        engine.begin() as connection,
    ):
        texts = connection.execute(queue.TEXTS, {"ids": list(range(1, step + 1))})
        search.index(connection, texts.all())
        connection.execute(text("DELETE FROM crawl.text_queue"))
        # Without triggers and checks of references: the copies refer to each other.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in tables:
            columns = connection.execute(COLUMNS, {"name": f"crawl.{table}"}).all()
            names = ", ".join(name for name, _ in columns)
            copied = ", ".join(COPIED.get(name, COPIED.get(kind, "{}")).format(name) for name, kind in columns)
            copies = f"SELECT {copied} FROM crawl.{table}, generate_series(1::bigint, :times - 1) AS k"
            connection.execute(text(f"INSERT INTO crawl.{table} ({names}) {copies}"), times)
        connection.execute(NEXT)
    execute(engine, "VACUUM ANALYZE", "CHECKPOINT")


def fill_signatures(engine: Engine, count: int) -> None:
    """Write signatures with each band from another real text, so that unrelated texts share bands as often as real ones do."""
    signed = [made for body in sample(SAMPLE) if (made := sign("\n".join(body)))]
    rows = [{"number": number, "bands": each.bands, "values": each.values} for number, each in enumerate(signed)]
    numbers = {"count": count, "bands": BANDS, "size": len(signed[0].values) // BANDS}
    with built_afterwards(engine, "article_signature_bands_idx"), engine.begin() as connection:
        connection.execute(SIGNED)
        connection.execute(text("INSERT INTO signed VALUES (:number, :bands, :values)"), rows)
        connection.execute(SIGNATURES, numbers)
    execute(engine, "ANALYZE crawl.article_signature")


@contextmanager
def no_follow_up() -> Iterator[None]:
    """Leave the texts that the block writes in the queue."""
    process_queue, queue.process_queue = queue.process_queue, lambda *_, **__: 0
    try:
        yield
    finally:
        queue.process_queue = process_queue


@contextmanager
def built_afterwards(engine: Engine, index: str) -> Iterator[None]:
    """Drop an index while the block fills its table, and build it afterwards, which is several times as fast."""
    # That of a partitioned table says ONLY, which would leave the partitions without.
    definition = scalar(engine, f"SELECT pg_get_indexdef('crawl.{index}'::regclass)").replace(" ON ONLY ", " ON ", 1)
    execute(engine, f"DROP INDEX crawl.{index}")
    yield
    execute(engine, definition)


def sizes(engine: Engine, *tables: str) -> str:
    """Return the sizes of tables and indexes as text."""
    size = "SELECT pg_size_pretty(pg_table_size(CAST(:name AS regclass)))"
    return ", ".join(f"{name} {scalar(engine, size, name=f'crawl.{name}')}" for name in tables)
