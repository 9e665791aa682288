"""Read past runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.schema.run_key import RunKey
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Engine

HEALTHY = text(f"""
    SELECT r.stats || jsonb_build_object('{Stat.GONE_SINCE}', (
        SELECT sum((later.stats ->> '{Stat.ARTICLE_GONE}')::int) FROM crawl.crawl_run later
        WHERE later.site_id = r.site_id AND later.run_id >= r.run_id
    ))
    FROM crawl.crawl_run r JOIN crawl.crawl_run own ON own.run_id = :run_id
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
DISCOVERY = text(f"""
    SELECT stats FROM crawl.crawl_run
    WHERE site_id = :site_id AND run_id < :run_id AND verdict <> 'refused' AND stats ? '{Stat.DISCOVER}'
    ORDER BY run_id DESC LIMIT 1
""")
PAUSES = text(f"""
    SELECT replace(pause.key, '{Stat.PAUSED_UNTIL}', ''), max(pause.value #>> '{{}}')
    FROM crawl.crawl_run JOIN crawl.site USING (site_id), jsonb_each(stats) AS pause
    WHERE name = :site AND finished_at > now() - make_interval(secs => :within) AND starts_with(pause.key, '{Stat.PAUSED_UNTIL}')
    GROUP BY pause.key
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
# An open row was inserted by a run that held the site's lock. Only the last one can hold it still: who takes it closes the others.
_RUNS = """
    SELECT * FROM (
        SELECT r.*, s.timezone, r.finished_at IS NULL AND NOT (
            api.is_running(r.site)
            AND r.run_id = (SELECT max(run_id) FROM api.run o WHERE o.site = r.site AND o.finished_at IS NULL)
        ) AS is_dead
        FROM api.run r JOIN api.site s USING (site)
    ) AS run
    WHERE {conditions} ORDER BY run_id DESC LIMIT :limit
"""
_STATE = "coalesce(verdict, CASE WHEN is_dead THEN 'failed' ELSE 'running' END)"
SITES = text("SELECT site FROM api.site ORDER BY site")
COUNTS = text("""
    SELECT outcome, count(*) FROM crawl.crawl_outcome WHERE run_id = :run_id GROUP BY outcome ORDER BY outcome
""")
ARTICLES = text("SELECT state, count(*) FROM crawl.article WHERE site_id = :site_id GROUP BY state")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of ``api.run``, with its site's time zone, and whether its process still runs."""

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
    is_dead: bool
    """The row is open, but the run does not hold its site: it was killed, or is cut off from the database."""

    @property
    def state(self) -> str:
        """The verdict; ``running`` if there is none yet, ``failed`` if the run is dead."""
        return self.verdict or ("failed" if self.is_dead else "running")

    @property
    def close_reason(self) -> str | None:
        """Why it ended, as the next run of the site writes it if this one is dead; ``None`` while it runs."""
        return CloseReason.ABORTED if self.is_dead else self.reason

    @property
    def reasons(self) -> list[str]:
        """Why the run is not healthy, in words; empty if it is, or still runs."""
        if reasons := (self.stats or {}).get(Stat.RUN_REASONS):
            return list(reasons)
        if self.close_reason == CloseReason.ABORTED:
            return ["aborted: its process is gone"]
        return [] if self.close_reason in (None, CloseReason.FINISHED) else [str(self.reason).replace("_", " ")]


def healthy_stats(connection: Connection, run: RunKey, limit: int = 10) -> list[dict[str, Any]]:
    """Return the statistics of the latest healthy runs of the same site with the same arguments, newest first, each with ``GONE_SINCE``."""
    return list(connection.scalars(HEALTHY, {"run_id": run.run_id, "limit": limit}))


def latest_stats(connection: Connection, run: RunKey) -> dict[str, Any]:
    """Return the statistics of the site's latest run that counted which pages need a browser, without those of
    ``discovery_stats``; empty if there is none."""
    stats = connection.scalar(RENDERING, {"site_id": run.site_id, "run_id": run.run_id}) or {}
    return {name: value for name, value in stats.items() if not name.startswith(Stat.DISCOVERY)}


def discovery_stats(connection: Connection, run: RunKey) -> dict[str, Any]:
    """Return what the site's latest run that read feeds counted about them; empty if there is none."""
    stats = connection.scalar(DISCOVERY, {"site_id": run.site_id, "run_id": run.run_id}) or {}
    return {name: value for name, value in stats.items() if name.startswith(Stat.DISCOVERY)}


def host_pauses(connection: Connection, site: str, within: float) -> dict[str, str]:
    """Return until when hosts asked the site's runs of the last *within* seconds to stay away: ISO 8601 by host."""
    return {row[0]: row[1] for row in connection.execute(PAUSES, {"site": site, "within": within})}


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


def latest_runs(
    engine: Engine,
    limit: int,
    *,
    site: str | None = None,
    states: Collection[str] = (),
    since: datetime | None = None,
    before: int | None = None,
    ids: Collection[int] | None = None,
) -> list[RunRow]:
    """Return the latest runs, newest first.

    :param before: only those with a lower id.
    :param ids: only these.
    :param site: only those of this site.
    :param states: only those in one of these states (``RunRow.state``); empty: all.
    :param since: only those that started then or later; without a zone it is taken in that of each run's site.
    """
    conditions = {
        "site = :site": site,
        f"{_STATE} = ANY(:states)": list(states) or None,
        "run_id < :before": before,
        "run_id = ANY(:ids)": ids,
        "started_at >= :since": since if since and since.tzinfo else None,
        "started_at AT TIME ZONE timezone >= :since": since if since and not since.tzinfo else None,
    }
    given = " AND ".join(condition for condition, value in conditions.items() if value is not None) or "true"
    values = {
        "limit": limit,
        "site": site,
        "states": list(states),
        "since": since,
        "before": before,
        "ids": list(ids or ()),
    }
    with one_line(), engine.begin() as connection:
        rows = connection.execute(text(_RUNS.format(conditions=given)), values)
        return [RunRow(**row) for row in rows.mappings()]


def sites(engine: Engine) -> list[str]:
    """Return the names of all sites, in alphabetical order."""
    with one_line(), engine.begin() as connection:
        return list(connection.scalars(SITES))


def outcome_counts(connection: Connection, run: RunKey) -> dict[str, int]:
    """Return the number of URLs requested in the run by outcome."""
    counted = connection.execute(COUNTS, {"run_id": run.run_id})
    return {row["outcome"]: row["count"] for row in counted.mappings()}


def article_counts(connection: Connection, run: RunKey) -> dict[str, int]:
    """Return the number of the site's articles by state; a state without any is left out."""
    counted = connection.execute(ARTICLES, {"site_id": run.site_id})
    return {row["state"]: row["count"] for row in counted.mappings()}
