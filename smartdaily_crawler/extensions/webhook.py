"""Tell a webhook of each run whose verdict is worse than healthy."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.web.client import Agent, FileBodyProducer
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from smartdaily_crawler.crawl.protocol import WalkSpider, walk_spider
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

_TOLD = ("degraded", "stopped", "incomplete", "failed")
"""Verdicts; a run that was refused leaves the site to another one."""
_ACCEPTED = range(200, 300)


class Webhook:
    """Post the verdict and its reasons as JSON to ``WEBHOOK_URL``. The verdict stays what it is if that fails."""

    def __init__(self, crawler: Crawler, spider: WalkSpider) -> None:
        self.crawler = crawler
        self.spider = spider
        self._url: str = crawler.settings["WEBHOOK_URL"]
        self._timeout = crawler.settings.getfloat("WEBHOOK_TIMEOUT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider = walk_spider(crawler)
        if spider is None or not crawler.settings["WEBHOOK_URL"]:
            raise NotConfigured
        webhook = cls(crawler, spider)
        crawler.signals.connect(webhook.engine_stopped, signals.engine_stopped)
        return webhook

    async def engine_stopped(self) -> None:
        facts = self._facts()
        if facts["verdict"] not in _TOLD:
            return
        try:
            answer = await maybe_deferred_to_future(self._post(json.dumps(facts).encode()))
            complaint = None if answer.code in _ACCEPTED else f"it answers {answer.code}"
        except Exception as error:  # noqa: BLE001 - a notice that fails must not fail the run
            complaint = str(error) or type(error).__name__
        if complaint:
            # Of the URL only the host: the rest is a secret in chats.
            logger.error("The webhook at %s was not told of the verdict: %s", urlsplit(self._url).hostname, complaint)

    def _facts(self) -> dict[str, Any]:
        stats = self.crawler.stats.get_stats()
        verdict, reasons = stats.get(Stat.RUN_VERDICT, "failed"), list(stats.get(Stat.RUN_REASONS, ()))
        site = self.spider.site_address.name
        return {
            "text": f"{site}: {verdict}" + (f": {'; '.join(reasons)}" if reasons else ""),
            "site": site,
            "run": stats.get(Stat.RUN_ID),
            "job": self.crawler.settings["JOB"],
            "verdict": verdict,
            "reason": stats.get(Stat.RUN_REASON),
            "reasons": reasons,
        }

    def _post(self, body: bytes) -> Deferred[IResponse]:
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it

        headers = Headers({"Content-Type": ["application/json"], "User-Agent": [self.crawler.settings["USER_AGENT"]]})
        agent: Any = Agent(reactor)  # type: ignore[no-untyped-call]
        producer = FileBodyProducer(BytesIO(body))  # type: ignore[no-untyped-call]
        sent: Deferred[IResponse] = agent.request(b"POST", self._url.encode(), headers, producer)
        return sent.addTimeout(self._timeout, reactor)
