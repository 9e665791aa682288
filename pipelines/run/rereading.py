"""A run that reads archived pages again: it holds the site, has a row, and writes revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from scrapy.settings import BaseSettings

from pipelines.run.verdict import Verdict
from pipelines.storage.database import Database
from pipelines.storage.db.retry import Query, query
from pipelines.storage.db.site_lock import SiteLock
from pipelines.storage.read import rereading
from pipelines.storage.read.rereading import MODE, Archived, ArchivedSite, Revised, Selection
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.write.outcomes import Written
from pipelines.storage.write.runs import finish_run, start_run
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Article
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.stat_names import Stat

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

_CHUNK = 50
"""Articles that are read at a time, by one process."""


class RereadRun:
    """One such run of a site. All methods block, and raise StorageError."""

    def __init__(self, database: Database, settings: BaseSettings, run: RunKey, lock: SiteLock) -> None:
        self.run_id = run.run_id
        self.stats: Counter[str] = Counter()
        self.reasons: list[str] = []
        """Why not all was read again, in words."""
        self._database, self._run, self._lock = database, run, lock
        self._patience = settings.getfloat("STORAGE_PATIENCE")

    def chunks(self, selection: Selection) -> Iterator[list[Archived]]:
        """Yield the selected articles whose pages are in the archive."""
        after = 0
        while found := self._query(rereading.archived, selection, after=after, limit=_CHUNK):
            yield found
            after = found[-1].article_id

    def store(self, articles: Sequence[Article]) -> list[Written]:
        self._lock.keep_alive()
        written = write(self._database.engine, self._run, articles, patience=self._patience, sets_faults_aside=True)
        for article, each in zip(articles, written, strict=True):
            self.stats += each.tally(article)
        return written

    def left_out(self, selection: Selection) -> dict[str, int]:
        return self._query(rereading.left_out, selection)

    def revised(self) -> Sequence[Revised]:
        return self._query(rereading.revised, self._run)

    def _query(self, call: Query[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        return query(
            self._database.engine, lambda connection: call(connection, *arguments, **named), patience=self._patience
        )

    @property
    def verdict(self) -> Verdict:
        return "degraded" if self.reasons else "healthy"


@contextmanager
def reread_run(
    database: Database, settings: BaseSettings, site: ArchivedSite, *, timezone: str, profile: str | None
) -> Iterator[RereadRun]:
    """Hold the site and yield the run; close its row at the end. Raise SiteIsTaken while another run is under way, or StorageError."""
    lock = SiteLock(database.engine, site.name)
    lock.take()
    try:
        key = start_run(
            database.engine,
            spider=site.spider,
            site=site.name,
            base_url=site.base_url,
            timezone=timezone,
            job=settings["JOB"],
            version=settings["CRAWLER_VERSION"],
            arguments={"site_url": site.base_url, "mode": MODE, **({"profile": profile} if profile else {})},
        )
        run = RereadRun(database, settings, key, lock)
        reason, verdict = CloseReason.ABORTED, "failed"
        try:
            yield run
            reason, verdict = CloseReason.FINISHED, run.verdict
        finally:
            stats = {**run.stats, Stat.RUN_REASONS: run.reasons}
            finish_run(database.engine, key, reason=reason, verdict=verdict, stats=stats)
    finally:
        lock.release()


def archived_sites(database: Database, name: str | None) -> list[ArchivedSite]:
    """Return the sites that were crawled, or the one of this name. Raise StorageError."""
    return query(database.engine, lambda connection: rereading.sites(connection, name), patience=0)


def list_pages(database: Database, site: ArchivedSite) -> list[str]:
    """Return the URLs of a site's list pages. Raise StorageError."""
    return query(database.engine, lambda connection: rereading.list_pages(connection, site.site_id), patience=0)
