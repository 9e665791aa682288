"""Asks for pages that a browser shows, with the project's settings, but no storage; run as a process of its own.

Reads a JSON object from standard input: ``sites``, addresses that are the site's own; ``settings``; and ``pages``, each with
``url`` and, where it is to be rendered, ``render_options``, the arguments of a ``RenderOptions``; else with what ``Request`` takes. Writes
``ends``, what became of each, and the run's ``stats``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from smartdaily_crawler.crawl.fetches import document_of, failure_outcome, page_request
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.sites.site_address import RejectionReason, SiteAddress
from tests.rendering.asking import carry_out
from tests.spider import OwnSpider

_EXCERPT = 20_000
"""Characters of a page that are told."""


class Sites:
    """Several that count as one; ``SiteAddress`` takes each port of this machine for another site."""

    def __init__(self, urls: list[str]) -> None:
        self._all = [SiteAddress(url) for url in urls]
        self.name, self.host, self.port = self._all[0].name, self._all[0].host, self._all[0].port
        self.is_private = self._all[0].is_private

    def rejection_reason(self, url: str) -> RejectionReason | None:
        reasons = [site.rejection_reason(url) for site in self._all]
        return None if None in reasons else reasons[0]


class AskingPages(OwnSpider):
    name = "asking_pages"

    def __init__(self, sites: list[str], pages: list[dict[str, Any]]) -> None:
        super().__init__()
        self.site_address = Sites(sites)
        self.pages = pages
        self.ends: list[dict[str, Any] | None] = [None] * len(pages)

    async def start(self) -> AsyncIterator[Request]:
        for place, page in enumerate(self.pages):
            arguments = {name: value for name, value in page.items() if name not in ("url", "render_options", "meta")}
            render_options = RenderOptions(**page["render_options"]) if "render_options" in page else None
            kind = render_options.kind if render_options else "article"
            request = page_request(page["url"], kind, callback=self.came, errback=self.failed, **arguments)
            request.meta.update(page.get("meta", {}), place=place)
            if render_options:
                request.meta["render"] = render_options
            yield request.replace(dont_filter=True)

    def came(self, response: Response) -> None:
        self._ended(response.meta, response, outcome="came", reason="", error="")

    def failed(self, failure: Failure) -> None:
        response, outcome, reason = failure_outcome(failure)
        meta = failure.request.meta  # type: ignore[attr-defined]  # Scrapy's
        self._ended(meta, response, outcome=outcome, reason=reason, error=str(failure.value))

    def _ended(self, meta: dict[str, Any], response: Response | None, **end: str) -> None:
        document = document_of(response) if response else None
        self.ends[meta["place"]] = {
            **end,
            "status": response.status if response else None,
            "url": response.url if response else None,
            "flags": response.flags if response else [],
            "attempts": meta.get("retry_times", 0) + 1,
            "seconds": meta.get("download_latency"),
            "size": len(response.body) if response else 0,
            "text": document.text[:_EXCERPT] if document else None,
        }


if __name__ == "__main__":
    carry_out(AskingPages, CONCURRENT_REQUESTS_PER_DOMAIN=3)
