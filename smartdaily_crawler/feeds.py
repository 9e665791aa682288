"""Scrapy's feeds, with one flat row per article; a feed that cannot be written fails the run.

``docs/feeds.md`` describes the columns.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, tzinfo
from io import BytesIO
from typing import Any, Self
from urllib.parse import urlsplit

from itemadapter import ItemAdapter
from scrapy import Spider, exporters, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.extensions import feedexport
from scrapy.extensions.feedexport import FeedSlot, ItemFilter
from scrapy.utils.defer import ensure_awaitable

from smartdaily_crawler.items import Article, Listing, Navigation, Outcome
from smartdaily_crawler.reasons import CloseReason
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

_NESTED = ("canonical", "fetch", "parts", "images", "teasers")
"""Fields of an article that are not written as columns of the same name."""
_BATCH = re.compile(r"%\(batch_(time\)s|id\))")
"""Tells the files of a feed in batches apart."""


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

    For one row per article, a page that names another URL as canonical is written at the end, unless the page there was read and has
    the same title.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._alternates: list[Article] = []
        self._titles: dict[str, str | None] = {}
        """Title of each article written, by its URL."""

    def _load_filter(self, feed_options: dict[str, Any]) -> ItemFilter:
        return super()._load_filter({"item_filter": FeedFilter, **feed_options})

    # Scrapy would write no feed at all and end the run as if there were none; see _check.
    def _exporter_supported(self, format_: str) -> bool:
        del format_
        return True

    def _settings_are_valid(self) -> bool:
        return True

    def _storage_supported(self, uri: str, feed_options: dict[str, Any]) -> bool:
        del uri, feed_options
        return True

    def _check(self, uri: str, options: Mapping[str, Any]) -> None:
        """Raise ``ValueError`` for a feed that nothing here can write, or what its storage raises."""
        if (format_ := options["format"]) not in self.exporters:
            raise ValueError(f"there is no format {format_!r}; known: {', '.join(sorted(self.exporters))}")
        if (scheme := urlsplit(uri).scheme) not in self.storages:
            raise ValueError(f"there is no storage {scheme!r}; known: {', '.join(sorted(self.storages))}")
        if options["batch_item_count"] and not _BATCH.search(uri):
            raise ValueError("batch_item_count needs %(batch_id)d or %(batch_time)s in the URL")
        self._get_storage(uri, dict(options))

    def open_spider(self, spider: Spider) -> None:
        for uri, options in self.feeds.items():
            try:
                self._check(uri, options)
            except Exception as error:  # noqa: BLE001 - a storage raises what it likes
                self._report(uri, error)
        if self.crawler.stats.get_value(Stat.FEED_FAILED):
            raise CloseSpider(CloseReason.FEED_FAILED)
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
            if item.canonical:
                self._alternates.append(item)
                return
            self._titles[item.url] = item.title
        self._export(item, spider)

    async def close_spider(self, spider: Spider) -> None:
        for article in self._alternates:
            if self._titles.get(article.canonical or "") == article.title:
                continue
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
        """As Scrapy's, which logs a failure with its traceback and does not count whose it was."""
        del spider
        storage = type(slot.storage).__name__
        try:
            if not slot.itemcount:
                if not slot.store_empty or slot.batch_id > 1:
                    return
                slot.start_exporting()
            slot.finish_exporting()
            await ensure_awaitable(slot.storage.store(self._get_file(slot)))
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(slot, error)
            self.crawler.stats.inc_value(f"feedexport/failed_count/{storage}")
        else:
            text = "Stored %s feed (%d items) in: %s"
            logger.info(text, slot.format, slot.itemcount, _without_password(slot.uri))
            self.crawler.stats.inc_value(f"feedexport/success_count/{storage}")
        await self.crawler.signals.send_catch_log_async(signals.feed_slot_closed, slot=slot)

    def _fail(self, slot: FeedSlot, error: Exception) -> None:
        self._report(slot.uri, error)
        if slot.file is not None:
            with suppress(OSError, ValueError):
                slot.file.close()

    def _report(self, uri: str, error: Exception) -> None:
        text = f"feed {_without_password(uri)} could not be written: {str(error) or type(error).__name__}"
        logger.error("%s", text)
        stats = self.crawler.stats
        stats.set_value(Stat.FEED_FAILED, [*stats.get_value(Stat.FEED_FAILED, ()), text])


def _without_password(uri: str) -> str:
    """Return *uri* without the user and password of an FTP or S3 URL.

    >>> _without_password("ftp://me:secret@files.example/out.csv")
    'ftp://files.example/out.csv'
    >>> _without_password("out.csv")
    'out.csv'
    """
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
