"""A proxy in the process of the crawler, through which renderers fetch: it opens connections as the guard allows."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from asyncio import StreamReader, StreamWriter
from time import monotonic
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.network.guard import NetworkGuard
from smartdaily_crawler.per_crawler import PerCrawler

logger = logging.getLogger(__name__)

_CONNECTING = 10.0
"""Seconds for the request of a client, and to connect to one address."""
_IDLE = 300.0
"""Seconds after which a connection that carries nothing is closed. A page may take 90 by Splash's default, and requests may be as slow."""
_CONNECTIONS = 256
"""Connections at a time; each takes two of the files that a process may open, often 1024. A tab of Chromium opens up to 32."""
_KEPT = 60.0
"""Seconds for which the addresses of a renderer are kept; when it is started again it may have others."""
_CHUNK = 64 * 1024
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_VERSION, _NO_AUTHENTICATION, _NO_METHOD, _CONNECT = 5, 0, 255, 1
_SIZES = {1: 4, 4: 16}
"""Bytes of an address by its type; that of a name precedes it."""
_NAME = 3
_SUCCEEDED, _NOT_ALLOWED, _UNREACHABLE, _REFUSED, _TIMED_OUT, _NO_COMMAND, _NO_TYPE = 0, 2, 4, 5, 6, 7, 8

Ends = tuple[StreamReader, StreamWriter]
"""Both ends of a connection of ours."""


class _NotConnectedError(Exception):
    """No connection is made for a client."""

    def __init__(self, reply: int) -> None:
        super().__init__()
        self.reply = reply


class GuardedProxy(PerCrawler):
    """A SOCKS5 proxy (RFC 1928) for the renderers of one run: pages, their resources, navigation, redirects and WebSockets.

    The names of hosts are resolved here. A connection to an address that the run may not reach is answered with "not allowed".
    """

    def __init__(self, crawler: Crawler) -> None:
        self._guard = NetworkGuard.of(crawler)
        self._servers: dict[str, asyncio.Task[asyncio.Server]] = {}
        """By the own address that each listens at."""
        self._clients: set[str] = set()
        self._ways: dict[str, tuple[tuple[str, str], float]] = {}
        """By the URL of a renderer: own address and that of the renderer, and when they were found."""
        self._reached: set[tuple[str, str]] = set()
        """Own addresses at which a client has connected, and its address."""
        self._open: set[asyncio.Task[None]] = set()

    async def url(self, own: str = "127.0.0.1", client: str = "127.0.0.1") -> str:
        """Return the URL of the proxy; start it at the first call. Raise ``OSError`` if it cannot be started.

        :param own: address of this machine to listen at.
        :param client: address of the renderer; others are not served.
        """
        self._clients.add(client)
        starting = self._servers.get(own)
        if starting is None or (starting.done() and starting.exception()):
            self._servers[own] = starting = asyncio.ensure_future(asyncio.start_server(self._accept, own, 0))
        server = await asyncio.shield(starting)
        if not server.sockets:
            raise ConnectionAbortedError("the proxy is closed")
        port = server.sockets[0].getsockname()[1]
        return f"socks5://[{own}]:{port}" if ":" in own else f"socks5://{own}:{port}"

    async def url_for(self, renderer: str) -> str:
        """Return the URL of the proxy for a renderer at a URL.

        Raise ``OSError`` if the renderer cannot be reached, and the error of ``endpoint``.
        """
        way, found = self._ways.get(renderer, (None, 0.0))
        if way is None or monotonic() - found > _KEPT:
            async with asyncio.timeout(_CONNECTING):
                _, writer = await asyncio.open_connection(*endpoint(renderer))
            way = writer.get_extra_info("sockname")[0], writer.get_extra_info("peername")[0]
            writer.close()
            self._ways[renderer] = way, monotonic()
        return await self.url(*way)

    def is_reached(self, renderer: str) -> bool:
        """Return whether the renderer at a URL has connected to the proxy."""
        return self._ways[renderer][0] in self._reached

    def close(self) -> None:
        """Close the proxy and its connections."""
        for starting in self._servers.values():
            starting.add_done_callback(_stop)
        for task in self._open:
            task.cancel()

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        own, client = writer.get_extra_info("sockname")[0], writer.get_extra_info("peername")[0]
        if client not in self._clients or len(self._open) >= _CONNECTIONS:
            writer.close()
            return
        self._reached.add((own, client))
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("The proxy for renderers has failed to connect: %r", error)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            ends = await self._answer(reader, writer)
            if ends:
                await _exchange((reader, writer), ends)
        except (OSError, EOFError):
            pass  # the client or the server has left, or is none
        finally:
            writer.close()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> Ends | None:
        """Return the connection that a client asks for; ``None`` if it does not get one. Raise ``EOFError`` if it is no client."""
        async with asyncio.timeout(_CONNECTING):
            version, methods = await reader.readexactly(2)
            is_open = _NO_AUTHENTICATION in await reader.readexactly(methods)
            if version != _VERSION:
                raise EOFError
            writer.write(bytes((_VERSION, _NO_AUTHENTICATION if is_open else _NO_METHOD)))
            if not is_open:
                return None
        reply, ends = _UNREACHABLE, None
        try:
            async with asyncio.timeout(_CONNECTING):
                target = await _target(reader)
            ends = await self._connect(*target)
            reply = _SUCCEEDED
        except _NotConnectedError as error:
            reply = error.reply
        finally:  # an error that is not expected too
            writer.write(bytes((_VERSION, reply, 0, 1, 0, 0, 0, 0, 0, 0)))
        return ends

    async def _connect(self, host: str, port: int) -> Ends:
        try:
            addresses = await self._guard.addresses(host, port)
        except IgnoreRequest as error:
            raise _NotConnectedError(_NOT_ALLOWED) from error
        reply = _UNREACHABLE
        for address in addresses:
            try:
                async with asyncio.timeout(_CONNECTING):
                    return await asyncio.open_connection(address, port)
            except TimeoutError:
                reply = _TIMED_OUT
            except ConnectionRefusedError:
                reply = _REFUSED
            except OSError:
                reply = _UNREACHABLE
        raise _NotConnectedError(reply)


def endpoint(renderer: str) -> tuple[str, int]:
    """Return host and port of the URL of a renderer. Raise ``ValueError`` if it is none.

    >>> endpoint("http://127.0.0.1:8050"), endpoint("wss://browser.example/")
    (('127.0.0.1', 8050), ('browser.example', 443))
    """
    parts = urlsplit(renderer)
    if not parts.hostname or parts.scheme not in _PORTS:
        raise ValueError(f"{renderer!r} is no URL of a renderer, such as http://127.0.0.1:8050")
    return parts.hostname, parts.port or _PORTS[parts.scheme]


def _stop(starting: asyncio.Task[asyncio.Server]) -> None:
    if not starting.cancelled() and not starting.exception():
        starting.result().close()


async def _target(reader: StreamReader) -> tuple[str, int]:
    """Return host and port that a client asks for."""
    _, command, _, kind = await reader.readexactly(4)
    if kind == _NAME:
        (size,) = await reader.readexactly(1)
        host = (await reader.readexactly(size)).decode("ascii", "replace")
    elif kind in _SIZES:
        host = str(ipaddress.ip_address(await reader.readexactly(_SIZES[kind])))
    else:
        raise _NotConnectedError(_NO_TYPE)
    port = int.from_bytes(await reader.readexactly(2), "big")
    if command != _CONNECT:
        raise _NotConnectedError(_NO_COMMAND)
    return host, port


async def _exchange(client: Ends, server: Ends) -> None:
    """Pass on what both send until both have ended, one has left, or nothing comes any more."""
    ways: list[asyncio.Task[None]] = []
    try:
        async with asyncio.timeout(_IDLE) as idle:
            ways += [
                asyncio.ensure_future(_copy(*pair, idle)) for pair in ((client[0], server[1]), (server[0], client[1]))
            ]
            await asyncio.gather(*ways)
    finally:
        for way in ways:
            way.cancel()
        server[1].close()


async def _copy(source: StreamReader, target: StreamWriter, idle: asyncio.Timeout) -> None:
    while chunk := await source.read(_CHUNK):
        idle.reschedule(asyncio.get_running_loop().time() + _IDLE)
        target.write(chunk)
        await target.drain()
    target.write_eof()
