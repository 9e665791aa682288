"""The items that the database refused, kept for repair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import text

from pipelines.storage.db.errors import StorageError, one_line
from pipelines.storage.db.scrub import scrub
from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import url_key
from pipelines.storage.schema.recordset import as_json, recordset, send
from pipelines.storage.schema.run_key import RunKey
from smartdaily_crawler.items import Kind
from smartdaily_crawler.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

# Tried again, perhaps after a COMMIT whose acknowledgement was lost, it finds itself and changes only the reason.
BURY = text("""
    WITH known AS (
        UPDATE crawl.dead_letter SET reason = :reason
        WHERE run_id = :run_id AND url = :url AND payload = CAST(:payload AS jsonb)
        RETURNING dead_letter_id
    )
    INSERT INTO crawl.dead_letter (run_id, at, url, reason, payload)
    SELECT :run_id, now(), :url, :reason, CAST(:payload AS jsonb) WHERE NOT EXISTS (SELECT FROM known)
""")
# The item's own figures may be what was refused.
BURIED = text(f"""
    INSERT INTO crawl.crawl_outcome AS o (run_id, url_key, url, kind, outcome, reason, attempts, at)
    SELECT :run_id, url_key, url, kind, 'failed', '{Reason.DEAD_LETTER}', 1, now()
    FROM {recordset(models.Outcome, "url_key url kind")}
    ORDER BY url_key
    ON CONFLICT (run_id, url_key) DO UPDATE SET outcome = 'failed', reason = '{Reason.DEAD_LETTER}', at = now()
    WHERE o.outcome <> 'stored'
""")
LIST = text("""
    SELECT d.dead_letter_id, d.run_id, d.at, d.url, d.reason, s.timezone
    FROM crawl.dead_letter d JOIN crawl.crawl_run r USING (run_id) JOIN crawl.site s USING (site_id)
    ORDER BY d.dead_letter_id
""")
READ = text("""
    SELECT r.run_id, r.site_id, r.started_at, d.payload
    FROM crawl.dead_letter d JOIN crawl.crawl_run r USING (run_id) WHERE d.dead_letter_id = :id
""")
REFUSED = text("UPDATE crawl.dead_letter SET reason = :reason WHERE dead_letter_id = :id")
DELIVERED = text("DELETE FROM crawl.dead_letter WHERE dead_letter_id = :id")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused item, without the item."""

    dead_letter_id: int
    run_id: int
    at: datetime
    """When it was refused first."""
    url: str
    reason: str
    """The database's message at the latest attempt, one line."""
    timezone: str
    """IANA name of its site's time zone."""


def bury(engine: Engine, run: RunKey, kept: dict[str, Any], reason: str) -> None:
    """Keep an encoded item that cannot be stored, and say so where the outcomes of its addresses are looked for."""
    clean = scrub(kept)
    rows = {url: {"url_key": url_key(url), "url": url, "kind": kind} for url, kind in _addresses(clean)}
    letter = {"url": next(iter(rows), ""), "reason": scrub(reason), "payload": as_json(clean)}
    with engine.begin() as connection:
        connection.execute(BURY, {"run_id": run.run_id, **letter})
        send(connection, BURIED, rows.values(), run_id=run.run_id)


def dead_letters(engine: Engine) -> list[DeadLetter]:
    """All of them, the oldest first."""
    with one_line(), engine.begin() as connection:
        return [DeadLetter(**row) for row in connection.execute(LIST).mappings()]


def read(engine: Engine, dead_letter_id: int) -> tuple[RunKey, dict[str, Any]]:
    """The encoded item and the run that it belongs to."""
    with one_line(), engine.begin() as connection:
        row = connection.execute(READ, {"id": dead_letter_id}).one_or_none()
    if row is None:
        raise StorageError(f"there is no dead letter {dead_letter_id}")
    return RunKey(run_id=row.run_id, site_id=row.site_id, started_at=row.started_at), row.payload


def refused(engine: Engine, dead_letter_id: int, reason: str) -> None:
    with one_line(), engine.begin() as connection:
        connection.execute(REFUSED, {"id": dead_letter_id, "reason": scrub(reason)})


def delivered(engine: Engine, dead_letter_id: int) -> None:
    with one_line(), engine.begin() as connection:
        connection.execute(DELIVERED, {"id": dead_letter_id})


def _addresses(kept: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The requested addresses that an encoded item settles, with their kinds; it may be spoilt anywhere."""
    fields = kept.get("fields")
    if not isinstance(fields, dict):
        return
    parts = fields.get("parts")
    for fetch in (fields.get("fetch"), *(parts if isinstance(parts, list) else ())):
        if isinstance(fetch, dict) and isinstance(url := fetch.get("url"), str):
            yield url, fetch["kind"] if fetch.get("kind") in get_args(Kind) else "article"
