"""The one end of each requested address, and the items that the database refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import text

from pipelines.storage.hashes import url_key
from pipelines.storage.recordset import as_json, send
from pipelines.storage.scrub import scrub
from smartdaily_crawler.items import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

    from pipelines.storage.runs import Run
    from smartdaily_crawler.items import Article, Fetch, Listing, Navigation, Outcome

# What was stored stays stored, whatever the run sees at that address afterwards; else the later end counts. That also
# makes a second attempt at a transaction whose COMMIT was lost on its way keep what the first one wrote.
WRITE = text("""
    INSERT INTO crawl.crawl_outcome AS o
        (run_id, url_key, url, kind, outcome, http_status, reason, attempts, elapsed_ms, at)
    SELECT :run_id, url_key, url, kind, outcome, http_status, reason, attempts, elapsed_ms, at
    FROM json_to_recordset(CAST(:rows AS json))
        AS r(url_key bytea, url text, kind text, outcome text, http_status int, reason text, attempts int,
             elapsed_ms int, at timestamptz)
    ORDER BY url_key
    ON CONFLICT (run_id, url_key) DO UPDATE SET
        kind = EXCLUDED.kind, outcome = EXCLUDED.outcome, http_status = EXCLUDED.http_status,
        reason = EXCLUDED.reason, attempts = EXCLUDED.attempts, elapsed_ms = EXCLUDED.elapsed_ms, at = EXCLUDED.at
    WHERE o.outcome <> 'stored' AND o.at < EXCLUDED.at
""")
BURY = text("""
    INSERT INTO crawl.dead_letter (run_id, at, url, reason, payload)
    VALUES (:run_id, now(), :url, :reason, CAST(:payload AS jsonb))
""")
# The item's own figures may be what was refused.
BURIED = text("""
    INSERT INTO crawl.crawl_outcome AS o (run_id, url_key, url, kind, outcome, reason, attempts, at)
    VALUES (:run_id, :url_key, :url, :kind, 'failed', 'dead_letter', 1, now())
    ON CONFLICT (run_id, url_key) DO UPDATE SET outcome = 'failed', reason = 'dead_letter', at = now()
    WHERE o.outcome <> 'stored'
""")


@dataclass(frozen=True, slots=True)
class End:
    """How one address ended."""

    fetch: Fetch
    outcome: str
    reason: str | None


def write(connection: Connection, run: Run, ends: Iterable[End]) -> None:
    last: dict[str, End] = {}
    for end in ends:
        other = last.get(end.fetch.url)
        if other is None or (other.outcome != "stored" and other.fetch.fetched_at <= end.fetch.fetched_at):
            last[end.fetch.url] = end
    send(connection, WRITE, [_row(end) for end in last.values()], run_id=run.run_id)


def bury(engine: Engine, run: Run, item: Navigation | Listing | Article | Outcome, reason: str) -> None:
    """Keep an item that cannot be stored, and say so where its outcome is looked for."""
    try:
        payload = as_json({"type": type(item).__name__, "fields": asdict(item)}, other=repr)
    except (TypeError, ValueError):
        payload = as_json({"type": type(item).__name__, "text": repr(item)})
    url = str(item.fetch.url)
    kind = item.fetch.kind if item.fetch.kind in get_args(Kind) else "article"
    place = {"run_id": run.run_id, "url": url}
    with engine.begin() as connection:
        connection.execute(BURY, {**place, "reason": scrub(reason), "payload": payload})
        connection.execute(BURIED, {**place, "url_key": url_key(url), "kind": kind})


def _row(end: End) -> dict[str, Any]:
    return {
        "url_key": url_key(end.fetch.url),
        "url": end.fetch.url,
        "kind": end.fetch.kind,
        "outcome": end.outcome,
        "http_status": end.fetch.status,
        "reason": end.reason,
        "attempts": end.fetch.attempts,
        "elapsed_ms": end.fetch.elapsed_ms,
        "at": end.fetch.fetched_at,
    }
