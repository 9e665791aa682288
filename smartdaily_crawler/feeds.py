"""Scrapy's feeds, with one flat row per article; a feed that cannot be written fails the run.

``docs/feeds.md`` describes the columns.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, tzinfo
from io import BytesIO
from typing import IO, Any, Self
from urllib.parse import urlsplit

from itemadapter import ItemAdapter
from scrapy import Spider, exporters
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.extensions import feedexport
from scrapy.extensions.feedexport import FeedSlot, ItemFilter
from scrapy.utils.defer import ensure_awaitable

from smartdaily_crawler.items import Article, Listing, Navigation, Outcome
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

_NESTED = ("fetch", "parts", "images", "teasers")
"""Fields of an article that are not written as columns of the same name."""


def row(article: Article, zone: tzinfo) -> dict[str, Any]:
    """Return *article* as a flat row: texts, numbers, lists of texts, and ``provenance``. Absent values are ``None``.

    Dates and times are ISO 8601; times have the offset of *zone*.
    """
    fetch = article.fetch
    columns = {name: value for name, value in ItemAdapter(article).items() if name not in _NESTED}
    columns |= {
        "body": "\n\n".join(article.body),
        "image_url": article.images[0].url if article.images else None,
        "image_urls": [image.url for image in article.images],
        "image_captions": [image.caption or "" for image in article.images],
        "requested_url": fetch.url,
        "final_url": fetch.final_url,
        "status": fetch.status,
        "fetched_at": fetch.fetched_at,
        "renderer": fetch.renderer,
        "pages": 1 + len(article.parts),
    }
    return {name: _iso(value, zone) for name, value in columns.items()}


def _iso(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return value.isoformat() if isinstance(value, date) else value


class _ArticleRows(exporters.BaseItemExporter):
    """Mixin of an exporter that writes an ``Article`` as a row, and other items as Scrapy does."""

    crawler: Crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: BytesIO, *args: Any, **kwargs: Any) -> Self:
        exporter = cls(file, *args, **kwargs)  # type: ignore[call-arg,arg-type]  # of the exporter that follows
        exporter.crawler = crawler
        return exporter

    def export_item(self, item: Any) -> None:
        if isinstance(item, Article):
            spider: Any = self.crawler.spider  # only a SiteSpider yields articles
            item = self.arrange(row(item, spider.zone))
        super().export_item(item)  # type: ignore[safe-super]  # an exporter follows the mixin

    def arrange(self, columns: dict[str, Any]) -> dict[str, Any]:
        """Return the columns with values converted for the format."""
        return columns


class JsonExporter(_ArticleRows, exporters.JsonItemExporter):
    """Exporter for ``json``."""


class JsonLinesExporter(_ArticleRows, exporters.JsonLinesItemExporter):
    """Exporter for ``jsonl``, ``jsonlines`` and ``jl``."""


class XmlExporter(_ArticleRows, exporters.XmlItemExporter):
    """Exporter for ``xml``, without absent values."""

    def arrange(self, columns: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in columns.items() if value is not None}


class CsvExporter(_ArticleRows, exporters.CsvItemExporter):
    """Exporter for ``csv``: texts of a list are joined by newlines, ``provenance`` is JSON."""

    def __init__(self, file: BytesIO, **kwargs: Any) -> None:
        # Scrapy would write another header with each run that appends to the file.
        kwargs.setdefault("include_headers_line", not (file.seekable() and file.tell()))
        kwargs.setdefault("join_multivalued", "\n")
        super().__init__(file, **kwargs)

    def arrange(self, columns: dict[str, Any]) -> dict[str, Any]:
        return {
            name: json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else value
            for name, value in columns.items()
        }


class PickleExporter(_ArticleRows, exporters.PickleItemExporter):
    """Exporter for ``pickle``."""


class MarshalExporter(_ArticleRows, exporters.MarshalItemExporter):
    """Exporter for ``marshal``."""


class FeedFilter(ItemFilter):
    """Accept the classes in ``item_classes`` of the feed; without any, all but navigations, listings and outcomes."""

    def accepts(self, item: Any) -> bool:
        if self.item_classes:
            return super().accepts(item)
        return not isinstance(item, Navigation | Listing | Outcome)


class FeedExporter(feedexport.FeedExporter):
    """Scrapy's feed exporter, which adds each feed that cannot be written to the statistic ``feed/failed``, with the reason.

    A feed that cannot be opened ends the run before a page is requested, as the next incremental run would not yield
    the same articles again. A feed that fails later is closed, and the others continue.

    For one row per article, an article read at an alias is written at the end, unless its canonical page was read.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._aliases: dict[str, Article] = {}

    def _load_filter(self, feed_options: dict[str, Any]) -> ItemFilter:
        return super()._load_filter({"item_filter": FeedFilter, **feed_options})

    def open_spider(self, spider: Spider) -> None:
        super().open_spider(spider)
        # A feed that is not stored if empty gets its file with the first item.
        opened = [slot for slot in self.slots if not slot.store_empty or self._open(slot)]
        if len(opened) < len(self.slots):
            self.slots = opened
            raise CloseSpider(CloseReason.FEED_FAILED)

    def _open(self, slot: FeedSlot) -> bool:
        try:
            slot.start_exporting()
        except Exception as error:  # noqa: BLE001 - a storage may raise any exception
            self._fail(slot, error)
            return False
        return True

    def item_scraped(self, item: Any, spider: Spider) -> None:
        if isinstance(item, Article):
            if item.url not in (item.fetch.url, item.fetch.final_url):
                self._aliases[item.url] = item
                return
            self._aliases.pop(item.url, None)
        self._export(item, spider)

    async def close_spider(self, spider: Spider) -> None:
        for article in self._aliases.values():
            self._export(article, spider)
        await super().close_spider(spider)

    def _export(self, item: Any, spider: Spider) -> None:
        slots, kept = self.slots, []
        for slot in slots:
            self.slots = [slot]
            try:
                super().item_scraped(item, spider)
            except Exception as error:  # noqa: BLE001 - as above
                self._fail(slot, error)
            else:
                kept += self.slots
        self.slots = kept

    async def _close_slot(self, slot: FeedSlot, spider: Spider) -> None:
        store = slot.storage.store

        async def watched(file: IO[bytes]) -> None:
            try:
                await ensure_awaitable(store(file))
            except Exception as error:
                self._fail(slot, error)
                raise

        slot.storage.store = watched  # type: ignore[method-assign,assignment]  # Scrapy counts failures, but not by feed
        try:
            await super()._close_slot(slot, spider)
        except Exception as error:  # noqa: BLE001 - the end of the file could not be written
            self._fail(slot, error)

    def _fail(self, slot: FeedSlot, error: Exception) -> None:
        text = f"feed {_without_password(slot.uri)} could not be written: {error}"
        logger.error("%s", text)
        stats = self.crawler.stats
        stats.set_value(Stat.FEED_FAILED, [*stats.get_value(Stat.FEED_FAILED, ()), text])
        if slot.file is not None:
            with suppress(OSError, ValueError):
                slot.file.close()


def _without_password(uri: str) -> str:
    """Return *uri* without the user and password of an FTP or S3 address.

    >>> _without_password("ftp://me:secret@files.example/out.csv")
    'ftp://files.example/out.csv'
    >>> _without_password("out.csv")
    'out.csv'
    """
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
