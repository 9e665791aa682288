"""Workers: what each reports of itself, so that others can tell what it has when its machine is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

SILENT = 60.0
"""Seconds without a heartbeat after which a worker counts as gone, and its jobs are given to others."""

REPORT = text("""
    INSERT INTO crawl.worker AS w (name, slots, version, started_at, heartbeat_at, stopped_at, spool)
    VALUES (:name, :slots, :version, :started_at, now(), CASE WHEN :stopped THEN now() END, CAST(:spool AS jsonb))
    ON CONFLICT (name) DO UPDATE SET slots = EXCLUDED.slots, version = EXCLUDED.version, started_at = EXCLUDED.started_at,
        heartbeat_at = EXCLUDED.heartbeat_at, stopped_at = EXCLUDED.stopped_at, spool = EXCLUDED.spool
""")
WORKERS = text("SELECT * FROM crawl.worker ORDER BY name")
FORGET = text("DELETE FROM crawl.worker WHERE name = :name")


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerRow:
    """A row of ``crawl.worker``."""

    name: str
    slots: int
    version: str
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None
    spool: list[dict[str, Any]]

    def state(self, now: datetime) -> str:
        """Return ``alive``, ``stopped``, or ``gone`` for one that died or is cut off from the database."""
        if self.stopped_at:
            return "stopped"
        return "alive" if now - self.heartbeat_at < timedelta(seconds=SILENT) else "gone"


def report(
    engine: Engine,
    name: str,
    *,
    slots: int,
    version: str,
    started_at: datetime,
    spool: Sequence[dict[str, Any]],
    stopped: bool = False,
) -> None:
    """Write a worker's row, with the time as its heartbeat. Raise StorageError."""
    values = {
        "name": name,
        "slots": slots,
        "version": version,
        "started_at": started_at,
        "spool": json.dumps(list(spool)),
        "stopped": stopped,
    }
    with one_line(), engine.begin() as connection:
        connection.execute(REPORT, values)


def workers(engine: Engine) -> list[WorkerRow]:
    """Return all workers that have ever been, unless forgotten, by name."""
    with one_line(), engine.begin() as connection:
        return [WorkerRow(**row) for row in connection.execute(WORKERS).mappings()]


def forget(engine: Engine, name: str) -> None:
    """Delete the row of a worker that does not come back."""
    with one_line(), engine.begin() as connection:
        connection.execute(FORGET, {"name": name})
