"""Obey robots.txt by RFC 9309."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

_ALLOW_ALL = Protego.parse("")
_PARSED = 500 * 1024
"""Bytes of a robots.txt that are parsed: the minimum that section 2.5 requires."""
_LINE = 2083 * 8 - 1
"""Characters of a line that are read, as by Google's parser: an address has at most 2083 in common browsers."""
_LINE_END = re.compile(r"\r\n?|\n")
_GROUP = re.compile(r"\s*user[- ]?agent(?:\s*:|\s)\s*([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]*")
_OTHERS = "another-robot"
_CLIENT_ERROR, _TOO_MANY_REQUESTS, _SERVER_ERROR = 400, 429, 500


@dataclass(slots=True)
class _Answer:
    """Rules of a host, and when to fetch them again."""

    rules: asyncio.Task[Protego | None]
    """Its result is ``None`` if robots.txt is unreachable."""
    until: float
    """Time of expiry on the monotonic clock, seconds."""


class RobotsMiddleware:
    """Raise ``IgnoreRequest`` with ``robots_forbidden`` or ``robots_unreachable``; set ``meta["crawl_delay"]``, seconds.

    Scrapy's own middleware allows everything after a server error, a refused connection or a timeout of robots.txt;
    section 2.3.1.4 requires to assume that such a site forbids everything. Section 2.3.1.3: a 4xx allows everything;
    429, the status of an overloaded server, is handled as a server error instead. Section 2.4: rules are used for
    ``ROBOTS_MAX_AGE`` seconds, and longer only while the host does not answer.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self.crawler = crawler
        self.product_token = agent.partition("/")[0].strip()
        self.longest_delay = settings.getfloat("CRAWL_DELAY_MAX")
        self.max_age = settings.getfloat("ROBOTS_MAX_AGE")
        self._answers: dict[str, _Answer] = {}
        """By scheme, host and port: by section 2.3 each has its own robots.txt."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self._rules(request.url)
        if rules is None:
            raise IgnoreRequest(Reason.ROBOTS_UNREACHABLE)
        if not rules.can_fetch(request.url, self.product_token):
            self.crawler.stats.inc_value(Stat.ROBOTS_FORBIDDEN)
            raise IgnoreRequest(Reason.ROBOTS_FORBIDDEN)
        delay = min(rules.crawl_delay(self.product_token) or 0, self.longest_delay)
        if delay:
            request.meta[Meta.CRAWL_DELAY] = delay

    async def _rules(self, url: str) -> Protego | None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        answer = self._answers.get(origin)
        if answer is None or answer.until < monotonic():
            fetching = asyncio.ensure_future(self._fetch(origin, answer))
            self._answers[origin] = answer = _Answer(fetching, monotonic() + self.max_age)
        return await asyncio.shield(answer.rules)

    async def _fetch(self, origin: str, before: _Answer | None) -> Protego | None:
        request = Request(
            f"{origin}/robots.txt",
            callback=NO_CALLBACK,
            meta={"dont_obey_robotstxt": True, Meta.IS_ROBOTS: True},
            priority=1000,
        )
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except IgnoreRequest as error:  # it redirects to a private address, or in a loop
            if str(error) in (Reason.RETRY_LATER, Reason.RUN_STOPPED):
                raise
            logger.warning("%s: %s; treated as missing, everything is allowed", request.url, error)
            return _ALLOW_ALL
        except Exception as error:  # noqa: BLE001 - every download error means unreachable
            message = f"cannot be read: {' '.join(str(error).split()) or type(error).__name__}"
            return await self._unreachable(request.url, message, before)
        if response.status >= _SERVER_ERROR or response.status == _TOO_MANY_REQUESTS:
            return await self._unreachable(request.url, f"answers {response.status}", before)
        if response.status >= _CLIENT_ERROR:
            return _ALLOW_ALL
        return parse_rules(response.body[:_PARSED].decode("utf-8-sig", "replace"), self.product_token)

    async def _unreachable(self, url: str, message: str, before: _Answer | None) -> Protego | None:
        """Count and log the failure; return the rules fetched before, ``None`` if there are none."""
        self.crawler.stats.inc_value(Stat.ROBOTS_UNREACHABLE)
        last = await before.rules if before else None
        effect = "its last rules stay in force" if last else "nothing is fetched from this host"
        logger.error("%s %s; %s", url, message, effect)
        return last


def parse_rules(text: str, token: str) -> Protego:
    """Parse a robots.txt, with its groups assigned to the product *token* by section 2.2.1 of RFC 9309.

    A group is named by letters, ``_`` and ``-``, up to any other character, and is ours only if it has the whole token. Protego compares
    beginnings of words instead.

    >>> rules = parse_rules("User-agent: news-bot/2.1\\nDisallow: /a\\nUser-agent: news\\nDisallow: /b", "news-bot")
    >>> [rules.can_fetch(f"http://news.example/{path}", "news-bot") for path in "ab"]
    [False, True]
    """
    return Protego.parse("\n".join(_assigned(line[:_LINE], token) for line in _LINE_END.split(text)))


def _assigned(line: str, token: str) -> str:
    group = _GROUP.match(line)
    if group is None:
        return line
    name = group[1].strip()
    if name == "*" or re.match(r"\*\s", name):
        return "User-agent: *"
    found = _TOKEN.match(name)
    is_ours = found is not None and found[0].lower() == token.lower()
    return f"User-agent: {token if is_ours else _OTHERS}"
