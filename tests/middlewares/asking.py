"""Asks for pages with the project's downloader middlewares and nothing else; run as a process of its own.

Reads a JSON object from standard input: ``settings``, and ``pages``, a list of addresses, each asked for when the one
before it has come to its end. Writes a JSON list of what became of each: a status, or the reason why it was not fetched.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from smartdaily_crawler import settings as project
from smartdaily_crawler.crawl.fetches import failure_outcome
from tests.spider import OwnSpider

SETTINGS: tuple[str, ...] = (
    "DOWNLOADER_MIDDLEWARES",
    "USER_AGENT",
    "ROBOTSTXT_OBEY",
    "REDIRECT_MAX_TIMES",
    "RETRY_TIMES",
)
SETTINGS += ("ROBOTS_MAX_AGE", "CRAWL_DELAY_MAX", "RETRY_AFTER_MAX", "RETRY_AFTER_TIMES")


class Site:
    """Every port of this machine belongs to the site, but for those named ``offsite`` or ``private`` in the path."""

    name = host = "127.0.0.1"

    def rejection_reason(self, url: str) -> str | None:
        path = urlsplit(url).path
        return next((word for word in ("offsite", "private") if path.startswith(f"/{word}/")), None)


class Asking(OwnSpider):
    name = "asking"
    site_address = Site()
    custom_settings = {"HTTPERROR_ALLOW_ALL": True}  # noqa: RUF012 - Scrapy's way

    def __init__(self, pages: list[str]) -> None:
        super().__init__()
        self.pages = pages
        self.ends: list[int | str] = []

    async def start(self) -> AsyncIterator[Request]:
        for request in self.following():
            yield request

    def following(self) -> Iterator[Request]:
        if len(self.ends) < len(self.pages):
            yield Request(
                self.pages[len(self.ends)], self.came, errback=self.failed, dont_filter=True, meta={"kind": "article"}
            )

    def came(self, response: Response) -> Iterator[Request]:
        self.ends.append(response.status)
        yield from self.following()

    def failed(self, failure: Failure) -> Iterator[Request]:
        self.ends.append(failure_outcome(failure)[2])
        yield from self.following()


def main() -> None:
    order: dict[str, Any] = json.load(sys.stdin)
    settings = Settings()
    for name in SETTINGS:
        settings.set(name, getattr(project, name))
    settings.update({"TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False})
    settings.update(order["settings"], priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Asking)
    process.crawl(crawler, pages=order["pages"])
    process.start()
    spider: Any = crawler.spider
    json.dump(spider.ends, sys.stdout)


if __name__ == "__main__":
    main()
