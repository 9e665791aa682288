"""An add-on that delays each response by a random time, so that pages are read in another order in each crawl."""

from __future__ import annotations

import asyncio
import os
from random import Random
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings

SEED = "SHUFFLE_SEED"
"""Environment variable with the seed of the delays."""
MOST = 0.2
"""Seconds. A response of the bundled site takes about 0.02 s."""


class Shuffle:
    def update_settings(self, settings: BaseSettings) -> None:
        settings["DOWNLOADER_MIDDLEWARES"][RandomDelay] = 1


class RandomDelay:
    def __init__(self, seed: str) -> None:
        self.random = Random(seed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        del crawler
        return cls(os.environ[SEED])

    async def process_response(self, request: Request, response: Response) -> Response:
        del request
        await asyncio.sleep(self.random.random() * MOST)
        return response
