"""Rows of runs: begun, finished, and closed if their process died."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.db.retry import query
from pipelines.storage.schema.recordset import as_json
from pipelines.storage.schema.run_key import RunKey
from smartdaily_crawler.reasons import CloseReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Engine

# A site's row is written only where it differs: every run passes here. A run that does not hold the site leaves it as it is.
SITE = text("""
    WITH written AS (
        INSERT INTO crawl.site AS s (name, base_url, timezone) VALUES (:site, :base_url, :timezone)
        ON CONFLICT (name) DO UPDATE SET base_url = EXCLUDED.base_url, timezone = EXCLUDED.timezone
        WHERE :holds_site AND (s.base_url, s.timezone) IS DISTINCT FROM (EXCLUDED.base_url, EXCLUDED.timezone)
        RETURNING site_id
    )
    SELECT site_id FROM written UNION ALL SELECT site_id FROM crawl.site WHERE name = :site LIMIT 1
""")
START = text("""
    INSERT INTO crawl.crawl_run (site_id, spider, job, version, arguments, started_at, finished_at, reason, verdict, stats)
    VALUES (:site_id, :spider, :job, :version, CAST(:arguments AS jsonb), now(),
            CASE WHEN CAST(:reason AS text) IS NOT NULL THEN now() END, :reason, :verdict, CAST(:stats AS jsonb))
    RETURNING run_id, started_at
""")
# A run's own word replaces what was written before it could speak: that it was refused, or taken for dead.
FINISH = text(f"""
    UPDATE crawl.crawl_run
    SET finished_at = greatest(started_at, coalesce(:at, now())), reason = :reason, verdict = :verdict,
        stats = CAST(:stats AS jsonb)
    WHERE run_id = :run_id AND (finished_at IS NULL OR reason IN ('{CloseReason.OVERLAP}', '{CloseReason.RETRY_LATER}', '{CloseReason.ABORTED}'))
""")
# An open row was inserted by a run that held the site's lock. Whoever holds it now is alone: those runs lost it, or died.
ABORT = text(f"""
    UPDATE crawl.crawl_run SET finished_at = now(), reason = '{CloseReason.ABORTED}', verdict = 'failed'
    WHERE site_id = :site_id AND run_id < :run_id AND finished_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class RunEnd:
    """End of a run that never held the site."""

    reason: str
    verdict: str
    stats: Mapping[str, Any] = field(default_factory=dict)


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
    ended: RunEnd | None = None,
) -> RunKey:
    """Insert the run's row: open if the run holds the site's lock, else closed as *ended*."""
    with one_line(), engine.begin() as connection:
        place = {"site": site, "base_url": base_url, "timezone": timezone, "holds_site": ended is None}
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
                "reason": ended and ended.reason,
                "verdict": ended and ended.verdict,
                "stats": as_json(dict(ended.stats), other=str) if ended else None,
            },
        ).one()
        return RunKey(run_id=started.run_id, site_id=site_id or 0, started_at=started.started_at)


def finish_run(
    engine: Engine,
    run: RunKey,
    *,
    reason: str,
    verdict: str,
    stats: Mapping[str, Any],
    at: datetime | None = None,
    patience: float = 0,
) -> None:
    """Close the run's row; one that the run has closed stays as it is.

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

    query(engine, lambda connection: connection.execute(FINISH, end), patience=patience)


def abort_dead_runs(connection: Connection, run: RunKey) -> int:
    """Close the rows of earlier runs of the site that were killed. Return their number. The caller holds the site's lock."""
    abort = {"site_id": run.site_id, "run_id": run.run_id}
    return connection.execute(ABORT, abort).rowcount
