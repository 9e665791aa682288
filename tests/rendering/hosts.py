"""Servers that answer as a test says, and keep what they were asked."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    """By name in small letters."""
    body: bytes
    at: float = field(default_factory=time.monotonic)
    """When, on the monotonic clock."""


@dataclass
class Host:
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def paths(self) -> list[str]:
        """All but what a browser or a robot asks for by itself."""
        return [one.path for one in self.asked if one.path not in {"/favicon.ico", "/robots.txt"}]

    def times(self, path: str) -> list[float]:
        return [one.at for one in self.asked if one.path == path]


Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def host(answer: Callable[[Asked], Answer]) -> Iterator[Host]:
    served = Host()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(size))
            served.asked.append(asked)
            status, headers, body = answer(asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            # Twisted takes even an HTTP/1.0 connection for one that may be used again.
            self.send_header("Connection", "close")
            # A browser leaves what it needs no longer.
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - its name is given

        def log_message(self, *args: object) -> None:
            """Keep the tests' output clean."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
