"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

import asyncio
import logging
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

logger = logging.getLogger(__name__)

_ALLOW_ALL = Protego.parse("")
_HTTP_CLIENT_ERROR = 400
_HTTP_SERVER_ERROR = 500


class RobotsMiddleware:
    """Raises ``IgnoreRequest`` with ``robots_forbidden`` or ``robots_unreachable``.

    Scrapy's own takes a server error, a refused connection and a timeout of robots.txt for a permission; section
    2.3.1.4 says that such a site must be assumed to forbid everything. Section 2.3.1.3: a 4xx allows everything.
    """

    def __init__(self, crawler: Crawler, user_agent: str) -> None:
        self.crawler = crawler
        self.user_agent = user_agent
        self._rules: dict[str, asyncio.Task[Protego | None]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        return cls(crawler, crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"])

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch(origin))
        rules = await asyncio.shield(self._rules[origin])
        if rules is None:
            raise IgnoreRequest("robots_unreachable")
        if not rules.can_fetch(request.url, self.user_agent):
            self.crawler.stats.inc_value("robots/forbidden")
            raise IgnoreRequest("robots_forbidden")

    async def _fetch(self, origin: str) -> Protego | None:
        """Give the rules; ``None`` where the server could not say."""
        request = Request(
            f"{origin}/robots.txt", callback=NO_CALLBACK, meta={"dont_obey_robotstxt": True}, priority=1000
        )
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except IgnoreRequest as error:  # it redirects off the site, or round in circles
            logger.warning("%s: %s; taken as none", request.url, error)
            return _ALLOW_ALL
        except Exception as error:  # noqa: BLE001 - whatever kept it from answering, the verdict is the same
            logger.error(  # noqa: TRY400 - a line for an operator, no traceback
                "%s cannot be read: %s", request.url, " ".join(str(error).split()) or type(error).__name__
            )
            self.crawler.stats.inc_value("robots/unreachable")
            return None
        if response.status >= _HTTP_SERVER_ERROR:
            logger.error("%s answers %d; nothing is fetched from this host", request.url, response.status)
            self.crawler.stats.inc_value("robots/unreachable")
            return None
        if response.status >= _HTTP_CLIENT_ERROR:
            return _ALLOW_ALL
        return Protego.parse(
            response.text if hasattr(response, "text") else response.body.decode("utf-8", "replace")
        )
