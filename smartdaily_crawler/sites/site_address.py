"""Decide which URLs belong to the crawled site."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from typing import Literal
from urllib.parse import urlsplit

from smartdaily_crawler.cleaning.urls import DEFAULT_PORTS, canonicalize, is_private_host, registrable

RejectionReason = Literal["scheme", "private", "offsite", "too_long", "malformed"]

MAX_URL_LENGTH = 2083
"""Characters; the limit of common browsers and proxies, and Scrapy's default."""

_ALTERNATE_PREFIXES = ("www.", "m.", "wap.", "3g.")


@dataclass(frozen=True)
class SiteAddress:
    """URL of a site's home page. Its alternate hosts (``www.``, ``m.``) and subdomains belong to the site.

    The host may be private: it is the operator's choice. Links to other private hosts are rejected.

    >>> site = SiteAddress("https://www.news.example/")
    >>> site.rejection_reason("https://m.news.example/a/1.html")
    >>> site.rejection_reason("https://ads.example/")
    'offsite'
    >>> site.rejection_reason("http://10.0.0.5/admin"), site.rejection_reason("mailto:a@news.example")
    ('private', 'scheme')
    """

    url: str

    @cached_property
    def host(self) -> str:
        return urlsplit(canonicalize(self.url)).hostname or ""

    @cached_property
    def port(self) -> int:
        home = urlsplit(self.url)
        return home.port or DEFAULT_PORTS[home.scheme]

    @cached_property
    def base(self) -> str:
        """The host without the prefix of an alternate host.

        >>> SiteAddress("https://www.news.example/").base, SiteAddress("https://www.gov.cn/").base
        ('news.example', 'www.gov.cn')
        """
        bare = reduce(str.removeprefix, _ALTERNATE_PREFIXES, self.host)
        # The rest must be registrable: the hosts under .gov.cn are not one site.
        return bare if bare == self.host or len(bare) >= len(registrable(self.host)) else self.host

    @cached_property
    def name(self) -> str:
        """Name of the site in the database: the host, with its port unless it is the default one.

        >>> SiteAddress("https://www.news.example/").name, SiteAddress("http://127.0.0.1:8765/").name
        ('news.example', '127.0.0.1:8765')
        """
        usual = self.port == DEFAULT_PORTS[urlsplit(self.url).scheme]
        return self.base if usual else f"{self.base}:{self.port}"

    @cached_property
    def is_private(self) -> bool:
        """Whether the site runs on the operator's own machine or network."""
        return is_private_host(self.host)

    @lru_cache(maxsize=16_384)  # noqa: B019 - a process has one address; the pages of a site link to the same articles
    def rejection_reason(self, url: str) -> RejectionReason | None:
        """Return why a link must not be followed, or ``None`` if it may be."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
            if not host.isascii():
                host = urlsplit(canonicalize(url)).hostname or ""
        except ValueError:
            return "malformed"
        if parts.scheme not in DEFAULT_PORTS:
            return "scheme"
        if not host:
            return "malformed"
        if len(url) > MAX_URL_LENGTH:
            return "too_long"
        if self._is_own(parts.scheme, host, port):
            return None
        return "private" if is_private_host(host) else "offsite"

    def _is_own(self, scheme: str, host: str, port: int | None) -> bool:
        same_port = (port or DEFAULT_PORTS[scheme]) == self.port
        if self.is_private:
            # Another port of a private host is another service.
            return host == self.host and same_port
        on_usual_port = port in (None, *DEFAULT_PORTS.values())
        return (host == self.base or host.endswith(f".{self.base}")) and (same_port or on_usual_port)
