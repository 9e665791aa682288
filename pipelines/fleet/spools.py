"""Items that wait on the disk of a worker: only a run on that machine can store them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.storage.fleet import sites, workers
from pipelines.storage.fleet.queue_schema import queue_of
from pipelines.storage.spill.spool import spool_state

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.storage.database import Database


def spool_facts(folder: Path) -> list[dict[str, Any]]:
    """Return what is in a spool, by site; files that were set aside or cannot be read have no site. Raise OSError."""
    state = spool_state(folder)
    facts: dict[str, dict[str, Any]] = {}
    for file in state.files:
        of = facts.setdefault(file.site, {"site": file.site, "files": 0, "bytes": 0, "oldest": file.written_at})
        of["files"] += 1
        of["bytes"] += file.size
        of["oldest"] = min(of["oldest"], file.written_at)
    return list(facts.values())


def homes(database: Database) -> dict[str, str]:
    """Return by site the queue of the living worker whose spool has items of it."""
    now = sites.now_of(database.engine)
    return {
        each["site"]: queue_of(worker.name)
        for worker in workers.workers(database.engine)
        if worker.state(now) == "alive"
        for each in worker.spool
    }
