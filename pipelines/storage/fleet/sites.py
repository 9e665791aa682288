"""The list of sites: its rows, and the latest run of each by a worker."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.db.retry import query
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Engine

NOW = text("SELECT now()")
SITES = text("SELECT * FROM crawl.scheduled_site ORDER BY name")
# By any of what an operator knows it by.
FIND = text("""
    SELECT * FROM crawl.scheduled_site WHERE :given IN (site, name, url) ORDER BY site = :given DESC, name = :given DESC LIMIT 1
""")
# What is not given stays as it is.
WRITE = text("""
    INSERT INTO crawl.scheduled_site AS s (site, name, url, spider, every, arguments, profile_name, profile, added_at, due_at)
    VALUES (:site, coalesce(:name, :site), :url, coalesce(:spider, 'smartdaily'), coalesce(:every, :usual),
            coalesce(CAST(:arguments AS jsonb), '{}'), :profile_name, :profile, now(), now())
    ON CONFLICT (site) DO UPDATE SET
        name = coalesce(:name, s.name), url = EXCLUDED.url, spider = coalesce(:spider, s.spider),
        every = coalesce(:every, s.every), arguments = coalesce(CAST(:arguments AS jsonb), s.arguments),
        profile_name = coalesce(:profile_name, s.profile_name), profile = coalesce(:profile, s.profile)
    RETURNING xmax = 0
""")
TAKEN = text("SELECT name FROM crawl.scheduled_site WHERE name = :name AND site <> :site")
PAUSE = text("UPDATE crawl.scheduled_site SET paused_at = coalesce(paused_at, now()) WHERE site = ANY(:sites)")
# A site that was due while it was paused is not late.
RESUME = text("""
    UPDATE crawl.scheduled_site SET paused_at = NULL, due_at = greatest(due_at, now())
    WHERE site = ANY(:sites) AND paused_at IS NOT NULL
""")
REMOVE = text("DELETE FROM crawl.scheduled_site WHERE site = ANY(:sites)")
START = text("""
    UPDATE crawl.scheduled_site
    SET worker = :worker, job = :job, started_at = :at, ended_at = NULL, exit_code = NULL, verdict = NULL, reason = NULL, due_at = :due_at
    WHERE site = :site
""")
END = text("""
    UPDATE crawl.scheduled_site SET ended_at = now(), exit_code = :exit_code, verdict = :verdict, reason = :reason, due_at = :due_at
    WHERE site = :site AND job = :job
""")
VERDICT = text(f"""
    SELECT r.verdict, r.stats -> '{Stat.RUN_REASONS}' AS reasons FROM crawl.crawl_run r JOIN crawl.site s USING (site_id)
    WHERE s.name = :site AND r.job = :job ORDER BY r.run_id DESC LIMIT 1
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduledSite:
    """A row of ``crawl.scheduled_site``."""

    site: str
    name: str
    url: str
    spider: str
    every: int
    """Seconds."""
    arguments: dict[str, str]
    profile_name: str | None
    profile: str | None
    added_at: datetime
    paused_at: datetime | None
    due_at: datetime
    worker: str | None
    job: str | None
    started_at: datetime | None
    ended_at: datetime | None
    exit_code: int | None
    verdict: str | None
    reason: str | None

    @property
    def by_rate(self) -> bool:
        """Whether it is crawled as often as it publishes, and not at an interval: its argument ``poll`` tells."""
        return self.arguments.get("poll") == "due"

    def late(self, now: datetime) -> float | None:
        """Return the seconds since it was due, 0 before; ``None`` while it is paused."""
        return None if self.paused_at else max((now - self.due_at).total_seconds(), 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteChange:
    """A site to be added, or what is to be changed of one; ``None`` leaves a value as it is, or as usual."""

    site: str
    url: str
    name: str | None = None
    spider: str | None = None
    every: int | None = None
    arguments: Mapping[str, str] | None = None
    profile_name: str | None = None
    profile: str | None = None


class NameIsTaken(ValueError):  # noqa: N818 - named for the state
    """Another site has the name."""

    def __init__(self, index: int, name: str) -> None:
        super().__init__(f"another site is named {name!r} already")
        self.index = index
        """Of the change among those that were to be written."""


def now_of(engine: Engine) -> datetime:
    """Return the time by the database's clock, as machines may differ."""
    with one_line(), engine.begin() as connection:
        now: datetime = connection.execute(NOW).scalar_one()
    return now


def sites(engine: Engine) -> list[ScheduledSite]:
    """Return all sites on the list, by name."""
    with one_line(), engine.begin() as connection:
        return [ScheduledSite(**row) for row in connection.execute(SITES).mappings()]


def find_site(engine: Engine, given: str) -> ScheduledSite | None:
    """Return the site with this host, name or URL; ``None`` if it is not on the list."""
    with one_line(), engine.begin() as connection:
        row = connection.execute(FIND, {"given": given}).mappings().one_or_none()
    return ScheduledSite(**row) if row else None


def write_sites(engine: Engine, changes: Sequence[SiteChange], usual: int) -> list[bool]:
    """Add or change sites, all or none. Return for each whether it was added. Raise NameIsTaken.

    :param usual: seconds between runs of a site that is added without.
    """
    with one_line(), engine.begin() as connection:
        return [_write(connection, index, change, usual) for index, change in enumerate(changes)]


def _write(connection: Connection, index: int, change: SiteChange, usual: int) -> bool:
    name = change.name or change.site
    if connection.scalar(TAKEN, {"name": name, "site": change.site}):
        raise NameIsTaken(index, name)
    values = {each: getattr(change, each) for each in SiteChange.__slots__}
    values["arguments"] = None if change.arguments is None else json.dumps(dict(change.arguments))
    return bool(connection.scalar(WRITE, values | {"usual": usual}))


def pause_sites(engine: Engine, names: Collection[str]) -> None:
    _change(engine, PAUSE, names)


def resume_sites(engine: Engine, names: Collection[str]) -> None:
    _change(engine, RESUME, names)


def remove_sites(engine: Engine, names: Collection[str]) -> None:
    """Take sites off the list. Their articles and runs stay."""
    _change(engine, REMOVE, names)


def _change(engine: Engine, statement: Any, names: Collection[str]) -> None:
    with one_line(), engine.begin() as connection:
        connection.execute(statement, {"sites": list(names)})


def record_start(engine: Engine, site: str, *, worker: str, job: str, at: datetime, due_at: datetime) -> None:
    """Record that a worker starts a run.

    :param due_at: when the next one may start.
    """
    with one_line(), engine.begin() as connection:
        connection.execute(START, {"site": site, "worker": worker, "job": job, "at": at, "due_at": due_at})


def record_end(
    engine: Engine,
    site: str,
    job: str,
    *,
    exit_code: int,
    verdict: str,
    reason: str | None,
    due_at: datetime,
    patience: float,
) -> None:
    """Record how a run ended, unless another one has started since. Retry for *patience* seconds. Raise StorageError."""
    values = {"site": site, "job": job, "exit_code": exit_code, "verdict": verdict, "reason": reason, "due_at": due_at}
    query(engine, lambda connection: connection.execute(END, values), patience=patience)


def verdict_of(engine: Engine, site: str, job: str, *, patience: float) -> tuple[str | None, list[str]]:
    """Return the verdict on a job's run and the reasons; ``(None, [])`` where the run has none, or never began."""
    row = query(engine, lambda c: c.execute(VERDICT, {"site": site, "job": job}).one_or_none(), patience=patience)
    return (row.verdict, list(row.reasons or ())) if row else (None, [])
