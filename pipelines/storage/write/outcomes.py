"""Outcomes of requested URLs: one row for each in a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import url_key
from pipelines.storage.schema.recordset import recordset, send
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Fetch, Item

COLUMNS = ("url_key", "url", "kind", "outcome", "http_status", "reason", "attempts", "elapsed_ms", "at", "renderer")
# What was stored stays stored, whatever the run sees at that address afterwards; else the later end counts. That also
# makes a second attempt at a transaction whose COMMIT was lost on its way keep what the first one wrote. A refused item
# that is stored after all has its own end.
WRITE = text(f"""
    INSERT INTO crawl.crawl_outcome AS o
        (run_id, {", ".join(COLUMNS)})
    SELECT :run_id, {", ".join(COLUMNS)}
    FROM {recordset(models.Outcome, COLUMNS)}
    ORDER BY url_key
    ON CONFLICT (run_id, url_key) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name not in ("url_key", "url"))}
    WHERE o.outcome <> 'stored' AND (o.at < EXCLUDED.at OR o.reason = '{Reason.DEAD_LETTER}')
""")


_EXPLAINED = ("rejected", "failed", "skipped")
"""Outcomes whose reasons are counted."""
CHUNK = 10_000
"""Rows deleted in one transaction, so that none holds the change feed back for long."""

# The latest run of a site may still be at work, however long ago it began.
OLD_RUNS = text("""
    SELECT r.run_id FROM crawl.crawl_run r
    WHERE r.started_at < now() - make_interval(days => :days)
      AND EXISTS (SELECT FROM crawl.crawl_run later WHERE later.site_id = r.site_id AND later.run_id > r.run_id)
      AND EXISTS (SELECT FROM crawl.crawl_outcome o WHERE o.run_id = r.run_id)
    ORDER BY r.run_id
""")
DELETE = text("""
    DELETE FROM crawl.crawl_outcome WHERE run_id = :run_id AND url_key IN (
        SELECT url_key FROM crawl.crawl_outcome WHERE run_id = :run_id LIMIT :most
    )
""")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one item."""

    outcome: str
    """As in ``crawl_outcome``."""
    reason: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    """Statistics of what it changed, such as ``article/new`` or ``teaser/removed``."""

    def tally(self, item: Item) -> Counter[str]:
        """Return what the item adds to its run's statistics."""
        stats = Counter(self.counts)
        for fetch in (item.fetch, *getattr(item, "parts", ())):
            stats[Stat.outcome(fetch.kind, self.outcome)] += 1
        if self.reason and self.outcome in _EXPLAINED:
            stats[Stat.reason(self.reason)] += 1
        return stats


@dataclass(frozen=True, slots=True)
class End:
    """Outcome of one request."""

    fetch: Fetch
    outcome: str
    reason: str | None


def write(connection: Connection, run: RunKey, ends: Iterable[End]) -> None:
    """Write one outcome per URL: ``stored`` wins, else the latest fetch. Safe to repeat."""
    last: dict[str, End] = {}
    for end in ends:
        other = last.get(end.fetch.url)
        if other is None or (other.outcome != "stored" and other.fetch.fetched_at <= end.fetch.fetched_at):
            last[end.fetch.url] = end
    send(connection, WRITE, [_row(end) for end in last.values()], run_id=run.run_id)


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
        "renderer": end.fetch.renderer,
    }


def prune(engine: Engine, days: int) -> int:
    """Delete the outcomes of runs that began more than *days* days ago. Return their number.

    The latest run of a site is kept. Articles and revisions are never deleted. Raise ``StorageError``.
    """
    with one_line(), engine.connect() as connection:
        runs = connection.scalars(OLD_RUNS, {"days": days}).all()
    return sum(_delete(engine, run_id) for run_id in runs)


def _delete(engine: Engine, run_id: int) -> int:
    deleted = 0
    while True:
        with one_line(), engine.begin() as connection:
            found = connection.execute(DELETE, {"run_id": run_id, "most": CHUNK}).rowcount
        deleted += found
        if found < CHUNK:
            return deleted
