"""What follows from a text once it is committed: its signature, its near-duplicates, its place in the search.

One process at a time does it: of two writers with two alike texts, the one that comes last sees both. What a killed
writer left in the queue, the next one works off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.db import locks
from pipelines.storage.text import near_duplicates, search

if TYPE_CHECKING:
    from sqlalchemy import Engine

CHUNK = 200
"""Texts of one transaction: a writer that merges articles waits for it no longer than a moment."""

# The planner knows nothing of how rare a band is: left to itself it reads the whole table, or compiles the query.
PLAN = text("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)")
# Those who add to the queue never wait for this, for nobody updates a row of it.
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
    """Take up to ``most`` texts off the queue, those that came last first; how many there were."""
    with engine.begin() as connection:
        locks.lock(connection, locks.TEXT_QUEUE)
        connection.execute(PLAN)
        taken = connection.scalars(TAKE, {"most": most}).all()
        if taken:
            # A statement of its own: it sees what was committed until now, not until the rows were looked for.
            texts = connection.execute(TEXTS, {"ids": sorted(set(taken))}).all()
            search.index(connection, texts)
            near_duplicates.update(connection, texts)
    return len(taken)


def drain(engine: Engine) -> int:
    """Work off all that waits, as after an upgrade of a filled database; how many texts there were."""
    worked_off = 0
    while taken := process_queue(engine, most=CHUNK):
        worked_off += taken
    return worked_off
