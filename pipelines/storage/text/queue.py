"""Process committed texts: store their signatures, near-duplicates and entries in the search index.

One process at a time does this, so that of two writers with similar texts the second one sees both. Texts that a killed
writer left in the queue are processed by the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.db import locks
from pipelines.storage.text import near_duplicates, search

if TYPE_CHECKING:
    from sqlalchemy import Engine

CHUNK = 200
"""Texts of one transaction: few, because a writer that merges articles has to wait for it."""

# The planner does not know how rare a band is: by default it reads the whole table, or compiles the query.
PLAN = text("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)")
# Inserts into the queue never wait for this: its rows are not updated.
TAKE = text("""
    DELETE FROM crawl.text_queue WHERE text_queue_id IN (
        SELECT text_queue_id FROM crawl.text_queue ORDER BY text_queue_id DESC LIMIT :most
    )
    RETURNING article_id
""")
TEXTS = text("""
    SELECT article_id, title, body, published_on FROM crawl.article WHERE article_id = ANY(:ids) ORDER BY article_id
""")


def process_queue(engine: Engine, *, most: int) -> int:
    """Process up to ``most`` texts of the queue, the newest first. Return how many there were."""
    with engine.begin() as connection:
        locks.lock(connection, locks.TEXT_QUEUE)
        connection.execute(PLAN)
        taken = connection.scalars(TAKE, {"most": most}).all()
        if taken:
            # A statement of its own, because it has to see what was committed while the first one ran.
            texts = connection.execute(TEXTS, {"ids": sorted(set(taken))}).all()
            search.index(connection, texts)
            near_duplicates.update(connection, texts)
    return len(taken)


def process_all(engine: Engine) -> int:
    """Process the whole queue, as after an upgrade of a filled database. Return how many texts there were."""
    processed = 0
    while taken := process_queue(engine, most=CHUNK):
        processed += taken
    return processed
