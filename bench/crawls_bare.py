"""The floor of a crawl: a Scrapy spider that requests the pages in a file, and reads nothing.

``scrapy runspider crawls_bare.py -a pages=FILE``: a URL in each line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response


class BareSpider(Spider):
    name = "bare"

    def __init__(self, pages: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.pages = Path(pages).read_text(encoding="utf-8").split()

    async def start(self) -> AsyncIterator[Request]:
        for url in self.pages:
            yield Request(url, dont_filter=True)

    def parse(self, response: Response) -> None:
        pass
