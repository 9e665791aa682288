"""Faults that make each alert fire, made in a real database and a real spool, and their repair."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, text

from pipelines.storage.database import Database
from pipelines.storage.db.site_lock import SiteLock
from pipelines.storage.fleet.sites import SiteChange, write_sites
from pipelines.storage.read.runs import identity
from pipelines.storage.spill import dead_letters
from pipelines.storage.spill.codec import encode
from pipelines.storage.spill.spool import KILLED, Head, Spool, waiting
from pipelines.storage.write.runs import finish_run
from pipelines.storage.write.writer import write
from tests.storage.making import article, new_run, outcome

if TYPE_CHECKING:
    from pipelines.storage.schema.run_key import RunKey

NOW = datetime.now(UTC)
USUAL = {
    "article/read": 40,
    "missing/source": 4,
    "outcome/article/stored": 40,
    "outcome/listing/unchanged": 8,
    "articles/fetched": 400,
    "articles/discovered": 20,
}
"""Statistics of a healthy run."""
FAULTY_RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "SmartDailyRunFailed": ("failed", {}),
    "SmartDailyRunDegraded": ("degraded", USUAL),
    "SmartDailyFieldEmpty": ("healthy", USUAL | {"missing/published_on": 30}),
    "SmartDailyGap": ("healthy", USUAL | {"gap/手机": 1}),
    "SmartDailyRefusedBySite": ("healthy", USUAL | {"reason/http_403": 30, "outcome/article/failed": 30}),
}
"""Verdict and statistics of the run that makes the alert of that name fire."""
OF_SITES = (
    *FAULTY_RUNS, "SmartDailyNoRun", "SmartDailyRunTooLong", "SmartDailySiteSilent", "SmartDailyArticlesLate",
    "SmartDailySpoolWaiting", "SmartDailyDeadLetters",
)  # fmt: skip
OF_DATABASE = (
    "SmartDailySpoolBroken", "SmartDailyFeedHeld", "SmartDailyFeedForeign", "SmartDailyTextsWaiting",
    "SmartDailyTextsFailed", "SmartDailyDatabaseGrows",
)  # fmt: skip
OF_METRICS = ("SmartDailyMetricsMissing", "SmartDailyMetricsStale")
"""Alerts whose fault is in the way from the database to Prometheus."""


def site_of(alert: str) -> str:
    """Return the site on which the alert's fault is made."""
    return f"{alert.removeprefix('SmartDaily').lower()}.example"


@dataclass
class World:
    """A database with a site for each fault, and a spool."""

    engine: Engine
    spool: Path
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def database(self) -> Database:
        return Database(self.engine, url="", place="", programs=None)

    def run(self, alert: str, verdict: str = "healthy", stats: dict[str, Any] | None = None) -> RunKey:
        """Add a run that has ended to the alert's site."""
        run = new_run(self.engine, site=site_of(alert))
        finish_run(self.engine, run, reason="finished", verdict=verdict, stats=USUAL if stats is None else stats)
        return run

    def execute(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def store(self, alert: str, name: str, published_at: datetime) -> None:
        """Store an article that was published then, by a run that has ended: an open one would count as killed."""
        made = article(f"{alert}-{name}", published_on=published_at.date(), published_at=published_at)
        made.fetch.fetched_at = datetime.now(UTC)
        write(self.engine, self.run(alert), [made])

    def set_up(self) -> None:
        """Make sites without a fault, each with an article of today; workers crawl one of them."""
        for alert in OF_SITES:
            self.store(alert, "usual", NOW)
        site = site_of(OF_SITES[0])
        write_sites(self.engine, [SiteChange(site=site, url=f"https://{site}/")], 3600)

    def break_all(self) -> None:
        # Before the others, as it has to be open for a while; the article's change waits for it.
        holder = self.held.enter_context(self.engine.connect())
        self.held.callback(holder.rollback)
        holder.execute(text("SELECT pg_current_xact_id()"))
        for alert, (verdict, stats) in FAULTY_RUNS.items():
            self.run(alert, verdict, stats)
        self.execute(_AGE, site=site_of("SmartDailyNoRun"), hours=5)
        too_long = site_of("SmartDailyRunTooLong")
        lock = SiteLock(self.engine, too_long)
        lock.take()
        self.held.callback(lock.release)
        new_run(self.engine, site=too_long)
        self.execute(_AGE, site=too_long, hours=7)
        self.execute(_PUBLISHED, site=site_of("SmartDailySiteSilent"), days=4)
        for number in range(12):
            self.store("SmartDailyArticlesLate", str(number), NOW - timedelta(hours=5))
        self._spool("SmartDailySpoolWaiting")
        refused = self.run("SmartDailyDeadLetters")
        dead_letters.bury(self.engine, refused, encode(outcome("refused", "failed")), "too short")
        (self.spool / "20261130-run-1.jsonl.broken").touch()
        self.execute("INSERT INTO crawl.text_queue (article_id) SELECT 1 FROM generate_series(1, 1001)")
        self.execute(
            "INSERT INTO crawl.text_fault (article_id, at, is_cut, reason) VALUES (1, now(), false, 'too odd')"
        )
        self.execute(
            "CREATE TABLE public.ballast AS SELECT repeat(md5(n::text), 60) FROM generate_series(1, 30000) AS n"
        )
        self.execute(
            "UPDATE crawl.article SET change_xid = '99999999999' WHERE article_id = (SELECT max(article_id) FROM crawl.article)"
        )

    def mend_all(self) -> None:
        self.held.close()
        for alert in (*FAULTY_RUNS, "SmartDailyNoRun", "SmartDailyRunTooLong"):
            self.run(alert)
        self.execute(_PUBLISHED, site=site_of("SmartDailySiteSilent"), days=0)
        self.execute(_STORED, site=site_of("SmartDailyArticlesLate"))
        for path in [*waiting(self.spool), *self.spool.glob("*.broken")]:
            path.unlink()
        for table in ("crawl.dead_letter", "crawl.text_queue", "crawl.text_fault"):
            self.execute(f"DELETE FROM {table}")
        self.execute("DROP TABLE public.ballast")
        self.execute(
            "UPDATE crawl.article SET change_seq = 0 WHERE change_xid >= pg_snapshot_xmax(pg_current_snapshot())"
        )

    def _spool(self, alert: str) -> None:
        head = Head(run_id=1, site=site_of(alert), database=identity(self.engine))
        written = Spool(self.spool, head)
        written.append([encode(outcome("spooled", "failed"))])
        written.close(KILLED)
        assert written.path
        old = NOW.timestamp() - 3 * 3600
        os.utime(written.path, (old, old))


_AGE = """
    UPDATE crawl.crawl_run SET started_at = now() - make_interval(hours => :hours),
        finished_at = CASE WHEN finished_at IS NOT NULL THEN now() - make_interval(hours => :hours) END
    WHERE site_id = (SELECT site_id FROM crawl.site WHERE name = :site)
"""
_PUBLISHED = """
    UPDATE crawl.article SET published_at = now() - make_interval(days => :days), published_on = current_date - :days
    WHERE site_id = (SELECT site_id FROM crawl.site WHERE name = :site)
"""
_STORED = """
    UPDATE crawl.article_revision v SET fetched_at = a.published_at FROM crawl.article a
    WHERE a.article_id = v.article_id AND a.site_id = (SELECT site_id FROM crawl.site WHERE name = :site)
"""
