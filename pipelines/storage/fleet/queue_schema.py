"""The queue's own PostgreSQL schema in the crawler's database, and what is asked there beside the list of sites.

Its tables are procrastinate's. They hold nothing that the list of sites does not give again, so they are made anew for another version.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.db.errors import StorageError, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

SCHEMA = "fleet_queue"
WORKER = "worker "
"""Beginning of the name of a worker's lease."""
ANY = "runs"
"""Queue of the runs that any worker may take."""
_OWN = "on "
"""Beginning of the name of a worker's own queue."""
_MANY = 100
"""Jobs put at once of which the planner should know."""

_LOCK = text("LOCK TABLE crawl.worker IN SHARE ROW EXCLUSIVE MODE")
_FOUND = text(
    f"SELECT to_regnamespace('{SCHEMA}') IS NOT NULL AS exists, obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace') AS made"
)
_BUSY = text(f"""
    SELECT name FROM crawl.lease WHERE starts_with(name, '{WORKER}') AND name <> :own AND crawl.is_connected(process, connected_at)
    ORDER BY name LIMIT 1
""")
# Its queries look for a job's lock, and ours for a site's job, among all that wait.
_INDEXES = (
    f"CREATE INDEX smartdaily_lock ON {SCHEMA}.procrastinate_jobs (lock, priority, id) WHERE status IN ('todo', 'doing')",
    f"CREATE INDEX smartdaily_site ON {SCHEMA}.procrastinate_jobs (queueing_lock) WHERE status IN ('todo', 'doing')",
)
DUE = text(f"""
    SELECT s.site, s.url, s.due_at FROM crawl.scheduled_site s
    WHERE s.paused_at IS NULL AND s.due_at <= now() AND NOT EXISTS (
        SELECT FROM {SCHEMA}.procrastinate_jobs j WHERE j.queueing_lock = s.site AND j.status IN ('todo', 'doing')
    )
    ORDER BY s.due_at LIMIT :most
""")
# By the number of intervals that a site is late: one that is read each five minutes is not behind one that is read once a day.
PRIORITIES = text(f"""
    UPDATE {SCHEMA}.procrastinate_jobs j SET priority = least(floor(extract(epoch FROM now() - s.due_at) / s.every), 1000)::int
    FROM crawl.scheduled_site s
    WHERE j.queueing_lock = s.site AND j.status = 'todo' AND s.due_at <= now()
      AND j.priority <> least(floor(extract(epoch FROM now() - s.due_at) / s.every), 1000)::int
""")
QUEUED = text(
    f"SELECT queueing_lock FROM {SCHEMA}.procrastinate_jobs WHERE status = 'todo' AND queueing_lock IS NOT NULL"
)
RELEASE = text(f"""
    UPDATE {SCHEMA}.procrastinate_jobs j SET queue_name = '{ANY}'
    WHERE j.status = 'todo' AND starts_with(j.queue_name, '{_OWN}') AND NOT EXISTS (
        SELECT FROM crawl.worker w
        WHERE '{_OWN}' || w.name = j.queue_name AND w.stopped_at IS NULL AND w.heartbeat_at > now() - make_interval(secs => :silent)
    )
""")
# Without statistics each look for a job sorts all that wait: 100 ms of 10,000, instead of one.
_ANALYZE = text(f"ANALYZE {SCHEMA}.procrastinate_jobs")
_HAS_QUEUE = text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs') IS NOT NULL")


def queue_of(worker: str) -> str:
    """Return the queue of the runs that only this worker takes."""
    return f"{_OWN}{worker}"


def install(engine: Engine, statements: str, worker: str) -> None:
    """Create the queue's schema unless it is there; make it anew if another version made it and no other worker uses it.

    Raise StorageError.

    :param statements: procrastinate's DDL.
    :param worker: name of the caller's lease.
    """
    made = f"Queue of runs, made by procrastinate ({sha256(statements.encode()).hexdigest()[:12]})"
    with one_line(), engine.begin() as connection:
        connection.execute(_LOCK)
        found = connection.execute(_FOUND).one()
        if found.made == made:
            return
        if found.exists and (busy := connection.scalar(_BUSY, {"own": worker})):
            raise StorageError(
                f"{busy} uses another version of procrastinate: stop all workers, then start them with one version"
            )
        # A comment with % is none of a parameter.
        raw = connection.execution_options(no_parameters=True)
        for statement in (
            f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE",
            f"CREATE SCHEMA {SCHEMA}",
            f"SET LOCAL search_path = {SCHEMA}",
            statements,
            *_INDEXES,
            f"COMMENT ON SCHEMA {SCHEMA} IS '{made}'",
        ):
            raw.exec_driver_sql(statement)


def due_sites(engine: Engine, most: int) -> Sequence[tuple[str, str, datetime]]:
    """Return name, URL and due time of sites that are due and not in the queue, the latest first."""
    with one_line(), engine.begin() as connection:
        return [(row.site, row.url, row.due_at) for row in connection.execute(DUE, {"most": most})]


def after_put(engine: Engine, put: int) -> None:
    """Set the priority of each waiting job by the lateness of its site, after *put* jobs were put into the queue."""
    with one_line(), engine.begin() as connection:
        connection.execute(PRIORITIES)
        if put >= _MANY:
            connection.execute(_ANALYZE)


def release_queues(engine: Engine, silent: float) -> None:
    """Let any worker take the runs that wait for one that is gone.

    :param silent: seconds without a heartbeat after which a worker counts as gone.
    """
    with one_line(), engine.begin() as connection:
        connection.execute(RELEASE, {"silent": silent})


def queued_sites(engine: Engine) -> frozenset[str]:
    """Return the sites whose job waits for a slot; empty where there is no queue yet."""
    with one_line(), engine.begin() as connection:
        return frozenset(connection.scalars(QUEUED)) if connection.scalar(_HAS_QUEUE) else frozenset()
