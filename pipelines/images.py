"""Keep the pictures of articles, beside the walk: neither a batch nor an article waits for them."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from io import BytesIO
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.pipelines.images import ImagesPipeline

from pipelines.run.context import RunContext
from pipelines.storage import images
from pipelines.storage.images import ImageFile, KeptImage
from smartdaily_crawler.items import Article
from smartdaily_crawler.network.failures import GONE, without_response
from smartdaily_crawler.politeness import is_stopping, wake
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

_PER_ARTICLE = 200
"""Pictures of one article that are requested."""
_LEFT = 10_000
"""Pictures that a run takes over from earlier ones."""
_ARTICLES = 32
"""Articles whose pictures are requested at a time; those of the others wait as URLs, which take less memory."""
_PER_HOST = 2
"""Requests to a host at a time; the others do not take the places of requests to other hosts."""
_ACCEPT = "image/avif,image/webp,image/png,image/jpeg,image/gif"
_OK = 200


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The pictures of one article; in place of its item, which would stay in memory for as long as they take."""

    page: str
    urls: list[str]
    known: dict[str, KeptImage] = field(default_factory=dict)


class ArticleImages(ImagesPipeline):
    """Keep the pictures of each article that was passed on, in the folder ``IMAGES_STORE``. Disabled if that is empty.

    A picture is requested as a page is: the guard, robots.txt, the pace of its host, size and timeouts apply. A file has the bytes as
    they came, once for all URLs with the same, and its name is their sha256. Each picture gets a row with its outcome; no outcome
    changes that of the article. What is in the store is not requested for ``IMAGES_EXPIRES`` days, nor what was rejected. What a
    stopped or killed run has left is requested by the next one, whether or not it reads the article.
    """

    def __init__(self, store_uri: str, *, crawler: Crawler) -> None:
        super().__init__(store_uri, crawler=crawler)
        self.context = RunContext.of(crawler)
        self._tasks: set[asyncio.Task[None]] = set()
        self._outcomes: list[tuple[str, KeptImage]] = []
        self._writing: asyncio.Task[None] | None = None
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_PER_HOST))
        # Half of the engine's places: pictures must not keep pages waiting.
        self._places = asyncio.Semaphore(max(1, crawler.settings.getint("CONCURRENT_REQUESTS") // 2))
        self._articles = asyncio.Semaphore(_ARTICLES)
        self._database = asyncio.Lock()
        self._decoder = asyncio.Lock()
        """Held while a picture is decoded, so that there is one in memory."""
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._idle, signals.spider_idle)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings["IMAGES_STORE"]:
            raise NotConfigured
        return super().from_crawler(crawler)

    async def process_item(self, item: Any) -> Any:  # type: ignore[override]  # without Scrapy's former argument
        """Return the item at once. Pictures without a run in the database would have no rows, and are left."""
        if isinstance(item, Article) and item.images and self.context.is_open:
            urls = list(dict.fromkeys(image.url for image in item.images))
            self._start(self._keep(_Wanted(item.fetch.final_url, urls)))
        return item

    async def close_spider(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    def get_media_requests(self, item: _Wanted, info: Any) -> list[Request]:
        del info
        headers = {"Accept": _ACCEPT, "Referer": "{0.scheme}://{0.netloc}/".format(urlsplit(item.page))}
        return [
            Request(url, callback=NO_CALLBACK, headers=headers, meta={Meta.PICTURE_URL: url})
            for url in item.urls[:_PER_ARTICLE]
        ]

    async def media_to_download(self, request: Request, info: Any, *, item: Any = None) -> Any:  # type: ignore[override]  # Scrapy awaits it
        """Return what became of a picture; Scrapy keeps that for further requests of the run. No exception: Scrapy would log a traceback."""
        known = item.known.get(request.meta[Meta.PICTURE_URL])
        if known is not None and await self._is_enough(known, info):
            return known
        async with self._turns[urlsplit(request.url).netloc], self._places:
            if is_stopping(self.crawler):
                return KeptImage.without_file("skipped", Reason.RUN_STOPPED)
            try:
                response = await self.crawler.engine.download_async(request)
            except Exception as error:  # noqa: BLE001 - as the errback of a page
                return KeptImage.without_file(*without_response(error))
            return await self._store(response, info)

    def item_completed(self, results: list[Any], item: _Wanted, info: Any) -> None:
        del info
        for url, (is_done, value) in zip(item.urls, results, strict=False):
            image = value if is_done else KeptImage.without_file("failed", Reason.pipeline(value.value))
            if item.known.get(url) == image:
                self._count("unchanged", None)
            else:
                self._outcomes.append((url, image))
        for url in item.urls[_PER_ARTICLE:]:
            self._outcomes.append((url, KeptImage.without_file("skipped", Reason.TOO_MANY)))
        if self._outcomes and (self._writing is None or self._writing.done()):
            self._writing = self._start(self._write())

    def _opened(self) -> None:
        if self.context.is_open:
            self._start(self._take_over())

    async def _take_over(self) -> None:
        home = self.context.spider.site_address.url
        for url in await self._query(images.left, _LEFT) or ():
            self._start(self._keep(_Wanted(home, [url])))

    async def _keep(self, wanted: _Wanted) -> None:
        wanted.known.update(await self._query(images.begin, wanted.urls) or {})
        async with self._articles:
            if not is_stopping(self.crawler):
                await super().process_item(wanted)

    async def _is_enough(self, known: KeptImage, info: Any) -> bool:
        """Return whether a picture need not be requested."""
        since = datetime.now(UTC) - timedelta(days=self.expires)
        if known.file is None:
            return known.outcome == "rejected" and known.at > since
        return known.file.fetched_at > since and bool(
            await asyncio.to_thread(self.store.stat_file, known.file.path, info)
        )

    async def _store(self, response: Response, info: Any) -> KeptImage:
        # Loaded here: the module needs an extra.
        from pipelines.run.picture import NotAPictureError, read_picture  # noqa: PLC0415

        if response.status != _OK:
            return KeptImage.without_file("gone" if response.status in GONE else "failed", Reason.http(response.status))
        content = response.body
        try:
            async with self._decoder:
                picture = await asyncio.to_thread(read_picture, content)
        except NotAPictureError as error:
            return KeptImage.without_file("rejected", str(error))
        if picture.width < self.min_width or picture.height < self.min_height:
            return KeptImage.without_file("rejected", Reason.TOO_SMALL)
        checksum = sha256(content)
        path = f"full/{checksum.hexdigest()[:2]}/{checksum.hexdigest()}.{picture.ending}"
        try:
            await asyncio.to_thread(self._write_file, path, content, info)
        except OSError as error:
            logger.error("IMAGES_STORE takes no picture: %s", error)  # noqa: TRY400 - one line
            return KeptImage.without_file("failed", Reason.pipeline(error))
        now = datetime.now(UTC)
        file = ImageFile(
            path=path, checksum=checksum.digest(), size=len(content), media_type=picture.media_type,
            width=picture.width, height=picture.height, fetched_at=now,
        )  # fmt: skip
        return KeptImage(outcome="stored", at=now, file=file)

    def _write_file(self, path: str, content: bytes, info: Any) -> None:
        # A killed run may have left half of it. The store tells MD5, which need not be secure here.
        there: Any = self.store.stat_file(path, info)
        if there.get("checksum") != md5(content, usedforsecurity=False).hexdigest():
            self.store.persist_file(path, BytesIO(content), info)

    async def _write(self) -> None:
        while self._outcomes:
            outcomes, self._outcomes = self._outcomes, []
            if await self._query(images.write, outcomes) is None:
                logger.error("The outcomes of %d pictures are not in the database", len(outcomes))
            for _, image in outcomes:
                self._count(image.outcome, image.reason)

    async def _query(self, call: Any, argument: Any) -> Any:
        """Return what the database answers; ``None``, with a line in the log, if it does not."""
        async with self._database:
            if self.context.lost is not None:
                return None
            try:
                return await asyncio.to_thread(self.context.query, call, self.context.run, argument)
            except Exception as error:  # noqa: BLE001 - whatever it is, it costs pictures only
                logger.error("Pictures: %s", error)  # noqa: TRY400 - one line
                return None

    def _count(self, outcome: str, reason: str | None) -> None:
        self.crawler.stats.inc_value(Stat.image(outcome))
        if reason:
            self.crawler.stats.inc_value(Stat.image_reason(reason))

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if (error := task.exception()) is not None:
            logger.error("Pictures of an article are not kept", exc_info=error)
        if not self._tasks:
            wake(self.crawler)

    def _idle(self) -> None:
        if self._tasks:
            raise DontCloseSpider
