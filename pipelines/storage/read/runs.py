"""Read past runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.schema.run_key import RunKey
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEALTHY = text("""
    SELECT r.stats FROM crawl.crawl_run r JOIN crawl.crawl_run own ON own.run_id = :run_id
    WHERE r.site_id = own.site_id AND r.run_id < own.run_id AND r.verdict = 'healthy'
      AND r.arguments - 'site_url' = own.arguments - 'site_url'
    ORDER BY r.run_id DESC LIMIT :limit
""")
# A run without these counts did not check whether pages need a browser, or dropped the counts that it took over.
RENDERING = text(f"""
    SELECT stats FROM crawl.crawl_run
    WHERE site_id = :site_id AND run_id < :run_id AND verdict <> 'refused'
      AND jsonb_path_exists(stats, '$.keyvalue() ? (@.key starts with "{Stat.JS_REQUIRED}")')
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
LATEST = text("""
    SELECT r.*, s.timezone FROM api.run r JOIN api.site s USING (site) ORDER BY run_id DESC LIMIT :limit
""")
COUNTS = text("""
    SELECT outcome, count(*) FROM crawl.crawl_outcome WHERE run_id = :run_id GROUP BY outcome ORDER BY outcome
""")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of ``api.run``, with its site's time zone."""

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
    timezone: str
    """IANA name."""


def healthy_stats(connection: Connection, run: RunKey, limit: int = 10) -> list[dict[str, Any]]:
    """Return the statistics of the latest healthy runs of the same site with the same arguments, newest first."""
    return list(connection.scalars(HEALTHY, {"run_id": run.run_id, "limit": limit}))


def latest_stats(connection: Connection, run: RunKey) -> dict[str, Any]:
    """Return the statistics of the site's latest run that counted which pages need a browser; empty if there is none."""
    return connection.scalar(RENDERING, {"site_id": run.site_id, "run_id": run.run_id}) or {}


def silent_days(connection: Connection, run: RunKey) -> float | None:
    """Return the days since a new article was found on the site; ``None`` if none ever was."""
    days = connection.scalar(SILENCE, {"site_id": run.site_id})
    return None if days is None else float(days)


def find_run(engine: Engine, run_id: int) -> RunKey | None:
    with one_line(), engine.begin() as connection:
        row = connection.execute(FIND, {"run_id": run_id}).mappings().one_or_none()
    return RunKey(**row) if row else None


def identity(engine: Engine) -> str:
    """Return an identifier of this database, which a copy of it does not share."""
    with one_line(), engine.begin() as connection:
        return str(connection.scalar(IDENTITY))


def latest_runs(engine: Engine, limit: int) -> list[RunRow]:
    """Return the latest runs, newest first."""
    with one_line(), engine.begin() as connection:
        return [RunRow(**row) for row in connection.execute(LATEST, {"limit": limit}).mappings()]


def outcome_counts(connection: Connection, run: RunKey) -> dict[str, int]:
    """Return the number of URLs requested in the run by outcome."""
    counted = connection.execute(COUNTS, {"run_id": run.run_id})
    return {row["outcome"]: row["count"] for row in counted.mappings()}
