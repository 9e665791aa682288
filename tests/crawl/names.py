"""A resolver for tests: the names in the setting ``TEST_NAMES``, an object of addresses by name; others are resolved as usual."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import DNSLookupError


class Names(CachingThreadedResolver):
    addresses: dict[str, str]

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Names:
        resolver = cls(reactor, 0, crawler.settings.getfloat("DNS_TIMEOUT"))
        resolver.addresses = crawler.settings.getdict("TEST_NAMES")
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        if address := self.addresses.get(name):
            return succeed(address)
        if name.endswith((".example", ".invalid")):
            return fail(DNSLookupError(name))
        return super().getHostByName(name, timeout)
