"""The database side of one run: its connection, its row in ``crawl_run``, its request ledger."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, ParamSpec, Self, TypeVar
from urllib.parse import urlsplit

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter

from pipelines.run.configured import configured_database, spool_folder
from pipelines.run.ledger import RequestLedger
from pipelines.run.verdict import History, judge
from pipelines.storage.database import Database
from pipelines.storage.db.errors import CodeError, StorageError
from pipelines.storage.db.retry import Query, query, with_retries
from pipelines.storage.db.site_lock import SiteIsTaken, SiteLock
from pipelines.storage.read import runs
from pipelines.storage.schema import schema_version
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.spill.spool import Closing, Head, Spool
from pipelines.storage.text import notices, queue
from pipelines.storage.write import disappearance
from pipelines.storage.write.contents import read_dates_again
from pipelines.storage.write.outcomes import Written
from pipelines.storage.write.redelivery import Drain
from pipelines.storage.write.runs import RunEnd, abort_dead_runs, finish_run, start_run
from smartdaily_crawler.crawl.protocol import walk_spider
from smartdaily_crawler.items import Item, Outcome
from smartdaily_crawler.per_crawler import PerCrawler
from smartdaily_crawler.politeness import HostPauses
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


MOST_TEXTS = 5_000
"""Queued texts processed at the end of a run: those that its batches left, as another process had the queue."""


class SiteIsPaused(StorageError):  # noqa: N818 - named for the state
    """The site has asked an earlier run to come back later."""


class RunContext(PerCrawler):
    """State that the components which read or write rows share in one run; get it by ``RunContext.of(crawler)``.

    As an extension, judge the run when the spider is closed, whether it stores or not (``ITEM_PIPELINES={}``).
    """

    def __init__(self, crawler: Crawler) -> None:
        """Raise ``NotConfigured`` where the crawler's spider does not walk a site."""
        if (spider := walk_spider(crawler)) is None:
            raise NotConfigured
        self.crawler = crawler
        self.spider = spider
        self.ledger = RequestLedger(crawler.signals)
        self.lost: StorageError | None = None
        """Why the run stopped writing to the database; from then on items go to the spool."""
        self._patience = crawler.settings.getfloat("STORAGE_PATIENCE")
        self._opened = ExitStack()
        self._database: Database | None = None
        self._lock: SiteLock | None = None
        self._run: RunKey | None = None
        self._spool: Spool | None = None
        self._feeds_closed = asyncio.Event()
        crawler.signals.connect(self._feeds_closed.set, signals.feed_exporter_closed)
        crawler.signals.connect(self._item_scraped, signals.item_scraped)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls.of(crawler)

    @property
    def database(self) -> Database:
        return _begun(self._database)

    @property
    def run(self) -> RunKey:
        return _begun(self._run)

    @property
    def spool(self) -> Spool:
        return _begun(self._spool)

    @property
    def is_open(self) -> bool:
        return self._run is not None

    def open(self) -> None:
        """Connect, lock the site, insert the run's row, and store what earlier runs spooled.

        Blocks. Raise SiteIsTaken, with the run's row inserted, while another run of the site is under way; raise
        StorageError where the database cannot be used.
        """
        self._database = self._opened.enter_context(configured_database(self.crawler.settings))
        schema_version.check(self._database.engine)
        site = self.spider.site_address.name
        self._lock = SiteLock(self._database.engine, site)
        self._opened.callback(self._lock.release)
        try:
            # A stop during the wait leaves this thread behind, which must not begin a run then.
            self._lock.take(self.spider.arguments.wait, gives_up=lambda: not self.crawler.crawling)
        except SiteIsTaken:
            # Closed: the run that holds the site would take an open row for that of a dead run.
            self._run = self._begin(ended=RunEnd(CloseReason.OVERLAP, "refused"))
            raise
        self._keep_away(site)
        # Not earlier, for the same reason.
        self._run = self._begin()
        self._drain(self._run, site)
        # After the drain, which may close the row that this query returns.
        arguments = self.spider.arguments
        rendered = self.query(runs.latest_stats, self._run) if arguments.render == "auto" else {}
        discovered = self.query(runs.discovery_stats, self._run) if arguments.reads_feeds else {}
        self.spider.remember(rendered | discovered)
        if dead := self.query(abort_dead_runs, self._run):
            logger.warning("Earlier runs of %s that were killed, and whose work is continued: %d", site, dead)
            self.crawler.stats.set_value(Stat.RUN_DEAD, dead)
        if dated := self.query(read_dates_again, self._run, datetime.now(UTC)):
            self.crawler.stats.set_value(Stat.DATE_READ_AGAIN, dated)

    def _keep_away(self, site: str) -> None:
        """Take over the pauses that hosts asked earlier runs for. Raise SiteIsPaused for that of the site, with a row inserted."""
        pauses = HostPauses.of(self.crawler)
        longest = self.crawler.settings.getfloat("HOST_PAUSE_MAX")
        pauses.restore(self.query(runs.host_pauses, site, longest))
        if until := pauses.until(urlsplit(self.spider.site_address.url).netloc):
            self._run = self._begin(ended=RunEnd(CloseReason.RETRY_LATER, "refused"))
            raise SiteIsPaused(
                f"{site} has asked an earlier run not to come back before {until}: nothing is fetched; "
                "-s HOST_PAUSE_MAX=0 crawls it all the same"
            )

    def _begin(self, ended: RunEnd | None = None) -> RunKey:
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
            ended=ended,
        )
        self.crawler.stats.set_value(Stat.RUN_ID, run.run_id)
        self.crawler.stats.set_value(Stat.RUN_MODE, spider.arguments.mode)
        self.crawler.stats.set_value(Stat.RUN_DATABASE, self.database.place)
        return run

    def _drain(self, run: RunKey, site: str) -> None:
        settings, engine = self.crawler.settings, self.database.engine
        folder = spool_folder(settings)
        head = Head(run_id=run.run_id, site=site, database=runs.identity(engine))
        self._spool = Spool(folder, head)
        batch_size = settings.getint("PERSIST_BATCH_SIZE")
        try:
            drained = Drain(engine, folder, head, batch_size, self._patience).into(run)
        except StorageError as error:
            self.lost = error
            raise
        if drained:
            self.crawler.stats.set_value(Stat.SPOOL_DRAINED, drained)

    def query(self, call: Query[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        """Call ``call`` with a connection and the arguments, in a transaction of its own; return its result.

        Blocks. Raise StorageError where the database does not answer for ``STORAGE_PATIENCE`` seconds.
        """
        return query(
            self.database.engine, lambda connection: call(connection, *arguments, **named), patience=self._patience
        )

    def keep_alive(self) -> None:
        """Ensure that this run still holds the site. Blocks. Raise SiteIsTaken where another run took it."""
        if self._lock is not None:
            self._lock.keep_alive()

    def mark_lost(self, error: StorageError) -> None:
        """Give up the database for the rest of the run."""
        self.lost = error
        self.report(error)

    @property
    def lost_reason(self) -> str:
        """Close reason of a run whose items can no longer be written."""
        return CloseReason.CODE_ERROR if isinstance(self.lost, CodeError) else CloseReason.STORAGE_UNAVAILABLE

    def report(self, error: StorageError) -> None:
        """Write the error to the log and to the run's statistics, as one line."""
        logger.error("%s", error)
        self.crawler.stats.set_value(Stat.RUN_COMPLAINT, str(error))

    def _item_scraped(self, item: Any) -> None:
        """Count the items of a run without a database; a run with one counts them when they are written."""
        if not self.is_open and isinstance(item, Item):
            self._count(item)
            self.ledger.close(item)

    def _count(self, item: Item) -> None:
        outcome, reason = (item.outcome, item.reason) if isinstance(item, Outcome) else ("read", None)
        for name, times in Written(outcome, reason).tally(item).items():
            self.crawler.stats.inc_value(name, times)

    async def _spider_closed(self, spider: Spider, reason: str) -> None:
        del spider
        # Scrapy closes the feeds on the same signal, and the verdict has to count a feed that fails then.
        if self.crawler.get_extension(FeedExporter):
            await self._feeds_closed.wait()
        await asyncio.to_thread(self._close, reason)
        self._of.pop(self.crawler, None)

    def _close(self, reason: str) -> None:
        with self._opened:
            if self.is_open:
                self._finish(reason)
            else:
                for outcome in self.ledger.unfinished():
                    self._count(outcome)
                self._judge(reason, None)

    def _finish(self, reason: str) -> None:
        """Close the run's row, or spool how the run ended, for the next run to close it."""
        if self.lost is None:
            try:
                self._mark_articles()
                self._process_texts()
                for state, count in self.query(runs.article_counts, self.run).items():
                    self.crawler.stats.set_value(Stat.articles(state), count)
                end = self._judge(reason, self._history())
                finish_run(self.database.engine, self.run, patience=self._patience, **end)
            except StorageError as error:
                self.mark_lost(error)
        if self.lost is not None:
            self._spool_end()

    def _mark_articles(self) -> None:
        """Decide what only the whole run can tell: which articles are gone, and which pages were notices."""
        marked = self.query(disappearance.mark_gone, self.run)
        withdrawn = self.query(notices.withdraw, self.run)
        for name, count in (
            (Stat.ARTICLE_MOVED, len(marked.moved)),
            *((Stat.moved(kind), count) for kind, count in Counter(marked.moved).items()),
            (Stat.ARTICLE_WITHDRAWN, withdrawn),
            (Stat.ARTICLE_GONE, marked.gone),
            (Stat.TEASER_REMOVED, marked.removed_teasers),
            (Stat.ARTICLE_DISAPPEARED, marked.disbelieved),
        ):
            if count:
                self.crawler.stats.inc_value(name, count)

    def _process_texts(self) -> None:
        """Process the texts that are left, and count those that could not be processed."""
        engine = self.database.engine
        with_retries(lambda: queue.process_queue(engine, most=MOST_TEXTS), patience=self._patience)
        failed, cut = self.query(queue.faults, self.run)
        waiting = self.query(queue.state).waiting
        for name, count in ((Stat.TEXT_FAILED, failed), (Stat.TEXT_CUT, cut), (Stat.TEXT_WAITING, waiting)):
            if count:
                self.crawler.stats.set_value(name, count)

    def _history(self) -> History:
        return History(
            healthy=self.query(runs.healthy_stats, self.run),
            silent_days=self.query(runs.silent_days, self.run),
            silent_after=self.crawler.settings.getfloat("SILENT_AFTER"),
            outcomes=sum(self.query(runs.outcome_counts, self.run).values()),
        )

    def _spool_end(self) -> None:
        end = self._judge(self.lost_reason, None)
        try:
            self.spool.close(Closing(at=datetime.now(UTC).isoformat(), **end))
        # StorageError: there is no spool yet where the database was lost while the run began.
        except (OSError, StorageError) as error:
            logger.error("Could not write the end of the run to the spool: %s", error)  # noqa: TRY400 - one line

    def _judge(self, reason: str, history: History | None) -> dict[str, Any]:
        stats = self.crawler.stats
        stats.set_value(Stat.REQUESTED, self.ledger.requested)
        verdict, reasons = judge(stats.get_stats(), reason, history)
        stats.set_value(Stat.RUN_REASON, reason)
        stats.set_value(Stat.RUN_VERDICT, verdict)
        stats.set_value(Stat.RUN_REASONS, reasons)
        if self._spool is not None and self._spool.path is not None:
            stats.set_value(Stat.SPOOL_FILE, str(self._spool.path))
        as_json = {name: _json_value(value) for name, value in sorted(stats.get_stats().items())}
        return {"reason": reason, "verdict": verdict, "stats": as_json}


def _begun(value: Result | None) -> Result:
    if value is None:
        raise StorageError("the run has not begun")
    return value


def _json_value(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool | list | None) else str(value)
