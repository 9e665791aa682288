"""A database with as many articles as it takes, made within minutes: texts from sentences, written by COPY."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text

from demo.stories import CATEGORIES
from demo.text import Writer
from pipelines.storage.db.engine import connect
from pipelines.storage.embedded.server import EmbeddedServer, embedded_server
from pipelines.storage.schema import migrate
from pipelines.storage.text import search
from pipelines.storage.text.minhash import BANDS, Signature, sign

SAMPLE = 5_000
"""Bodies that are really written; the rest is mixed from their sentences."""
CHUNK = 20_000
TEXTS = text("""
    SELECT article_id, title, body, published_on FROM crawl.article WHERE article_id BETWEEN :first AND :last
""")


@contextmanager
def scratch_server(folder: Path | None, *, fsync: bool) -> Iterator[EmbeddedServer]:
    """A server of its own under ``folder``, gone afterwards. With ``fsync`` each commit waits for the disk."""
    with TemporaryDirectory(prefix="smartdaily-bench-", dir=folder) as name:
        home = Path(name)
        home.chmod(0o755)
        with embedded_server(home, fsync=fsync) as server:
            yield server


@contextmanager
def fresh_database(server: EmbeddedServer, name: str) -> Iterator[Engine]:
    """A migrated database of the server, gone afterwards."""
    owner = connect(server.url(), application_name="bench")
    run(owner, f"CREATE DATABASE {name}")
    engine = connect(server.url(name), application_name="bench")
    migrate.upgrade(engine)
    yield engine
    engine.dispose()
    run(owner, f"DROP DATABASE {name} WITH (FORCE)")
    owner.dispose()


@contextmanager
def scratch_database(folder: Path | None) -> Iterator[Engine]:
    """A migrated database on a server of its own, for what is read more than written: no commit waits for the disk."""
    with scratch_server(folder, fsync=False) as server, fresh_database(server, "bench") as engine:
        yield engine


def sample(count: int = SAMPLE) -> list[list[str]]:
    rng = random.Random("sample")
    return [Writer(rng, rng.choice(list(CATEGORIES))).body() for _ in range(count)]


def fill_articles(engine: Engine, bodies: list[list[str]], count: int) -> None:
    """``count`` fetched articles of three years, each of paragraphs that come from several of the bodies."""
    rng = random.Random("articles")
    paragraphs = [paragraph for body in bodies for paragraph in body]
    titles = [paragraph.split("，")[0][:30] for paragraph in paragraphs]
    site = "INSERT INTO crawl.site (name, base_url, timezone) VALUES ('bench', 'http://bench.example', 'Asia/Shanghai')"
    run(engine, site)
    columns = (
        "site_id, url_key, url, state, title, published_on, body, revision, first_seen_at, last_seen_at, "
        "change_xid, change_seq"
    )

    def rows() -> Iterator[str]:
        for number in range(count):
            body = "\\n\\n".join(rng.sample(paragraphs, rng.randint(2, 7)))
            day = f"{2024 + number % 3}-{1 + number // 3 % 12:02}-{1 + number // 36 % 28:02}"
            url = f"http://bench.example/{number}.html"
            moment = f"{day} 08:00+08"
            yield (
                f"1\t\\\\x{number:064x}\t{url}\tfetched\t{rng.choice(titles)}\t{day}\t{body}\t1\t{moment}\t{moment}\t"
                f"1\t{number}\n"
            )

    # A million rows need neither a stamp nor a notification each.
    run(engine, "ALTER TABLE crawl.article DISABLE TRIGGER USER")
    copy(engine, f"crawl.article ({columns})", rows())
    run(engine, "ALTER TABLE crawl.article ENABLE TRIGGER USER", "ANALYZE crawl.article")


def fill_signatures(engine: Engine, bodies: list[list[str]], count: int) -> None:
    """Signatures whose bands come from real texts, each from another: as many strangers meet as among real ones."""
    rng = random.Random("signatures")
    signed = [made for body in bodies if (made := sign("\n".join(body)))]
    size = len(signed[0].values) // BANDS
    parts = [_parts(signature, size) for signature in signed]

    def rows() -> Iterator[str]:
        for number in range(1, count + 1):
            chosen = [parts[int(rng.random() * len(parts))][band] for band in range(BANDS)]
            bands = ",".join(band for band, _ in chosen)
            yield f"{number}\t{{{bands}}}\t\\\\x{''.join(values for _, values in chosen)}\n"

    # Building the index afterwards is ten times as fast as growing it.
    index = "CREATE INDEX article_signature_bands_idx ON crawl.article_signature USING gin (bands) WITH (fastupdate=off)"
    run(engine, "DROP INDEX crawl.article_signature_bands_idx")
    copy(engine, "crawl.article_signature (article_id, bands, signature)", rows())
    run(engine, index, "ANALYZE crawl.article_signature")


def fill_search(engine: Engine, count: int) -> None:
    def rows() -> Iterator[str]:
        with engine.connect() as connection:
            for first in range(1, count + 1, CHUNK):
                texts = connection.execute(TEXTS, {"first": first, "last": first + CHUNK - 1})
                for row in texts:
                    codes = search.as_array(search.pairs(f"{row.title}\n{row.body}"))
                    yield f"{row.article_id}\t{row.published_on}\t{codes}\n"

    index = (
        "CREATE INDEX article_search_pairs_idx ON crawl.article_search USING gin (pairs) "
        "WITH (gin_pending_list_limit = 1024)"
    )
    run(engine, "DROP INDEX crawl.article_search_pairs_idx")
    copy(engine, "crawl.article_search (article_id, published_on, pairs)", rows())
    run(engine, index, "VACUUM ANALYZE crawl.article_search")


def _parts(signature: Signature, size: int) -> list[tuple[str, str]]:
    values = signature.values
    return [
        (str(band), values[place * size : (place + 1) * size].hex())
        for place, band in enumerate(signature.bands)
    ]


def run(engine: Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET maintenance_work_mem = '1GB'"))
        for statement in statements:
            connection.execute(text(statement))


def copy(engine: Engine, target: str, rows: Iterable[str]) -> None:
    """COPY in chunks, each a transaction."""
    lines = iter(rows)
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("SET statement_timeout = 0")
        while chunk := "".join(islice(lines, CHUNK)):
            cursor.copy_expert(f"COPY {target} FROM STDIN", io.StringIO(chunk))
            connection.commit()
    finally:
        connection.close()


def size(engine: Engine, *relations: str) -> str:
    with engine.connect() as connection:
        sizes = {
            name: connection.scalar(
                text("SELECT pg_size_pretty(pg_table_size(CAST(:name AS regclass)))"),
                {"name": f"crawl.{name}"},
            )
            for name in relations
        }
    return ", ".join(f"{name} {value}" for name, value in sizes.items())
