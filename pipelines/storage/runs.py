"""The ledger of runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.errors import one_line
from pipelines.storage.recordset import as_json
from pipelines.storage.retry import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Engine

# A site's row is written only where it differs: every run passes here.
SITE = text("""
    WITH written AS (
        INSERT INTO crawl.site AS s (name, base_url, timezone) VALUES (:site, :base_url, :timezone)
        ON CONFLICT (name) DO UPDATE SET base_url = EXCLUDED.base_url, timezone = EXCLUDED.timezone
        WHERE (s.base_url, s.timezone) IS DISTINCT FROM (EXCLUDED.base_url, EXCLUDED.timezone)
        RETURNING site_id
    )
    SELECT site_id FROM written UNION ALL SELECT site_id FROM crawl.site WHERE name = :site LIMIT 1
""")
START = text("""
    INSERT INTO crawl.crawl_run (site_id, spider, job, version, arguments, started_at)
    VALUES (:site_id, :spider, :job, :version, CAST(:arguments AS jsonb), now())
    RETURNING run_id, started_at
""")
FINISH = text("""
    UPDATE crawl.crawl_run
    SET finished_at = greatest(started_at, coalesce(:at, now())), reason = :reason, verdict = :verdict,
        stats = CAST(:stats AS jsonb)
    WHERE run_id = :run_id AND finished_at IS NULL
""")
# Whoever holds the site's lock is alone: what is still open belongs to the dead.
ABORT = text("""
    UPDATE crawl.crawl_run SET finished_at = now(), reason = 'aborted', verdict = 'failed'
    WHERE site_id = :site_id AND run_id < :run_id AND finished_at IS NULL
""")
HEALTHY = text("""
    SELECT r.stats FROM crawl.crawl_run r JOIN crawl.crawl_run own ON own.run_id = :run_id
    WHERE r.site_id = own.site_id AND r.run_id < own.run_id AND r.verdict = 'healthy'
      AND r.arguments - 'site_url' = own.arguments - 'site_url'
    ORDER BY r.run_id DESC LIMIT :limit
""")
# A run without these counts never asked whether a page needs a browser, or unlearnt all that the one before it knew.
RENDERING = text("""
    SELECT stats FROM crawl.crawl_run
    WHERE site_id = :site_id AND run_id < :run_id AND verdict <> 'refused'
      AND jsonb_path_exists(stats, '$.keyvalue() ? (@.key starts with "render/needed/")')
    ORDER BY run_id DESC LIMIT 1
""")
SILENCE = text("""
    SELECT extract(epoch FROM now() - max(first_seen_at)) / 86400 FROM crawl.article
    WHERE site_id = :site_id AND state = 'fetched'
""")
FIND = text("SELECT run_id, site_id, started_at FROM crawl.crawl_run WHERE run_id = :run_id")
# A copy of a database has another one, also on the same server.
IDENTITY = text("""
    SELECT format('%s/%s', (pg_control_system()).system_identifier, oid) FROM pg_database
    WHERE datname = current_database()
""")
LATEST = text("SELECT * FROM api.run ORDER BY run_id DESC LIMIT :limit")
COUNTS = text("""
    SELECT outcome, count(*) FROM crawl.crawl_outcome WHERE run_id = :run_id GROUP BY outcome ORDER BY outcome
""")


@dataclass(frozen=True, slots=True)
class Run:
    """The run that writes: who its rows belong to."""

    run_id: int
    site_id: int
    started_at: datetime
    """By the database's clock."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the ledger, as ``api.run`` has it."""

    run_id: int
    site: str
    spider: str
    job: str | None
    version: str
    arguments: dict[str, Any]
    started_at: datetime
    finished_at: datetime | None
    reason: str | None
    verdict: str | None
    stats: dict[str, Any] | None


def start_run(
    engine: Engine,
    *,
    spider: str,
    site: str,
    base_url: str,
    timezone: str,
    job: str | None,
    version: str,
    arguments: Mapping[str, Any],
) -> Run:
    with one_line(), engine.begin() as connection:
        place = {"site": site, "base_url": base_url, "timezone": timezone}
        # The loser of a race reads no row at first.
        site_id = connection.scalar(SITE, place) or connection.scalar(SITE, place)
        started = connection.execute(
            START,
            {
                "site_id": site_id,
                "spider": spider,
                "job": job,
                "version": version,
                "arguments": as_json(dict(arguments), other=str),
            },
        ).one()
        return Run(run_id=started.run_id, site_id=site_id or 0, started_at=started.started_at)


def finish_run(
    engine: Engine,
    run: Run,
    *,
    reason: str,
    verdict: str,
    stats: Mapping[str, Any],
    at: datetime | None = None,
    patience: float = 0,
) -> None:
    """Close the run's row; one that is closed stays as it is.

    :param at: when it ended, ``None``: now.
    :param patience: seconds to go on trying while the database does not answer.
    """
    end = {
        "run_id": run.run_id,
        "reason": reason,
        "verdict": verdict,
        "stats": as_json(dict(stats), other=str),
        "at": at,
    }

    ask(engine, lambda connection: connection.execute(FINISH, end), patience=patience)


def abort_dead_runs(connection: Connection, run: Run) -> int:
    """Close the rows of earlier runs of the site that were killed; how many. The site's lock is held."""
    return connection.execute(ABORT, {"site_id": run.site_id, "run_id": run.run_id}).rowcount


def healthy_stats(connection: Connection, run: Run, limit: int = 10) -> list[dict[str, Any]]:
    """The statistics of the latest healthy runs of the same site with the same arguments."""
    return list(connection.scalars(HEALTHY, {"run_id": run.run_id, "limit": limit}))


def latest_stats(connection: Connection, run: Run) -> dict[str, Any]:
    """The statistics of the latest run of the same site that learnt which pages need a browser; empty where none did."""
    return connection.scalar(RENDERING, {"site_id": run.site_id, "run_id": run.run_id}) or {}


def silent_days(connection: Connection, run: Run) -> float | None:
    """Since a new article was found on the site; ``None`` where none ever was."""
    days = connection.scalar(SILENCE, {"site_id": run.site_id})
    return None if days is None else float(days)


def find_run(engine: Engine, run_id: int) -> Run | None:
    with one_line(), engine.begin() as connection:
        row = connection.execute(FIND, {"run_id": run_id}).mappings().one_or_none()
    return Run(**row) if row else None


def identity(engine: Engine) -> str:
    """What tells this database from every other one, its copies included."""
    with one_line(), engine.begin() as connection:
        return str(connection.scalar(IDENTITY))


def latest_runs(engine: Engine, limit: int) -> list[RunRow]:
    """The newest runs first."""
    with one_line(), engine.begin() as connection:
        return [RunRow(**row) for row in connection.execute(LATEST, {"limit": limit}).mappings()]


def outcome_counts(connection: Connection, run: Run) -> dict[str, int]:
    """How many addresses of the run ended in which outcome."""
    counted = connection.execute(COUNTS, {"run_id": run.run_id})
    return {row["outcome"]: row["count"] for row in counted.mappings()}
