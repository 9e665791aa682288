"""Items become rows. What is being written while others arrive makes the next batch: nobody waits for a timer."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem

from pipelines.session import Session
from pipelines.storage.database import StorageError
from pipelines.storage.writer import Written, write

_TROUBLES = ("rejected", "failed", "skipped")


class NotStoredError(DropItem):
    """The database could not take the item, and the run is being stopped for it."""


class PersistPipeline:
    """``process_item`` returns only after the item's transaction is committed."""

    def __init__(self, crawler: Crawler, session: Session, batch_size: int, patience: float) -> None:
        self.crawler = crawler
        self.session = session
        self.batch_size = batch_size
        self.patience = patience
        self._waiting: list[tuple[Any, asyncio.Future[Written]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._lost: StorageError | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        return cls(
            crawler,
            Session.of(crawler),
            batch_size=settings.getint("PERSIST_BATCH_SIZE"),
            patience=settings.getfloat("STORAGE_PATIENCE"),
        )

    async def open_spider(self) -> None:
        try:
            await asyncio.to_thread(self.session.open)
        except StorageError as error:
            self.session.complain(error)
            raise CloseSpider("database_refused") from None

    async def process_item(self, item: Any) -> Any:
        if self._lost is not None:
            raise NotStoredError(str(self._lost))
        committed: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, committed))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_waiting())
        try:
            written = await committed
        except StorageError as error:
            raise NotStoredError(str(error)) from None
        self._count(item, written)
        self.session.accounts.settle(item)
        return item

    async def close_spider(self) -> None:
        if not self.session.is_open or self._lost is not None:
            return
        left = [
            (outcome, asyncio.get_running_loop().create_future())
            for outcome in self.session.accounts.unsettled()
        ]
        self._waiting += left
        await self._write_waiting()
        for outcome, committed in left:
            if committed.exception() is None:
                self._count(outcome, committed.result())

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self.batch_size], self._waiting[self.batch_size :]
            try:
                written = await asyncio.to_thread(self._write, [item for item, _ in batch])
                for (_, committed), result in zip(batch, written, strict=True):
                    committed.set_result(result)
            except Exception as error:  # noqa: BLE001 - each waiting item must hear of it, whatever it is
                self._fail([*batch, *self._waiting], error)

    def _fail(self, waiting: list[tuple[Any, asyncio.Future[Written]]], error: Exception) -> None:
        """Stop the run: what is not stored must not be taken for done, and waiting once for a database is enough."""
        self._waiting = []
        if self._lost is None:
            self._lost = (
                error if isinstance(error, StorageError) else StorageError(f"{type(error).__name__}: {error}")
            )
            self.session.complain(self._lost)
            self._closing = asyncio.ensure_future(
                self.crawler.engine.close_spider_async(reason="storage_unavailable")
            )
        for _, committed in waiting:
            if not committed.done():
                committed.set_exception(self._lost)

    def _write(self, items: list[Any]) -> list[Written]:
        return write(self.session.database.engine, self.session.run, items, patience=self.patience)

    def _count(self, item: Any, written: Written) -> None:
        stats = self.crawler.stats
        for fetch in (item.fetch, *getattr(item, "parts", ())):
            stats.inc_value(f"outcome/{fetch.kind}/{written.outcome}")
        if written.reason and written.outcome in _TROUBLES:
            stats.inc_value(f"reason/{written.reason}")
        for event, times in written.counts.items():
            stats.inc_value(event, times)
