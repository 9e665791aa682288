"""Link articles with the same text: the earliest is the original, and all others point to it directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from pipelines.storage.db.locks import lock_texts

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

MEMBERS = (
    text("SELECT article_id, text_hash FROM crawl.article WHERE text_hash = ANY(:hashes)")
    .bindparams(bindparam("hashes", type_=ARRAY(BYTEA)))
    .columns(text_hash=LargeBinary)
)
LINK = text("""
    WITH member AS (
        SELECT article_id, first_value(article_id) OVER (
            PARTITION BY text_hash ORDER BY published_on, published_at, article_id
        ) AS original_id
        FROM crawl.article WHERE text_hash = ANY(:hashes)
    )
    UPDATE crawl.article a SET duplicate_of = nullif(m.original_id, a.article_id)
    FROM member m
    WHERE a.article_id = m.article_id AND a.duplicate_of IS DISTINCT FROM nullif(m.original_id, a.article_id)
    RETURNING a.article_id, a.duplicate_of
""").bindparams(bindparam("hashes", type_=ARRAY(BYTEA)))


def lock(connection: Connection, hashes: Collection[bytes]) -> dict[int, bytes]:
    """Lock these texts against other writers. Return the hash of each article that has one of them now, by its id."""
    if not hashes:
        return {}
    lock_texts(connection, hashes)
    return {row.article_id: row.text_hash for row in connection.execute(MEMBERS, {"hashes": list(hashes)})}


def link(connection: Connection, hashes: Collection[bytes]) -> set[int]:
    """Point the articles with these texts to their originals. Return the ids of those that became duplicates."""
    if not hashes:
        return set()
    rows = connection.execute(LINK, {"hashes": list(hashes)})
    return {row.article_id for row in rows if row.duplicate_of is not None}
