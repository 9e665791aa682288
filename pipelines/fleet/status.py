"""How the sites of the list and the workers do, as ``scrapy fleet status`` tells. Needs no extra."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.storage.fleet import queue_schema, sites, workers

if TYPE_CHECKING:
    from pipelines.storage.database import Database
    from pipelines.storage.fleet.sites import ScheduledSite
    from pipelines.storage.fleet.workers import WorkerRow


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetStatus:
    """State of all sites and workers at one time."""

    now: datetime
    """By the database's clock."""
    sites: list[tuple[ScheduledSite, str]]
    """Each with its state: paused; running; lost, as its worker is gone; queued, for a slot; due, but not queued yet; waiting."""
    workers: list[tuple[WorkerRow, str, list[str]]]
    """Each with its state (``WorkerRow.state``), and the sites that it runs, or ran when it died."""

    @property
    def stranded(self) -> list[WorkerRow]:
        """Workers that are gone or stopped, with items on their disks that no other machine can store."""
        return [worker for worker, state, _ in self.workers if state != "alive" and worker.spool]


def read_fleet(database: Database) -> FleetStatus:
    """Return the state of the fleet. Raise StorageError."""
    engine = database.engine
    now = sites.now_of(engine)
    rows, queued, all_workers = sites.sites(engine), queue_schema.queued_sites(engine), workers.workers(engine)
    found = {worker.name: worker.state(now) for worker in all_workers}
    states = [(row, _state(row, now, found, queued)) for row in rows]
    runs: dict[str, list[str]] = {}
    for row, state in states:
        if state in ("running", "lost") and row.worker:
            runs.setdefault(row.worker, []).append(row.site)
    return FleetStatus(
        now=now,
        sites=states,
        workers=[(worker, found[worker.name], runs.get(worker.name, [])) for worker in all_workers],
    )


def _state(row: ScheduledSite, now: datetime, workers_found: dict[str, str], queued: frozenset[str]) -> str:
    if row.started_at and not row.ended_at and row.verdict is None:
        if workers_found.get(row.worker or "") == "alive":
            return "running"
        if row.site not in queued:
            return "lost"
    if row.paused_at:
        return "paused"
    if row.site in queued:
        return "queued"
    return "due" if row.late(now) else "waiting"
