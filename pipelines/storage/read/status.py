"""Read the state of the sites and of the database as its operator watches it: through schema ``api``, so that a read-only role suffices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.read.feed import LAG, Lag
from pipelines.storage.text import queue
from pipelines.storage.text.queue import TextState

if TYPE_CHECKING:
    from sqlalchemy import Engine

SITES = text("SELECT * FROM api.site_status()")
ENDED = text("""
    SELECT run_id, started_at, finished_at, verdict, stats FROM api.run WHERE run_id = ANY(:ids)
""")
SCHEDULED = text("SELECT site, late FROM api.scheduled_site WHERE late IS NOT NULL ORDER BY site")
DATABASE = text("SELECT now() AS now, pg_database_size(current_database()) AS size")


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that has ended."""

    run_id: int
    started_at: datetime
    finished_at: datetime
    verdict: str
    stats: dict[str, Any] | None
    """``None`` for a run that was killed."""


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """State of a site. Runs that were refused are left out, as they did nothing, and those that read the archive again."""

    site: str
    is_running: bool
    latest_run: int | None
    started_at: datetime | None
    """Start of the latest run."""
    ended: EndedRun | None
    """The latest run that has ended."""
    healthy_at: datetime | None
    """End of the latest healthy run."""
    newest_at: datetime | None
    """Time of publication of the newest article; the beginning of its day if the page prints no time."""
    recent: int
    """Number of articles published with a time, and stored, in the last two days; of the newest thousand."""
    late_half: float | None
    """Median of the seconds from publication to storage of those; ``None`` without any."""
    late_most: float | None
    """The 95th percentile of the same."""
    dead_letters: int

    @property
    def stats(self) -> dict[str, Any]:
        """Statistics of the latest run that has ended; empty if there is none, or it was killed."""
        return (self.ended and self.ended.stats) or {}

    @property
    def is_dead(self) -> bool:
        """Return whether the latest run was killed, or cut off from the database, and no run has closed its row yet."""
        return not self.is_running and self.latest_run != (self.ended and self.ended.run_id)


@dataclass(frozen=True, slots=True)
class Status:
    """State of the database and of its sites."""

    now: datetime
    """By the database's clock."""
    size: int
    """Bytes of the database."""
    sites: list[SiteStatus]
    lag: Lag
    texts: TextState
    late: dict[str, float]
    """Seconds since a site was due that workers crawl, 0 before, by its name; those that are paused are left out."""


def read_status(engine: Engine) -> Status:
    """Return the state of the database and its sites, by name. Raise StorageError."""
    with one_line(), engine.begin() as connection:
        database = connection.execute(DATABASE).one()
        rows = [dict(row) for row in connection.execute(SITES).mappings()]
        ids = [row["ended_run"] for row in rows if row["ended_run"] is not None]
        ended = {row["run_id"]: EndedRun(**row) for row in connection.execute(ENDED, {"ids": ids}).mappings()}
        return Status(
            now=database.now,
            size=database.size,
            sites=[SiteStatus(ended=ended.get(row.pop("ended_run")), **row) for row in rows],
            lag=Lag(**connection.execute(LAG).mappings().one()),
            texts=queue.state(connection),
            late={row.site: row.late for row in connection.execute(SCHEDULED)},
        )
