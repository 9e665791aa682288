"""Link articles with the same text: the earliest is the original, and all others point to it directly.

A writer links the articles of its batch, whose rows it has locked. Those of others, what two writers at once could not see of each
other, and links to a row that another transaction holds, the text queue puts right after the commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from pipelines.storage.schema import models
from pipelines.storage.schema.recordset import recordset, send

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

_ORIGINAL = "first_value(article_id) OVER (PARTITION BY text_hash ORDER BY published_on, published_at, article_id)"
MEMBERS = (
    text("SELECT article_id, text_hash FROM crawl.article WHERE text_hash = ANY(:hashes)")
    .bindparams(bindparam("hashes", type_=ARRAY(BYTEA)))
    .columns(text_hash=LargeBinary)
)
LINK = text(f"""
    WITH member AS (
        SELECT article_id, {_ORIGINAL} AS original_id FROM crawl.article
        WHERE text_hash IN (SELECT text_hash FROM crawl.article WHERE article_id = ANY(:ids))
    ), free AS (
        SELECT article_id FROM crawl.article WHERE article_id IN (SELECT original_id FROM member) FOR KEY SHARE SKIP LOCKED
    )
    UPDATE crawl.article a SET duplicate_of = nullif(m.original_id, a.article_id)
    FROM member m JOIN free ON free.article_id = m.original_id
    WHERE a.article_id = m.article_id AND a.article_id = ANY(:ids)
      AND a.duplicate_of IS DISTINCT FROM nullif(m.original_id, a.article_id)
    RETURNING a.article_id, a.duplicate_of
""")
# The texts of these articles, and those that they left behind.
WRONG = text(f"""
    WITH text AS (
        SELECT text_hash, array_agg(article_id) AS because_of FROM (
            SELECT text_hash, article_id FROM crawl.article WHERE article_id = ANY(:ids)
            UNION ALL SELECT text_hash, duplicate_of FROM crawl.article WHERE duplicate_of = ANY(:ids)
        ) AS touched WHERE text_hash IS NOT NULL GROUP BY text_hash
    ), member AS (
        SELECT article_id, text_hash, duplicate_of, because_of, {_ORIGINAL} AS original_id
        FROM crawl.article JOIN text USING (text_hash)
    )
    SELECT article_id, text_hash, because_of, nullif(original_id, article_id) AS duplicate_of
    FROM member WHERE duplicate_of IS DISTINCT FROM nullif(original_id, article_id)
""").columns(text_hash=LargeBinary)
# Waits for nobody: rows that another transaction holds are left to the next turn of the queue.
LOCK = text("""
    SELECT article_id, text_hash FROM crawl.article WHERE article_id = ANY(:ids) ORDER BY article_id
    FOR NO KEY UPDATE SKIP LOCKED
""").columns(text_hash=LargeBinary)
FREE = text(
    "SELECT article_id FROM crawl.article WHERE article_id = ANY(:ids) ORDER BY article_id FOR KEY SHARE SKIP LOCKED"
)
CORRECT = text(f"""
    UPDATE crawl.article a SET duplicate_of = r.duplicate_of
    FROM {recordset(models.Article, "article_id duplicate_of")} WHERE a.article_id = r.article_id
""")


def members(connection: Connection, hashes: Collection[bytes]) -> dict[int, bytes]:
    """Return the hash of each article that has one of these texts now, by its id."""
    if not hashes:
        return {}
    return {row.article_id: row.text_hash for row in connection.execute(MEMBERS, {"hashes": list(hashes)})}


def link(connection: Connection, ids: Collection[int]) -> set[int]:
    """Point these articles, locked, to the originals of their texts. Return the ids of those that became duplicates."""
    if not ids:
        return set()
    rows = connection.execute(LINK, {"ids": list(ids)})
    return {row.article_id for row in rows if row.duplicate_of is not None}


def link_again(connection: Connection, ids: Collection[int]) -> set[int]:
    """Put right the links of all articles with the texts that these have, or had. Wait for no lock.

    Return the ids of those with a text of which another transaction holds an article.
    """
    wrong = connection.execute(WRONG, {"ids": list(ids)}).all() if ids else []
    if not wrong:
        return set()
    locked = connection.execute(LOCK, {"ids": [row.article_id for row in wrong]}).all()
    hashes = {row.article_id: row.text_hash for row in locked}
    originals = {row.duplicate_of for row in wrong if row.duplicate_of is not None}
    free = {None, *connection.scalars(FREE, {"ids": list(originals)})}
    held = {
        row.text_hash for row in wrong if hashes.get(row.article_id) != row.text_hash or row.duplicate_of not in free
    }
    right = [row for row in wrong if row.text_hash not in held]
    send(connection, CORRECT, [{"article_id": row.article_id, "duplicate_of": row.duplicate_of} for row in right])
    return {article_id for row in wrong if row.text_hash in held for article_id in row.because_of}
