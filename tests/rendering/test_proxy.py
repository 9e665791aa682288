"""What the renderers' proxy answers, byte by byte: RFC 1928."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack, closing
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.network import proxy as proxies
from smartdaily_crawler.network.guard import NetworkGuard, PrivateHosts
from smartdaily_crawler.network.proxy import GuardedProxy
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.waiting import HANGS

HELLO = b"\x05\x01\x00"
WELCOME = b"\x05\x00"
END = b"\x00\x01" + bytes(6)


async def addresses(_: NetworkGuard, host: str, port: int) -> list[str]:  # noqa: ARG001 - the guard's signature
    """As of a guard that knows these names."""
    if host == "inner.example":
        raise IgnoreRequest
    if host == "broken.example":
        raise RuntimeError("no thread")
    return {"echo.example": ["127.0.0.1"], "::1": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}.get(host, [])


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer at once, and once more when the client has ended."""
    with closing(writer):
        writer.write(b"echo " + await reader.read(100))
        await reader.read()
        await asyncio.sleep(0.05)
        writer.write(b", the end")


def name(host: str, command: int = 1) -> bytes:
    return bytes((5, command, 0, 3, len(host))) + host.encode()


async def told(sent: bytes, *, client: str = "127.0.0.1", ends: bool = True) -> bytes:
    """What the proxy answers; ``PORT`` in what is sent is that of a server behind it."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1].to_bytes(2, "big")
    proxy = GuardedProxy(Crawler(Spider))
    parts = urlsplit(await proxy.url(client=client))
    async with asyncio.timeout(HANGS):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(sent.replace(b"PORT", port))
        if ends:
            writer.write_eof()
        answer = await reader.read()
        writer.close()
    proxy.close()
    server.close()
    return answer


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (HELLO + name("echo.example") + b"PORThi", WELCOME + b"\x05\x00" + END + b"echo hi, the end"),
        (HELLO + b"\x05\x01\x00\x01\x7f\x00\x00\x01PORThi", WELCOME + b"\x05\x00" + END + b"echo hi, the end"),
        (HELLO + b"\x05\x01\x00\x04" + socket.inet_pton(socket.AF_INET6, "::1") + b"PORThi", WELCOME + b"\x05\x00" + END + b"echo hi, the end"),
        (HELLO + name("inner.example") + b"PORT", WELCOME + b"\x05\x02" + END),
        (HELLO + name("nobody.example") + b"PORT", WELCOME + b"\x05\x04" + END),
        (HELLO + name("echo.example") + b"\x00\x01", WELCOME + b"\x05\x05" + END),
        (HELLO + name("echo.example", command=2) + b"PORT", WELCOME + b"\x05\x07" + END),
        (HELLO + b"\x05\x01\x00\x09PORT", WELCOME + b"\x05\x08" + END),
        (HELLO + name("broken.example") + b"PORT", WELCOME + b"\x05\x04" + END),
        (b"\x05\x01\x02" + name("echo.example") + b"PORT", b"\x05\xff"),
        (b"\x04\x00PORT", b""),
    ],
    ids=["name", "ipv4", "ipv6", "private", "unknown", "closed", "bind", "kind", "error", "method", "version"],
)  # fmt: skip
def test_answers(monkeypatch: pytest.MonkeyPatch, sent: bytes, answer: bytes) -> None:
    monkeypatch.setattr(NetworkGuard, "addresses", addresses)
    assert asyncio.run(told(sent)) == answer


def test_other_clients_are_not_served() -> None:
    assert asyncio.run(told(b"", client="10.0.0.9")) == b""


def test_an_error_is_logged_in_one_line(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(NetworkGuard, "addresses", addresses)
    asyncio.run(told(HELLO + name("broken.example") + b"PORT"))
    assert [each.getMessage() for each in caplog.records] == [
        "The proxy for renderers has failed to connect: RuntimeError('no thread')"
    ]


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example", "a\0b", "-" * 64])
def test_what_is_no_name_is_not_resolved(host: str) -> None:
    assert asyncio.run(told(HELLO + name(host) + b"PORT")) == WELCOME + b"\x05\x04" + END


def test_a_server_that_does_not_answer_has_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkGuard, "addresses", addresses)
    monkeypatch.setattr(proxies, "_CONNECTING", 0.5)
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # what its queue does not hold is not answered
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        port = full.getsockname()[1].to_bytes(2, "big")
        assert asyncio.run(told(HELLO + name("echo.example") + port)) == WELCOME + b"\x05\x06" + END


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkGuard, "addresses", addresses)
    monkeypatch.setattr(proxies, "_IDLE", 0.2)
    sent = HELLO + name("echo.example") + b"PORThi"
    assert asyncio.run(told(sent, ends=False)) == WELCOME + b"\x05\x00" + END + b"echo hi"
    monkeypatch.setattr(proxies, "_CONNECTIONS", 0)
    assert asyncio.run(told(b"")) == b""


def test_a_start_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    start = asyncio.start_server

    async def fails(*_: object) -> asyncio.Server:
        raise OSError(24, "Too many open files")

    async def starts() -> str:
        proxy = GuardedProxy(Crawler(Spider))
        monkeypatch.setattr(asyncio, "start_server", fails)
        with pytest.raises(OSError, match="Too many"):
            await proxy.url()
        monkeypatch.setattr(asyncio, "start_server", start)
        url = await proxy.url()
        proxy.close()
        return url

    assert asyncio.run(starts()).startswith("socks5://127.0.0.1:")


def test_a_proxy_that_is_closed_while_it_starts_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    start = asyncio.start_server
    servers: list[asyncio.Server] = []

    async def keep(*arguments: Any) -> asyncio.Server:
        servers.append(await start(*arguments))
        return servers[0]

    async def closes() -> None:
        proxy = GuardedProxy(Crawler(Spider))
        starting = asyncio.ensure_future(proxy.url())
        await asyncio.sleep(0)
        proxy.close()
        with pytest.raises(OSError, match="closed"):
            await starting
        assert not servers[0].is_serving()

    monkeypatch.setattr(asyncio, "start_server", keep)
    asyncio.run(closes())


def test_renderers_are_told_apart() -> None:
    """Both reach us at one address; each is asked for its own once."""
    connections: list[object] = []

    def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        writer.close()

    async def reach() -> list[bool]:
        proxy = GuardedProxy(Crawler(Spider))
        servers = [await asyncio.start_server(count, address, 0) for address in ("127.0.0.1", "127.0.0.2")]
        urls = ["http://{}:{}".format(*server.sockets[0].getsockname()) for server in servers]
        for _ in range(2):
            parts = [urlsplit(await proxy.url_for(url)) for url in urls]
        reader, writer = await asyncio.open_connection(parts[0].hostname, parts[0].port)
        writer.write_eof()
        await reader.read()
        writer.close()
        proxy.close()
        for server in servers:
            server.close()
        return [proxy.is_reached(url) for url in urls]

    assert asyncio.run(reach()) == [True, False]
    assert len(connections) == 2


def test_other_ports_of_a_site_at_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str) -> list[str]:
        return {"intranet.example": ["10.0.0.5"], "news.example": ["93.184.215.14"]}[host]

    def asked(site: str, port: int, *allowed: str) -> list[str]:
        guard = NetworkGuard(SiteAddress(f"http://{site}/"), PrivateHosts(allowed))
        return asyncio.run(guard.addresses(site, port))

    monkeypatch.setattr(NetworkGuard, "_resolve", Mock(side_effect=resolve))
    assert asked("intranet.example", 80) == ["10.0.0.5"]
    assert asked("intranet.example", 5432, "10.0.0.0/8") == ["10.0.0.5"]
    assert asked("news.example", 443) == ["93.184.215.14"]
    with pytest.raises(IgnoreRequest):
        asked("intranet.example", 5432)
