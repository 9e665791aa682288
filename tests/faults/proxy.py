"""A network that fails on demand, between clients and a PostgreSQL server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
CHUNK = 65_536


@dataclass(eq=False)
class Link:
    """One client's connection, and its connection to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    answer_is_lost: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def cut(self) -> None:
        for end in (self.client, self.server):
            if end:
                end.transport.abort()


class Proxy:
    """TCP proxy on loopback. Its methods may be called from any thread, and are in effect when they return."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        """Path of the server's socket; may change when the server restarts."""
        self.port = 0
        self.swallowed = 0
        """Number of COMMITs whose acknowledgement was dropped."""
        self._to_swallow = 0
        self._links: set[Link] = set()
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._listener: asyncio.Server | None = None

    def swallow_commits(self, number: int) -> None:
        """Drop the acknowledgement of the next ``number`` COMMITs, and break their connections."""
        self._to_swallow = number

    def cut(self) -> None:
        """Break every connection."""
        self._do(self._cut())

    def refuse(self) -> None:
        """Break every connection, and refuse new ones."""
        self._do(self._refuse())

    def hold(self) -> None:
        """Keep and accept connections, but pass no data on."""
        self._do(self._hold())

    def restore(self) -> None:
        """Accept connections and pass data on again, held data included."""
        self._do(self._restore())

    def _do(self, verb: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(verb, self._loop).result()

    async def _cut(self) -> None:
        for link in list(self._links):
            link.cut()

    async def _refuse(self) -> None:
        if self._listener:
            self._listener.close()
            self._listener = None
        await self._cut()

    async def _end(self) -> None:
        self._flows.set()
        await self._refuse()
        await asyncio.gather(*(link.over.wait() for link in self._links))

    async def _hold(self) -> None:
        self._flows.clear()

    async def _restore(self) -> None:
        self._flows.set()
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(writer)
        self._links.add(link)
        with suppress(OSError):
            await self._flows.wait()
            answers, link.server = await asyncio.open_unix_connection(self.upstream)
            ways = (self._forward(link, reader), self._answer(link, answers))
            tasks = [asyncio.ensure_future(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            link.cut()
            await asyncio.wait(tasks)
        link.cut()
        self._links.discard(link)
        link.over.set()

    async def _forward(self, link: Link, reader: asyncio.StreamReader) -> None:
        assert link.server
        async for data in self._read(reader):
            if self._to_swallow and b"COMMIT\0" in data:
                self._to_swallow -= 1
                link.answer_is_lost = True
            link.server.write(data)

    async def _answer(self, link: Link, reader: asyncio.StreamReader) -> None:
        async for data in self._read(reader):
            if link.answer_is_lost:
                self.swallowed += 1
                return
            link.client.write(data)

    async def _read(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        """Yield arriving data until the connection ends. While data is held, hold its end too."""
        while True:
            data = b""
            with suppress(ConnectionError):
                data = await reader.read(CHUNK)
            await self._flows.wait()
            if not data:
                return
            yield data


@contextmanager
def proxying(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(upstream)
    thread = threading.Thread(target=proxy._loop.run_forever, name="proxy", daemon=True)
    thread.start()
    proxy.restore()
    try:
        yield proxy
    finally:
        proxy._do(proxy._end())
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)
        thread.join()
        proxy._loop.close()
