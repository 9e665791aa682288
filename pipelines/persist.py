"""Store items in batches. Items that arrive during a write make the next batch, so no timer delays them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem

from pipelines.run.context import RunContext, SiteIsPaused
from pipelines.storage.db.errors import CodeError, StorageError
from pipelines.storage.db.site_lock import SiteIsTaken
from pipelines.storage.spill.codec import encode
from pipelines.storage.write.outcomes import Written
from pipelines.storage.write.writer import write
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

Saved = asyncio.Future[Written | None]
"""Resolves when the item is stored; to ``None`` where it went to the spool."""


class NotStoredError(DropItem):
    """The item could be stored neither in the database nor in the spool."""


class PersistPipeline:
    """Store each item; ``process_item`` returns only after its transaction is committed.

    If the database does not answer for ``patience`` seconds, or the writing code fails, stop the run and write what is
    not committed to the spool: ``process_item`` then returns when the item is on disk.
    """

    def __init__(self, crawler: Crawler, context: RunContext, batch_size: int, patience: float) -> None:
        self.crawler = crawler
        self.context = context
        self.batch_size = batch_size
        self.patience = patience
        self._waiting: list[tuple[Any, Saved]] = []
        self._writing: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        return cls(
            crawler,
            RunContext.of(crawler),
            batch_size=settings.getint("PERSIST_BATCH_SIZE"),
            patience=settings.getfloat("STORAGE_PATIENCE"),
        )

    async def open_spider(self) -> None:
        try:
            await asyncio.to_thread(self.context.open)
        except SiteIsTaken as error:
            self.context.report(error)
            raise CloseSpider(CloseReason.OVERLAP) from None
        except SiteIsPaused as error:
            self.context.report(error)
            raise CloseSpider(CloseReason.RETRY_LATER) from None
        except StorageError as error:
            self.context.report(error)
            raise CloseSpider(CloseReason.DATABASE_REFUSED) from None

    async def process_item(self, item: Any) -> Any:
        saved: Saved = asyncio.get_running_loop().create_future()
        self._waiting.append((item, saved))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_waiting())
        self._count(item, await saved)
        self.context.ledger.close(item)
        return item

    async def close_spider(self) -> None:
        if not self.context.is_open:
            return
        unfinished = [
            (outcome, asyncio.get_running_loop().create_future()) for outcome in self.context.ledger.unfinished()
        ]
        self._waiting += unfinished
        await self._write_waiting()
        for outcome, saved in unfinished:
            if saved.exception() is None:
                self._count(outcome, saved.result())

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self.batch_size], self._waiting[self.batch_size :]
            items = [item for item, _ in batch]
            try:
                written: list[Written] | list[None] = await self._store(items) or await self._spool(items)
            except Exception as error:  # noqa: BLE001 - every waiting item has to fail, or its task never ends
                self._report_loss(items, error)
                for _, saved in batch:
                    saved.set_exception(NotStoredError(str(error), log_level="DEBUG"))  # one line is enough
            else:
                for (_, saved), result in zip(batch, written, strict=True):
                    saved.set_result(result)

    async def _store(self, items: list[Any]) -> list[Written] | None:
        """Return what became of each item; ``None`` where the database is lost."""
        if self.context.lost is None:
            try:
                return await asyncio.to_thread(self._write, items)
            except Exception as error:  # noqa: BLE001 - whatever was raised, these items are not stored
                self._stop(error)
        return None

    def _write(self, items: list[Any]) -> list[Written]:
        self.context.keep_alive()
        return write(self.context.database.engine, self.context.run, items, patience=self.patience)

    def _stop(self, error: Exception) -> None:
        self.context.mark_lost(error if isinstance(error, StorageError) else CodeError(error))
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=self.context.lost_reason))

    async def _spool(self, items: list[Any]) -> list[None]:
        await asyncio.to_thread(self.context.spool.append, [encode(item) for item in items])
        return [None] * len(items)

    def _report_loss(self, items: list[Any], error: Exception) -> None:
        self.crawler.stats.inc_value(Stat.SPOOL_LOST, len(items))
        logger.error("Neither the database nor the spool takes %d items: %s", len(items), error)

    def _count(self, item: Any, written: Written | None) -> None:
        stats = self.crawler.stats
        for name, times in (written.tally(item) if written else {Stat.SPOOL_WRITTEN: 1}).items():
            stats.inc_value(name, times)
