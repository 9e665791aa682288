"""Rules of robots.txt by RFC 9309: fetch them, keep them, and find those for this crawler."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from smartdaily_crawler.per_crawler import PerCrawler
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
_INVALID = re.compile("(%EF%BF%BD)+")
_CLIENT_ERROR, _TOO_MANY_REQUESTS, _SERVER_ERROR = 400, 429, 500


@dataclass(slots=True)
class _Answer:
    """Rules of a host, and when to fetch them again."""

    rules: asyncio.Task[Protego | None]
    """Its result is ``None`` if robots.txt is unreachable."""
    until: float
    """Time of expiry on the monotonic clock, seconds."""


class Robots(PerCrawler):
    """The rules of each host that a run has asked for them.

    Section 2.3.1.3: a 4xx allows everything. Section 2.3.1.4: after a server error, a refused connection or a timeout everything is
    forbidden; 429, the status of an overloaded server, is handled as a server error. Section 2.4: rules are used for
    ``ROBOTS_MAX_AGE`` seconds, and longer only while the host does not answer.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self.crawler = crawler
        self.product_token = agent.partition("/")[0].strip()
        self.max_age = settings.getfloat("ROBOTS_MAX_AGE")
        self._is_obeyed = settings.getbool("ROBOTSTXT_OBEY")
        self._answers: dict[str, _Answer] = {}
        """By scheme, host and port: by section 2.3 each has its own robots.txt."""

    async def within(self, page: Request) -> HostRules:
        """Return the rules for what a rendered page requests from its own host."""
        if not self._is_obeyed or page.meta.get("dont_obey_robotstxt"):
            return HostRules("", _ALLOW_ALL, self.product_token)
        return HostRules(_origin(page.url), await self.rules(page.url) or _ALLOW_ALL, self.product_token)

    async def rules(self, url: str) -> Protego | None:
        """Return the rules of a URL's host; ``None`` if its robots.txt is unreachable, which forbids everything."""
        origin = _origin(url)
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
        site = getattr(self.crawler.spider, "site_address", None)
        if site is None or site.rejection_reason(url) is None:  # a host of pictures costs no page
            self.crawler.stats.inc_value(Stat.ROBOTS_UNREACHABLE)
        last = await before.rules if before else None
        effect = "its last rules stay in force" if last else "nothing is fetched from this host"
        logger.error("%s %s; %s", url, message, effect)
        return last


@dataclass(frozen=True)
class HostRules:
    """Rules of one host for one robot."""

    origin: str
    rules: Protego
    token: str

    def forbid(self, url: str) -> bool:
        """Return whether a URL is on this host, and forbidden."""
        return _origin(url) == self.origin and not self.rules.can_fetch(url, self.token)

    def patterns(self, limit: int) -> list[tuple[list[str], bool, bool]]:
        """Return the first rules in the order in which they apply; the first that matches a path decides.

        Each is a pattern split at its wildcards, whether it ends where the path ends, and whether it allows. Patterns are quoted as by
        Protego, except that several bytes in a row that are not UTF-8 are one U+FFFD.

        >>> HostRules("", parse_rules("User-agent: *\\nDisallow: /a/*.php\\nAllow: /a$", "bot"), "bot").patterns(10)[0]
        (['/a/', '.php'], False, False)
        """
        found = self.rules._get_matching_rule_set(self.token)  # noqa: SLF001 - it tells no rules otherwise
        given = [(rule.value._pattern, rule.field == "allow") for rule in (found._rules if found else ())]  # noqa: SLF001
        patterns = [(_INVALID.sub(r"\1", pattern), allows) for pattern, allows in given[:limit]]
        return [(pattern.removesuffix("$").split("*"), pattern.endswith("$"), allows) for pattern, allows in patterns]


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


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
