"""Taking out what only told how old runs went. What articles said is never pruned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.db.errors import one_line

if TYPE_CHECKING:
    from sqlalchemy import Engine

CHUNK = 10_000
"""Rows of one transaction: none of them holds the change feed back for long."""

# The latest run of a site may still be at work, however long ago it began.
OLD_RUNS = text("""
    SELECT r.run_id FROM crawl.crawl_run r
    WHERE r.started_at < now() - make_interval(days => :days)
      AND EXISTS (SELECT FROM crawl.crawl_run later WHERE later.site_id = r.site_id AND later.run_id > r.run_id)
      AND EXISTS (SELECT FROM crawl.crawl_outcome o WHERE o.run_id = r.run_id)
    ORDER BY r.run_id
""")
DELETE = text("""
    DELETE FROM crawl.crawl_outcome WHERE run_id = :run_id AND url_key IN (
        SELECT url_key FROM crawl.crawl_outcome WHERE run_id = :run_id LIMIT :most
    )
""")


def prune_outcomes(engine: Engine, days: int) -> int:
    """Delete the outcomes of runs that began more than ``days`` days ago; how many there were."""
    with one_line(), engine.connect() as connection:
        runs = connection.scalars(OLD_RUNS, {"days": days}).all()
    return sum(_delete(engine, run_id) for run_id in runs)


def _delete(engine: Engine, run_id: int) -> int:
    deleted = 0
    while True:
        with one_line(), engine.begin() as connection:
            found = connection.execute(DELETE, {"run_id": run_id, "most": CHUNK}).rowcount
        deleted += found
        if found < CHUNK:
            return deleted
