"""Read archived articles again by a site's spider, without the network. Raises nothing for a single page: it tells why it was not read."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from pipelines.storage.read.rereading import Archived
from pipelines.validate import ValidatePipeline
from smartdaily_crawler.archive.evidence import response_of
from smartdaily_crawler.archive.places import NoRecordError, Place, record_at
from smartdaily_crawler.crawl.fetches import request_of
from smartdaily_crawler.crawl.news_spider import NewsSpider
from smartdaily_crawler.items import Article, Outcome
from smartdaily_crawler.network.guard import NetworkGuard
from smartdaily_crawler.request_meta import Meta

NO_RECORD, NO_PART = "no_record", "part_not_archived"
FAULTS = (NO_RECORD, NO_PART, "dead_letter")
"""Reasons that are no answer of the reader: records that are not there, and items that the database refused."""


@dataclass(frozen=True, slots=True)
class Reread:
    """What became of an article's archived page."""

    url: str
    article: Article | None
    """What it reads as today; ``None`` if it was not read, or is no article."""
    reason: str | None = None
    """Why it was not."""
    detail: str = ""
    """About a record that is not there."""


@dataclass(frozen=True)
class ReaderOptions:
    """What each process makes its spider of."""

    spider: type[NewsSpider]
    settings: Settings
    arguments: Mapping[str, Any]
    list_pages: Sequence[str]
    at: datetime
    """Time of the run, timezone-aware."""


def make_spider(options: ReaderOptions) -> NewsSpider:
    """Return a spider that reads as in a crawl, but resolves no name, renders nothing and follows no link. Raise ArgumentError."""
    crawler = Crawler(options.spider, options.settings.copy())
    crawler.stats = load_object(crawler.settings["STATS_CLASS"])(crawler)
    offline = {"render": "never", "follow_teasers": "false"}
    crawler.spider = spider = options.spider.from_crawler(crawler, **{**options.arguments, **offline})
    spider.list_pages.update(options.list_pages)
    NetworkGuard.of(crawler).stay_offline()
    return spider


class Reader:
    """Read archived articles by one spider."""

    def __init__(self, options: ReaderOptions) -> None:
        self.spider = make_spider(options)
        crawler = self.spider.crawler
        self.folder = Path(crawler.settings["ARCHIVE"])
        self.at = options.at
        self._decoder = HttpCompressionMiddleware(crawler=crawler)
        self._validate = ValidatePipeline(crawler.stats)

    def read(self, articles: Iterable[Archived]) -> list[Reread]:
        return asyncio.run(self._read(articles))

    async def _read(self, articles: Iterable[Archived]) -> list[Reread]:
        return [await self._reread(archived) for archived in articles]

    async def _reread(self, archived: Archived) -> Reread:
        try:
            first, *parts = [self._response(place) for place in archived.record.split()]
        except (NoRecordError, IgnoreRequest, ValueError) as error:
            return Reread(archived.url, None, NO_RECORD, str(error))
        further = {request_of(part).meta[Meta.REQUESTED_URL]: part for part in parts}
        outputs = self.spider.parse_article(first)
        while True:
            part: Request | None = None
            async for output in outputs:
                if isinstance(output, Article | Outcome):
                    return self._done(archived, output)
                if isinstance(output, Request) and output.meta.get(Meta.KIND) == "part":
                    part = output
            shown = further.pop(part.meta[Meta.REQUESTED_URL], None) if part else None
            if part is None or shown is None:
                return Reread(archived.url, None, NO_PART)
            outputs = self.spider.parse_part(shown, **part.cb_kwargs)

    def _response(self, place: str) -> Response:
        return response_of(record_at(self.folder, Place.parse(place)), place, self.at, self._decoder)

    def _done(self, archived: Archived, output: Article | Outcome) -> Reread:
        item = self._validate.process_item(output)
        if isinstance(item, Outcome):
            return Reread(archived.url, None, item.reason or item.outcome)
        # Later answers have said that the page is unchanged.
        item.fetch.fetched_at = archived.last_fetched_at
        return Reread(archived.url, item)


@contextmanager
def readers(options: ReaderOptions, workers: int) -> Iterator[Any]:
    """Yield a function that takes the articles in chunks, and yields what became of each chunk, in that order.

    :param workers: processes; with 1 this one reads.
    """
    if workers == 1:
        reader = Reader(options)
        yield lambda chunks: map(reader.read, chunks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(options,)) as pool:
        yield lambda chunks: _in_order(pool, chunks, ahead=2 * workers)


def _in_order(pool: Executor, chunks: Iterable[Any], *, ahead: int) -> Iterator[list[Reread]]:
    """Yield what is read of each chunk; of those that nobody has asked for, *ahead* are read at most."""
    reading: deque[Future[list[Reread]]] = deque()
    for chunk in chunks:
        reading.append(pool.submit(_read, chunk))
        if len(reading) > ahead:
            yield reading.popleft().result()
    while reading:
        yield reading.popleft().result()


_reader: list[Reader] = []
"""That of a process of the pool."""


def _start(options: ReaderOptions) -> None:
    _reader.append(Reader(options))


def _read(articles: Sequence[Archived]) -> list[Reread]:
    return _reader[0].read(articles)
