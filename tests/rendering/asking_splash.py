"""Asks for pages through Splash with the project's settings, but no storage; run as a process of its own.

Reads a JSON object from standard input: ``settings``, and ``requests``, a list of arguments of ``SplashRequest``; one with
``formdata`` is a ``SplashFormRequest``. Asks one after the other. Writes ``ends``, what became of each, ``null`` for one that
was dropped on its way, and the run's ``stats``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from smartdaily_crawler.crawl.fetches import failure_outcome
from smartdaily_crawler.rendering.splash_adapter import (
    SplashFormRequest,
    SplashJsonResponse,
    SplashRequest,
    SplashTextResponse,
)
from tests.middlewares.asking import Site
from tests.rendering.asking import carry_out


class AskingSplash(Spider):
    name = "asking_splash"
    site_address = Site()
    custom_settings = {"HTTPERROR_ALLOW_ALL": True}  # noqa: RUF012 - Scrapy's way

    def __init__(self, requests: list[dict[str, Any]]) -> None:
        super().__init__()
        self.requests = requests
        self.ends: list[dict[str, Any] | None] = [None] * len(requests)

    async def start(self) -> AsyncIterator[Request]:
        for place, arguments in enumerate(self.requests):
            kind = SplashFormRequest if "formdata" in arguments else SplashRequest
            meta = {**arguments.get("meta", {}), "kind": "article", "place": place}
            yield kind(callback=self.came, errback=self.failed, **{**arguments, "meta": meta})

    def came(self, response: Response) -> None:
        is_text = isinstance(response, SplashTextResponse | SplashJsonResponse)
        self.ends[response.meta["place"]] = {
            "status": response.status,
            "url": response.url,
            "asked": response.request.url if response.request else None,
            "slot": response.meta["download_slot"],
            "seconds": response.meta["download_latency"],
            "text": response.text if is_text else None,
            "data": response.data if isinstance(response, SplashJsonResponse) else None,
            "size": len(response.body),
        }

    def failed(self, failure: Failure) -> None:
        _, outcome, reason = failure_outcome(failure)
        place = failure.request.meta["place"]  # type: ignore[attr-defined]  # Scrapy's
        self.ends[place] = {"outcome": outcome, "reason": reason, "error": str(failure.value)}


if __name__ == "__main__":
    carry_out(AskingSplash, CONCURRENT_REQUESTS=1)
