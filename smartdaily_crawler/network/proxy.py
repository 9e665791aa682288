"""A proxy in the process of the crawler, through which renderers fetch: it opens connections as the guard allows."""

from __future__ import annotations

import asyncio
import ipaddress
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.network.guard import NetworkGuard
from smartdaily_crawler.per_crawler import PerCrawler

_CONNECTING = 10.0
"""Seconds for the request of a client, and to connect to one address."""
_CHUNK = 64 * 1024
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_VERSION, _NO_AUTHENTICATION, _CONNECT = 5, 0, 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SUCCEEDED, _NOT_ALLOWED, _UNREACHABLE, _REFUSED, _NO_COMMAND = 0, 2, 4, 5, 7

Ends = tuple[StreamReader, StreamWriter]
"""Both ends of a connection of ours."""


class GuardedProxy(PerCrawler):
    """A SOCKS5 proxy (RFC 1928) for the renderers of one run: pages, their resources, navigation, redirects and WebSockets.

    The names of hosts are resolved here. A connection to an address that the run may not reach is answered with "not allowed".
    """

    def __init__(self, crawler: Crawler) -> None:
        self._guard = NetworkGuard.of(crawler)
        self._servers: dict[str, asyncio.Task[asyncio.Server]] = {}
        """By the own address that each listens at."""
        self._clients: set[str] = set()
        self._reached: set[str] = set()
        """Own addresses at which a client has connected."""
        self._open: set[asyncio.Task[None]] = set()

    async def url(self, own: str = "127.0.0.1", client: str = "127.0.0.1") -> str:
        """Return the URL of the proxy; start it at the first call.

        :param own: address of this machine to listen at.
        :param client: address of the renderer; others are not served.
        """
        self._clients.add(client)
        if own not in self._servers:
            self._servers[own] = asyncio.ensure_future(asyncio.start_server(self._accept, own, 0))
        server = await asyncio.shield(self._servers[own])
        port = server.sockets[0].getsockname()[1]
        return f"socks5://[{own}]:{port}" if ":" in own else f"socks5://{own}:{port}"

    async def url_for(self, renderer: str) -> str:
        """Return the URL of the proxy for a renderer at a URL. Raise ``OSError`` if that cannot be reached."""
        parts = urlsplit(renderer)
        async with asyncio.timeout(_CONNECTING):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or _PORTS[parts.scheme])
        own, client = writer.get_extra_info("sockname")[0], writer.get_extra_info("peername")[0]
        writer.close()
        return await self.url(own, client)

    def is_reached(self, url: str) -> bool:
        """Return whether a client has connected to a URL of the proxy."""
        return urlsplit(url).hostname in self._reached

    def close(self) -> None:
        """Close the proxy and its connections."""
        for starting in self._servers.values():
            if starting.done() and not starting.cancelled() and not starting.exception():
                starting.result().close()
        for task in self._open:
            task.cancel()

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            if writer.get_extra_info("peername")[0] not in self._clients:
                return
            self._reached.add(writer.get_extra_info("sockname")[0])
            async with asyncio.timeout(_CONNECTING):
                target = await _target(reader, writer)
            reply, ends = await self._connect(*target) if target else (_NO_COMMAND, None)
            writer.write(bytes((_VERSION, reply, 0, _IPV4, 0, 0, 0, 0, 0, 0)))
            if ends:
                await _exchange((reader, writer), ends)
        except (OSError, EOFError, ValueError, TimeoutError):
            pass  # the client has left, or is none
        finally:
            writer.close()

    async def _connect(self, host: str, port: int) -> tuple[int, Ends | None]:
        """Return the reply for the client, and the connection."""
        try:
            addresses = await self._guard.addresses(host, port)
        except IgnoreRequest:
            return _NOT_ALLOWED, None
        reply = _UNREACHABLE
        for address in addresses:
            with suppress(TimeoutError):
                try:
                    async with asyncio.timeout(_CONNECTING):
                        return _SUCCEEDED, await asyncio.open_connection(address, port)
                except OSError:
                    reply = _REFUSED
        return reply, None


async def _target(reader: StreamReader, writer: StreamWriter) -> tuple[str, int] | None:
    """Return host and port that a client asks for; ``None`` if it does not ask for a connection. Raise ``EOFError`` if it is no client."""
    version, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    if version != _VERSION:
        raise EOFError
    writer.write(bytes((_VERSION, _NO_AUTHENTICATION)))
    _, command, _, kind = await reader.readexactly(4)
    if kind == _NAME:
        (size,) = await reader.readexactly(1)
        host = (await reader.readexactly(size)).decode("ascii", "replace")
    else:
        host = str(ipaddress.ip_address(await reader.readexactly({_IPV4: 4, _IPV6: 16}.get(kind, 0))))
    port = int.from_bytes(await reader.readexactly(2), "big")
    return (host, port) if command == _CONNECT else None


async def _exchange(client: Ends, server: Ends) -> None:
    """Pass on what both send until one of them closes its connection."""
    ways = [asyncio.ensure_future(_copy(client[0], server[1])), asyncio.ensure_future(_copy(server[0], client[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        server[1].close()


async def _copy(source: StreamReader, target: StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
