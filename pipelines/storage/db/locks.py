"""Keys of every advisory lock of the crawler.

PostgreSQL keeps keys of one bigint apart from keys of two integers. Fixed keys are small bigints, keys of sites are negative
ones, keys of identities are positive ones from 2^62 up, and keys of texts are two integers: so no two locks of two kinds share a key.

A transaction takes its locks in the order in which this module lists them, which rules out deadlocks between them. The
lock of a site belongs to a session and is taken before any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


def site_key(site: str) -> str:
    """Return the SQL expression for the key of a site; *site*: one for its name. A run of the site holds the lock."""
    return f"(hashtextextended('smartdaily-crawler ' || {site}, 0) | (1::bigint << 63))"


def site_holder(site: str) -> str:
    """Return the query for the process of the server that holds the lock of a site; no row if it is free."""
    # pg_locks shows the lock's key of 64 bits in two halves.
    return f"""
        SELECT l.pid FROM pg_locks l, (SELECT {site_key(site)} AS key) AS k
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND l.classid::bigint = (key >> 32) & 4294967295 AND l.objid::bigint = key & 4294967295
    """


SITE = site_key(":site")
SITE_HOLDER = site_holder(":site")
MIGRATION = 7_316_400_001
"""Held by a migration."""
TEXT_QUEUE = 7_316_400_002
"""Held while a process takes texts off the queue: one at a time."""
# Sites with the same last two labels may link to the same URLs, as news.example and tech.news.example.
IDENTITY = """(
    SELECT hashtextextended('identity ' || coalesce(substring(name FROM '[^.]+[.][^.]+$'), name), 0) & ((1::bigint << 62) - 1) | (1::bigint << 62)
    FROM crawl.site WHERE site_id = :site_id
)"""
"""SQL expression for the key of the URLs of a site; shared by its writers, exclusive for one that merges articles or changes a URL."""

_TAKE = text("SELECT pg_advisory_xact_lock(:key)")
_TAKE_IDENTITY = text(f"SELECT pg_advisory_xact_lock({IDENTITY})")
_SHARE_IDENTITY = text(f"SELECT pg_advisory_xact_lock_shared({IDENTITY})")
_TAKE_TEXTS = text("""
    SELECT pg_advisory_xact_lock(high, low)
    FROM (SELECT * FROM unnest(CAST(:highs AS int[]), CAST(:lows AS int[])) AS k(high, low) ORDER BY high, low) AS keys
""")


def lock(connection: Connection, key: int) -> None:
    """Take one of the fixed keys until the transaction ends."""
    connection.execute(_TAKE, {"key": key})


def lock_identity(connection: Connection, site_id: int, *, alone: bool) -> None:
    """Take the identity lock of a site until the transaction ends.

    :param alone: exclude all other writers of the site, and the text queue, whose foreign keys lock articles in another order.
    """
    if alone:
        lock(connection, TEXT_QUEUE)
    connection.execute(_TAKE_IDENTITY if alone else _SHARE_IDENTITY, {"site_id": site_id})


def lock_texts(connection: Connection, hashes: Collection[bytes]) -> None:
    """Take the locks of these texts until the transaction ends, in one statement that sorts them."""
    halves = [text_key(text_hash) for text_hash in hashes]
    connection.execute(_TAKE_TEXTS, {"highs": [high for high, _ in halves], "lows": [low for _, low in halves]})


def text_key(text_hash: bytes) -> tuple[int, int]:
    """Return the key of a text: the first 64 bits of its hash.

    >>> text_key(bytes(7) + b"\\xff" + bytes(24)), text_key(b"\\xff" * 32)
    ((0, 255), (-1, -1))
    """
    return int.from_bytes(text_hash[:4], signed=True), int.from_bytes(text_hash[4:8], signed=True)
