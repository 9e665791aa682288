"""The ledger of runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.errors import one_line
from pipelines.storage.recordset import as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

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
    SET finished_at = now(), reason = :reason, verdict = :verdict, stats = CAST(:stats AS jsonb)
    WHERE run_id = :run_id
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


def finish_run(engine: Engine, run: Run, *, reason: str, verdict: str, stats: Mapping[str, Any]) -> None:
    with one_line(), engine.begin() as connection:
        connection.execute(
            FINISH,
            {
                "run_id": run.run_id,
                "reason": reason,
                "verdict": verdict,
                "stats": as_json(dict(stats), other=str),
            },
        )


def latest_runs(engine: Engine, limit: int) -> list[RunRow]:
    """The newest runs first."""
    with one_line(), engine.begin() as connection:
        return [RunRow(**row) for row in connection.execute(LATEST, {"limit": limit}).mappings()]


def outcome_counts(engine: Engine, run: Run) -> dict[str, int]:
    """How many addresses of the run ended in which outcome."""
    with one_line(), engine.begin() as connection:
        counted = connection.execute(COUNTS, {"run_id": run.run_id})
        return {row["outcome"]: row["count"] for row in counted.mappings()}
