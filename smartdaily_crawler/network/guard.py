"""Keep a run out of the operator's own network: check where the name of a host leads, after DNS."""

# ruff: noqa: N802, N803 - Twisted's interfaces

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from smartdaily_crawler.cleaning.urls import canonicalize, is_private_host
from smartdaily_crawler.per_crawler import PerCrawler
from smartdaily_crawler.reasons import Reason

logger = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds to wait for the addresses of a name on a page. If they do not come, a request for the name still checks them."""

_HOSTS = 2000
"""Hosts on pages that a run resolves. Those beyond, as a wildcard of the DNS makes them, are checked when they are requested."""

_NAME = re.compile(r"[0-9a-fA-F:.]+(%\w+)?|([\w-]{1,63}\.)*[\w-]{1,63}\.?", re.ASCII)
"""A literal address, or a name in ASCII; labels have at most 63 characters."""


class Site(Protocol):
    """The site of a run."""

    @property
    def host(self) -> str: ...
    def rejection_reason(self, url: str) -> Any: ...


class PrivateHosts:
    """Hosts and networks that a run may reach although they are private, from the setting ``PRIVATE_HOSTS``.

    >>> hosts = PrivateHosts(["intranet.example", "10.1.0.0/16"])
    >>> [hosts.admits(*pair) for pair in (("intranet.example", "192.168.0.1"), ("a.example", "10.1.2.3"), ("a.example", "10.2.0.1"))]
    [True, True, False]
    """

    def __init__(self, given: Iterable[str]) -> None:
        """Raise ``ValueError`` for what is neither a host nor a network."""
        self.hosts: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for name in filter(None, map(str.strip, given)):
            try:
                self._networks.append(ipaddress.ip_network(name, strict=False))
            except ValueError:
                self.hosts.add(_host(f"http://{name}/"))

    def names(self, host: str) -> bool:
        """Return whether a host is admitted by its name, whatever it resolves to."""
        return host in self.hosts

    def admits(self, host: str, address: str) -> bool:
        """Return whether a connection to an address may be opened for a host."""
        if self.names(host) or not is_private_host(address):
            return True
        with suppress(ValueError):
            return any(ipaddress.ip_address(address) in network for network in self._networks)
        return False


class NetworkGuard(PerCrawler):
    """Refuse private addresses to the requests of one run, except for the site's own host, which the operator has named."""

    def __init__(self, site: Site | None, allowed: PrivateHosts) -> None:
        """:param site: ``None`` for a spider that is not bound to one; then nothing is refused."""
        self._site = site
        self._allowed = allowed
        self._told: set[str] = set()
        self._is_offline = False
        self._private: dict[str, asyncio.Task[bool]] = {}
        """Whether a host is private, by its name."""

    @classmethod
    def _make(cls, crawler: Crawler) -> Self:
        allowed = PrivateHosts(crawler.settings.getlist("PRIVATE_HOSTS"))
        return cls(getattr(crawler.spider, "site_address", None), allowed)

    def stay_offline(self) -> None:
        """Resolve no name from now on: hosts are private by their literal addresses only."""
        self._is_offline = True

    def admits(self, host: str, address: str) -> bool:
        """Return whether a connection to an address may be opened for a host; log the first address of each host that may not be reached."""
        if self._site is None or host == self._site.host or self._allowed.admits(host, address):
            return True
        if host not in self._told:
            self._told.add(host)
            logger.warning(
                "%s is at the private address %s: not fetched. Name it in PRIVATE_HOSTS if it is yours", host, address
            )
        return False

    async def is_private(self, url: str) -> bool:
        """Return whether a URL is on a private host of which the run may know nothing. False where its name has no address."""
        return url in await self.private_among([url])

    async def private_among(self, urls: Iterable[str | None]) -> set[str]:
        """Return those of the URLs that are private; their hosts are resolved at once."""
        found = {url: self._judge(url) for url in dict.fromkeys(filter(None, urls))}
        return {
            url
            for url, private in found.items()
            if (private if isinstance(private, bool) else await asyncio.shield(private))
        }

    def _judge(self, url: str) -> bool | asyncio.Task[bool]:
        """Return whether a URL is private; as a task if its host has yet to be resolved."""
        if self._site is None:
            return False
        try:
            host = _host(url)
        except ValueError:
            return False
        if self._site.rejection_reason(url) == "private":
            return not self._allowed.admits(host, host)
        if self._is_offline or host == self._site.host or self._allowed.names(host):
            return False
        if host not in self._private:
            if len(self._private) >= _HOSTS:
                return False
            self._private[host] = asyncio.ensure_future(self._leads_inside(host))
        return self._private[host]

    async def check(self, url: str) -> None:
        """Raise ``IgnoreRequest`` for a URL whose connection is not opened by us, but by a proxy or a renderer."""
        if await self.is_private(url):
            raise IgnoreRequest(Reason.PRIVATE_ADDRESS)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host to which a connection may be opened; none if its name has no address.

        Raise ``IgnoreRequest`` if all are refused, or the port of a private host is not the site's, nor a usual one.
        """
        host = _ascii(host)
        url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
        await self.check(url)
        found = await self._resolve(host)
        # The site's host may be at a private address, with the operator's other services at other ports.
        is_other = self._site is not None and host == self._site.host and self._site.rejection_reason(url)
        admits = self._allowed.admits if is_other else self.admits
        admitted = [address for address in found if admits(host, address)]
        if found and not admitted:
            raise IgnoreRequest(Reason.PRIVATE_ADDRESS)
        return admitted

    @contextmanager
    def watching(self, request: Request) -> Iterator[None]:
        """Check the connection of a request sent in this block, unless it goes to a proxy. Raise ``IgnoreRequest`` if it is refused."""
        if request.meta.get("proxy"):
            yield
            return
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it

        if not isinstance(reactor.nameResolver, _GuardedResolver):
            reactor.installNameResolver(_GuardedResolver(reactor.nameResolver))
        watch = _Watch(self)
        token = _watch.set(watch)
        try:
            yield
        except Exception as error:
            if watch.has_refused:
                raise IgnoreRequest(Reason.PRIVATE_ADDRESS) from error
            raise
        finally:
            _watch.reset(token)

    async def _leads_inside(self, host: str) -> bool:
        addresses = await self._resolve(host)
        return bool(addresses) and not any(self.admits(host, address) for address in addresses)

    @staticmethod
    async def _resolve(host: str) -> list[str]:
        """Return the addresses of a host; none if they are not known in time, or its name is none."""
        if not _NAME.fullmatch(host):  # Twisted's resolver would log a traceback, and not answer
            return []
        from twisted.internet import reactor  # noqa: PLC0415 - as above

        resolved = _Addresses()
        reactor.nameResolver.resolveHostName(resolved, host)
        try:
            return await asyncio.wait_for(resolved.complete, _PATIENCE)
        except TimeoutError:
            return []


class _Watch:
    """One request, and whether an address was kept from it."""

    def __init__(self, guard: NetworkGuard) -> None:
        self.guard = guard
        self.has_refused = False


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)
"""The request that is being sent. The reactor's resolver is shared by all crawlers of a process, and by Splash and proxies, which
the operator names."""


@implementer(IHostnameResolver)
class _GuardedResolver:
    """The reactor's resolver, without the addresses that the guard of a request refuses. It sees literal addresses too."""

    def __init__(self, resolver: Any) -> None:
        self._resolver = resolver

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *args: Any, **options: Any) -> Any:
        watch = _watch.get()
        receiver = resolutionReceiver if watch is None else _Filter(resolutionReceiver, hostName, watch)
        return self._resolver.resolveHostName(receiver, hostName, *args, **options)


@implementer(IResolutionReceiver)
class _Filter:
    def __init__(self, receiver: Any, host: str, watch: _Watch) -> None:
        self._receiver = receiver
        self._host = _ascii(host)
        self._watch = watch

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:
        if self._watch.guard.admits(self._host, address.host):
            self._receiver.addressResolved(address)
        else:
            self._watch.has_refused = True

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


@implementer(IResolutionReceiver)
class _Addresses:
    """Collect the addresses of a name."""

    def __init__(self) -> None:
        self.complete: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._found: list[str] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        """Nothing is cancelled."""

    def addressResolved(self, address: Any) -> None:
        self._found.append(address.host)

    def resolutionComplete(self) -> None:
        if not self.complete.done():
            self.complete.set_result(self._found)


def _host(url: str) -> str:
    """Return the host of a URL in its canonical spelling. Raise ``ValueError`` if it has none."""
    return urlsplit(canonicalize(url)).hostname or ""


def _ascii(host: str) -> str:
    """Return a host as ``_host`` does; Twisted resolves the Unicode form of a name.

    >>> _ascii("新闻.example"), _ascii("::1")
    ('xn--efvy88h.example', '::1')
    """
    try:
        return _host(f"http://[{host}]/" if ":" in host else f"http://{host}/")
    except ValueError:
        return host
