"""The database side of one run: its connection, its row in ``crawl_run``, its open ledger."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter
from scrapy.settings import BaseSettings

from pipelines.run.ledger import RequestLedger
from pipelines.run.verdict import History, judge
from pipelines.storage.database import Database, open_database
from pipelines.storage.db.errors import CodeError, StorageError
from pipelines.storage.db.retry import ask
from pipelines.storage.db.site_lock import SiteIsTaken, SiteLock
from pipelines.storage.read import runs
from pipelines.storage.schema import schema_version
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.spill.spool import Closing, Head, Spool
from pipelines.storage.write.drain import Drain
from pipelines.storage.write.runs import abort_dead_runs, finish_run, start_run
from pipelines.storage.write.writer import Written
from smartdaily_crawler.crawl.protocol import walk_spider
from smartdaily_crawler.items import Item, Outcome
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


def configured_database(settings: BaseSettings) -> AbstractContextManager[Database]:
    """Open the database that the settings name; an embedded server where they name none.

    Raises StorageError with one line for an operator.
    """
    url = settings["DATABASE_URL"]
    if url is None and settings.getbool("DATABASE_REQUIRED"):
        raise StorageError(
            "DATABASE_URL is not set: a scrapyd job needs a database that outlives it, e.g. postgresql://user@host/db"
        )
    programs = settings["PGBIN"]
    return open_database(
        url,
        Path(settings["DATA_DIR"]),
        programs=Path(programs) if programs else None,
        timeout=settings.getfloat("DATABASE_TIMEOUT"),
    )


class RunContext:
    """What the components that write or ask for rows share in one run; ``RunContext.of(crawler)`` returns it.

    As an extension it judges the run when the spider is closed, stored or not (``ITEM_PIPELINES={}``).
    """

    _of: ClassVar[dict[Crawler, RunContext]] = {}

    def __init__(self, crawler: Crawler) -> None:
        if (spider := walk_spider(crawler)) is None:
            raise NotConfigured
        self.crawler = crawler
        self.spider = spider
        self.ledger = RequestLedger(crawler.signals)
        self._opened: AbstractContextManager[Database] | None = None
        self._database: Database | None = None
        self._run: RunKey | None = None
        self._spool: Spool | None = None
        self._lock: SiteLock | None = None
        self.lost: StorageError | None = None
        """Why the database is given up; from then on the spool takes everything."""
        self._feeds_closed = asyncio.Event()
        crawler.signals.connect(self._feeds_closed.set, signals.feed_exporter_closed)
        crawler.signals.connect(self._item_scraped, signals.item_scraped)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls.of(crawler)

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the crawler's only one. Raise ``NotConfigured`` where its spider is not ours."""
        if crawler not in cls._of:
            cls._of[crawler] = cls(crawler)
        return cls._of[crawler]  # type: ignore[return-value]  # there are no subclasses

    @property
    def database(self) -> Database:
        if self._database is None:
            raise StorageError("the run's database is not open")
        return self._database

    @property
    def run(self) -> RunKey:
        if self._run is None:
            raise StorageError("the run has not begun")
        return self._run

    @property
    def spool(self) -> Spool:
        if self._spool is None:
            raise StorageError("the run has not begun")
        return self._spool

    @property
    def is_open(self) -> bool:
        return self._run is not None

    def open(self) -> None:
        """Connect, take the site, begin the run's row, and store what earlier runs could not.

        Blocks. Raises SiteIsTaken, with the run's row closed, while another run of the site is under way; StorageError.
        """
        crawler, spider, settings = self.crawler, self.spider, self.crawler.settings
        self._opened = configured_database(settings)
        self._database = self._opened.__enter__()
        schema_version.check(self._database.engine)
        site = spider.site_address.name
        self._lock = SiteLock(self._database.engine, site)
        try:
            self._lock.take(spider.arguments.wait)
        except SiteIsTaken:
            self._run = self._begin()
            raise
        # Not before: whoever takes the site while we wait would take our open row for that of a dead run.
        self._run = self._begin()
        folder = Path(settings["SPOOL_DIR"] or Path(settings["DATA_DIR"], "spool"))
        identity = runs.identity(self._database.engine)
        self._spool = Spool(folder, Head(run_id=self._run.run_id, site=site, database=identity))
        drain = Drain(
            engine=self._database.engine,
            folder=folder,
            site=site,
            database=identity,
            batch_size=settings.getint("PERSIST_BATCH_SIZE"),
            patience=settings.getfloat("STORAGE_PATIENCE"),
        )
        try:
            drained = drain.into(self._run)
        except StorageError as error:
            self.lost = error
            raise
        if drained:
            crawler.stats.set_value(Stat.SPOOL_DRAINED, drained)
        if (
            spider.arguments.render == "auto"
        ):  # after the drain, which may have closed the row that is looked for
            spider.remember(self._ask(runs.latest_stats))
        if dead := self._ask(abort_dead_runs):
            logger.warning(
                "%d earlier run%s of %s was killed; its work is taken up", dead, "s" * (dead > 1), site
            )
            crawler.stats.set_value(Stat.RUN_DEAD, dead)

    def _begin(self) -> RunKey:
        settings, spider = self.crawler.settings, self.spider
        run = start_run(
            self.database.engine,
            spider=spider.name,
            site=spider.site_address.name,
            base_url=spider.site_address.url,
            timezone=spider.zone.key,
            job=settings["JOB"],
            version=settings["CRAWLER_VERSION"],
            arguments={"site_url": spider.arguments.site_url, **spider.arguments.given()},
        )
        self.crawler.stats.set_value(Stat.RUN_ID, run.run_id)
        self.crawler.stats.set_value(Stat.RUN_MODE, spider.arguments.mode)
        self.crawler.stats.set_value(Stat.RUN_DATABASE, self.database.place)
        return run

    def keep_alive(self) -> None:
        """Be sure that the site is still ours. Blocks; raises SiteIsTaken."""
        if self._lock is not None:
            self._lock.hold()

    def mark_lost(self, error: StorageError) -> None:
        """Give the database up for the rest of the run."""
        self.lost = error
        self.report(error)

    @property
    def lost_reason(self) -> str:
        """Why a run closes whose items can no longer be written."""
        return CloseReason.CODE_ERROR if isinstance(self.lost, CodeError) else CloseReason.STORAGE_UNAVAILABLE

    def report(self, error: StorageError) -> None:
        """Leave one line in the log and in the run's summary."""
        logger.error("%s", error)
        self.crawler.stats.set_value(Stat.RUN_COMPLAINT, str(error))

    def _item_scraped(self, item: Any) -> None:
        """Count what a run without a database reads; storage counts what it writes."""
        if not self.is_open and isinstance(item, Item):
            self._count(item)
            self.ledger.close(item)

    def _count(self, item: Item) -> None:
        outcome, reason = (item.outcome, item.reason) if isinstance(item, Outcome) else ("read", None)
        for name, times in Written(outcome, reason).tally(item).items():
            self.crawler.stats.inc_value(name, times)

    async def _spider_closed(self, spider: Spider, reason: str) -> None:
        del spider
        # Scrapy closes the feeds on the same signal, and a feed that fails then counts for the verdict.
        if self.crawler.get_extension(FeedExporter):
            await self._feeds_closed.wait()
        await asyncio.to_thread(self._close, reason)
        self._of.pop(self.crawler, None)

    def _close(self, reason: str) -> None:
        try:
            if self._run is not None:
                self._finish(reason)
            else:
                for outcome in self.ledger.unfinished():
                    self._count(outcome)
                self._judge(reason, None)
        finally:
            if self._lock is not None:
                self._lock.release()
            if self._opened is not None:
                self._opened.__exit__(None, None, None)

    def _finish(self, reason: str) -> None:
        """Close the run's row, or leave that to the next run."""
        if self.lost is None:
            try:
                finish_run(
                    self.database.engine,
                    self.run,
                    patience=self.crawler.settings.getfloat("STORAGE_PATIENCE"),
                    **self._judge(reason, self._history()),
                )
            except StorageError as error:
                self.mark_lost(error)
        if self.lost is not None:
            self._leave()

    def _history(self) -> History:
        return History(
            healthy=self._ask(runs.healthy_stats),
            silent_days=self._ask(runs.silent_days),
            silent_after=self.crawler.settings.getfloat("SILENT_AFTER"),
            outcomes=sum(self._ask(runs.outcome_counts).values()),
        )

    def _ask(self, question: Callable[[Any, RunKey], Answer]) -> Answer:
        return ask(
            self.database.engine,
            lambda connection: question(connection, self.run),
            patience=self.crawler.settings.getfloat("STORAGE_PATIENCE"),
        )

    def _leave(self) -> None:
        end = self._judge(self.lost_reason, None)
        try:
            self.spool.close(Closing(at=datetime.now(UTC).isoformat(), **end))
        # There is no spool yet where the run was lost while it began.
        except (OSError, StorageError) as error:
            logger.error("How the run ended could not be kept in the spool: %s", error)  # noqa: TRY400 - one line

    def _judge(self, reason: str, history: History | None) -> dict[str, Any]:
        stats = self.crawler.stats
        stats.set_value(Stat.REQUESTED, self.ledger.requested)
        verdict, reasons = judge(stats.get_stats(), reason, history)
        stats.set_value(Stat.RUN_REASON, reason)
        stats.set_value(Stat.RUN_VERDICT, verdict)
        stats.set_value(Stat.RUN_REASONS, reasons)
        if self._spool is not None and self._spool.path is not None:
            stats.set_value(Stat.SPOOL_FILE, str(self._spool.path))
        plain = {name: _plain(value) for name, value in sorted(stats.get_stats().items())}
        return {"reason": reason, "verdict": verdict, "stats": plain}


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool | list | None) else str(value)
