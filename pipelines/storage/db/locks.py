"""Keys of every advisory lock of the crawler.

PostgreSQL keeps keys of one bigint apart from keys of two integers. Fixed keys are positive bigints, keys of sites are
negative ones, and keys of texts are two integers: so no two locks share a key by accident.

A transaction takes its locks in the order in which this module lists them, which rules out deadlocks between them. The
lock of a site belongs to a session and is taken before any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

SITE = "(hashtextextended('smartdaily-crawler ' || :site, 0) | (1::bigint << 63))"
"""SQL expression for the key of the site named ``:site``; a run of the site holds the lock."""
MIGRATION = 7_316_400_001
"""Held by a migration."""
TEXT_QUEUE = 7_316_400_002
"""Held while a process takes texts off the queue: one at a time."""
IDENTITY = 7_316_400_003
"""Shared by all writers; exclusive for one that merges articles or changes an article's URL."""

_TAKE = text("SELECT pg_advisory_xact_lock(:key)")
_TAKE_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")
_TAKE_TEXTS = text("""
    SELECT pg_advisory_xact_lock(high, low)
    FROM (SELECT * FROM unnest(CAST(:highs AS int[]), CAST(:lows AS int[])) AS k(high, low) ORDER BY high, low) AS keys
""")


def lock(connection: Connection, key: int) -> None:
    """Take one of the fixed keys until the transaction ends."""
    connection.execute(_TAKE, {"key": key})


def lock_identity(connection: Connection, *, alone: bool) -> None:
    """Take the identity lock until the transaction ends.

    :param alone: exclude all other writers, and the text queue, whose foreign keys lock articles in another order.
    """
    if alone:
        lock(connection, TEXT_QUEUE)
        lock(connection, IDENTITY)
    else:
        connection.execute(_TAKE_SHARED, {"key": IDENTITY})


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
