"""What the renderers' proxy answers, byte by byte: RFC 1928."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.network.guard import NetworkGuard
from smartdaily_crawler.network.proxy import GuardedProxy
from tests.waiting import HANGS

HELLO = b"\x05\x01\x00"
WELCOME = b"\x05\x00"
END = b"\x00\x01" + bytes(6)


async def addresses(_: NetworkGuard, host: str, port: int) -> list[str]:  # noqa: ARG001 - the guard's signature
    """As of a guard that knows these names."""
    if host == "inner.example":
        raise IgnoreRequest
    return {"echo.example": ["127.0.0.1"], "::1": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}.get(host, [])


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"echo " + await reader.read(100))
    writer.close()


def name(host: str, command: int = 1) -> bytes:
    return bytes((5, command, 0, 3, len(host))) + host.encode()


async def told(sent: bytes, *, client: str = "127.0.0.1") -> bytes:
    """What the proxy answers; ``PORT`` in what is sent is that of a server behind it."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1].to_bytes(2, "big")
    proxy = GuardedProxy(Crawler(Spider))
    parts = urlsplit(await proxy.url(client=client))
    async with asyncio.timeout(HANGS):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(sent.replace(b"PORT", port))
        answer = await reader.read()
        writer.close()
    proxy.close()
    server.close()
    return answer


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (HELLO + name("echo.example") + b"PORThi", WELCOME + b"\x05\x00" + END + b"echo hi"),
        (HELLO + b"\x05\x01\x00\x01\x7f\x00\x00\x01PORThi", WELCOME + b"\x05\x00" + END + b"echo hi"),
        (HELLO + b"\x05\x01\x00\x04" + socket.inet_pton(socket.AF_INET6, "::1") + b"PORThi", WELCOME + b"\x05\x00" + END + b"echo hi"),
        (HELLO + name("inner.example") + b"PORT", WELCOME + b"\x05\x02" + END),
        (HELLO + name("nobody.example") + b"PORT", WELCOME + b"\x05\x04" + END),
        (HELLO + name("echo.example") + b"\x00\x01", WELCOME + b"\x05\x05" + END),
        (HELLO + name("echo.example", command=2) + b"PORT", WELCOME + b"\x05\x07" + END),
        (HELLO + b"\x05\x01\x00\x09PORT", WELCOME),
        (b"\x04\x00PORT", b""),
    ],
    ids=["name", "ipv4", "ipv6", "private", "unknown", "closed", "bind", "kind", "version"],
)  # fmt: skip
def test_answers(monkeypatch: pytest.MonkeyPatch, sent: bytes, answer: bytes) -> None:
    monkeypatch.setattr(NetworkGuard, "addresses", addresses)
    assert asyncio.run(told(sent)) == answer


def test_other_clients_are_not_served() -> None:
    assert asyncio.run(told(b"", client="10.0.0.9")) == b""
