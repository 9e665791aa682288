"""Write every response to the archive as the downloader returned it: redirects, errors, retries, ``robots.txt`` and pictures, too."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from smartdaily_crawler.archive.evidence import evidence_of
from smartdaily_crawler.crawl.protocol import walk_spider
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from smartdaily_crawler.archive.writing import ArchiveWriter, Exchange, Kept

logger = logging.getLogger(__name__)

_CONDITIONS = ("If-None-Match", "If-Modified-Since")


class ArchiveMiddleware:
    """Stands nearest to the downloader. A response goes on when it is written, by a thread: an item is never stored before its page.

    An article is requested without conditions if the archive has not the page that they are about: it would stay without it. A response
    that the folder does not take is counted, told once in the log, and goes on.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.folder = Path(crawler.settings["ARCHIVE"])
        self._writer: ArchiveWriter | None = None
        # One thread: it keeps the records whole and in their order.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings["ARCHIVE"] or walk_spider(crawler) is None:
            raise NotConfigured
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        for name in (Meta.RECORD, Meta.ANSWERED_AT):  # of an earlier response
            request.meta.pop(name, None)
        known = request.meta.get(Meta.KNOWN_RECORD)
        if request.meta.get(Meta.KIND) == "article" and not (known and self._has_file(known)):
            for name in _CONDITIONS:
                request.headers.pop(name, None)

    async def process_response(self, request: Request, response: Response) -> Response:
        # Loaded here: the module needs an extra.
        from smartdaily_crawler.archive.writing import Exchange  # noqa: PLC0415

        began, now = monotonic(), datetime.now(UTC)
        exchange = Exchange(
            url=response.url,
            at=now,
            method=request.method,
            request_headers=_headers(request),
            request_body=request.body,
            status=response.status,
            headers=_headers(response),
            body=response.body,
            evidence=evidence_of(request, response),
            known=request.meta.get(Meta.KNOWN_RECORD),
        )
        stats = self.crawler.stats
        try:
            kept = await asyncio.get_running_loop().run_in_executor(self._thread, self._write, exchange)
        except (OSError, ValueError) as error:  # ValueError: what a header or an address cannot be written as
            self._failed(error)
            return response
        request.meta[Meta.RECORD], request.meta[Meta.ANSWERED_AT] = kept.place, now
        stats.inc_value(Stat.ARCHIVE_WRITTEN)
        stats.inc_value(Stat.ARCHIVE_BYTES, kept.size)
        stats.inc_value(Stat.ARCHIVE_MS, round((monotonic() - began) * 1000))
        if kept.is_revisit:
            stats.inc_value(Stat.ARCHIVE_REVISIT)
        return response

    def _write(self, exchange: Exchange) -> Kept:
        if self._writer is None:
            self._writer = self._open()
        return self._writer.write(exchange)

    def _open(self) -> ArchiveWriter:
        from smartdaily_crawler.archive.writing import ArchiveWriter  # noqa: PLC0415 - as above

        settings, spider = self.crawler.settings, self.crawler.spider
        site = spider.site_address.name  # type: ignore[union-attr]  # it walks a site
        info = {
            "software": f"smartdaily-crawler/{settings['CRAWLER_VERSION']}",
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "isPartOf": site,
            "run": str(self.crawler.stats.get_value(Stat.RUN_ID) or ""),
            "parserVersion": spider.parser_version,  # type: ignore[union-attr]  # as above
            "hostname": gethostname(),
            "http-header-user-agent": settings["USER_AGENT"],
            "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        }
        return ArchiveWriter(self.folder, site, info, most=settings.getint("ARCHIVE_FILE_SIZE"))

    def _has_file(self, known: str) -> bool:
        return (self.folder / known.rpartition(":")[0]).is_file()

    def _failed(self, error: OSError | ValueError) -> None:
        stats = self.crawler.stats
        if not stats.get_value(Stat.ARCHIVE_FAILED):
            logger.error("ARCHIVE takes no record, the run goes on without: %s", error)
        stats.inc_value(Stat.ARCHIVE_FAILED)

    async def _closed(self) -> None:
        try:
            if self._writer is not None:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
        except OSError as error:
            self._failed(error)
        self._thread.shutdown(wait=False)


def _headers(message: Request | Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    ]
