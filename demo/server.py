"""Serve a site on loopback: HTTP/1.1 with keep-alive, validators and an access log."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import IO, cast

from demo.page import Page
from demo.site import Site

HOST = "127.0.0.1"
LONGEST_HEAD = 65_536
"""Maximum bytes of a request's head; a longer one is answered with 431."""


@dataclass(frozen=True)
class Access:
    """One answered request."""

    time: str
    """ISO 8601, UTC, of the real clock."""
    method: str
    path: str
    """Path and query as requested."""
    status: int
    bytes: int
    """Bytes of the body sent: 0 for HEAD and 304."""


@dataclass
class Server:
    """A running server. Assign ``site`` to move the day forward on the same port."""

    site: Site
    url: str = ""
    """``http://127.0.0.1:PORT/``"""
    log: list[Access] = field(default_factory=list)
    log_file: IO[str] | None = None
    """Receives every entry of ``log`` as a line of JSON."""
    connections: set[asyncio.Transport] = field(default_factory=set)

    def record(self, access: Access) -> None:
        self.log.append(access)
        if self.log_file:
            self.log_file.write(json.dumps(asdict(access), ensure_ascii=False) + "\n")
            self.log_file.flush()


@contextmanager
def serve(site: Site, port: int = 0, log_file: IO[str] | None = None) -> Iterator[Server]:
    """Serve from a separate thread until the block ends; port 0 is any free one.

    Raise ``OSError`` if the port is not available, ``OverflowError`` if it is out of range.
    """
    server = Server(site, log_file=log_file)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="demo site", daemon=True)
    try:
        listener = loop.run_until_complete(loop.create_server(lambda: Connection(server), HOST, port))
        server.url = f"http://{HOST}:{listener.sockets[0].getsockname()[1]}/"
        thread.start()
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(_close(listener, server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
    finally:
        loop.close()


async def _close(listener: asyncio.Server, server: Server) -> None:
    """Stop listening, and abort the connections that clients keep open."""
    listener.close()
    for connection in list(server.connections):
        connection.abort()
    await asyncio.sleep(0)  # one iteration of the loop, in which they end
    await listener.wait_closed()


class Connection(asyncio.Protocol):
    """One client; requests are answered in order, pipelined ones too."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.server.connections.add(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.server.connections.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received and not self.transport.is_closing():
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            self.answer(head.decode("latin-1"))
        if len(self.received) > LONGEST_HEAD:
            self.send("GET", "", Page(431), keep=False)

    def answer(self, head: str) -> None:
        request, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        method, _, rest = request.partition(" ")
        path, _, version = rest.partition(" ")
        if " " in version or not (version.startswith("HTTP/1.") and path.startswith("/")):
            self.send("GET", request[:80], Page(400), keep=False)
            return
        keep = headers.get("connection", "").lower() != "close" and version != "HTTP/1.0"
        if method not in {"GET", "HEAD"}:
            self.send(method, path, Page(405), keep=False)  # its body, if any, is left unread
            return
        site = self.server.site
        page = site.render(path)
        fresh = bool(page.etag and is_fresh(headers, page.etag, site.changed_at))
        self.send(method, path, page, keep=keep, fresh=fresh, site=site)

    def send(
        self, method: str, path: str, page: Page, *, keep: bool, fresh: bool = False, site: Site | None = None
    ) -> None:
        """Send a page; record it first, so that it is in the log when the client has the response."""
        site = site or self.server.site
        status = HTTPStatus.NOT_MODIFIED if fresh else HTTPStatus(page.status)
        body = b"" if fresh or method == "HEAD" else page.body
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.server.record(Access(now, method, path, status.value, len(body)))
        self.transport.write(head(page, status, site, keep=keep) + body)
        if not keep:
            self.transport.close()


def head(page: Page, status: HTTPStatus, site: Site, *, keep: bool) -> bytes:
    """Return status line and headers. The response to HEAD has the length of the body, a 304 has none."""
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Date: {http_date(site.now)}"]
    # The site as it was on its day: a crawler whose clock is months ahead still reads 昨天 by the site's.
    lines.append(f"Memento-Datetime: {http_date(site.now)}")
    if page.etag:
        lines += [f"ETag: {page.etag}", f"Last-Modified: {http_date(site.changed_at)}"]
    if page.location:
        lines.append(f"Location: {page.location}")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        lines.append("Allow: GET, HEAD")
    if status is not HTTPStatus.NOT_MODIFIED:
        lines += [f"Content-Type: {page.content_type}", f"Content-Length: {len(page.body)}"]
    lines += [f"Connection: {'keep-alive' if keep else 'close'}", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def is_fresh(headers: dict[str, str], etag: str, changed_at: datetime) -> bool:
    """Return whether the client's copy is current, by If-None-Match if it is sent, else by If-Modified-Since."""
    if known := headers.get("if-none-match"):
        return known == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
    try:
        return parsedate_to_datetime(headers["if-modified-since"]) >= changed_at
    except (KeyError, ValueError, TypeError):
        return False


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
