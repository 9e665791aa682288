"""Whole crawls through the front door: a process, a server on loopback, a real database."""

from __future__ import annotations

import http.server
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.warm import Command

Scrapy = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def scrapy(command: Command, database_url: str, tmp_path: Path) -> Scrapy:
    """Run ``scrapy ARGUMENT…`` in the project, against the test's own database; ``SITE_URL`` etc. by keyword."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        mine = {
            name: value
            for name, value in os.environ.items()
            if name not in ("SITE_URL", "SCRAPY_JOB", "LOG_FILE")
        }
        mine |= {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), **environment}
        done = command("scrapy", *arguments, environment=mine)
        deprecated = [line for line in done.stderr.splitlines() if "DeprecationWarning" in line]
        assert all("/spidermon/" in line for line in deprecated), done.stderr  # its 1.27 logs in the old way
        return done

    return run


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a path of a hand-made site answers."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


ServePages = Callable[[Mapping[str, Answer | str]], str]


@pytest.fixture
def serve_pages() -> Iterator[ServePages]:
    """Serve a handful of pages by path, HTML given as a string; gives the site's address. Other paths are 404."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(pages: Mapping[str, Answer | str]) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = pages.get(self.path, Answer(status=404))
                answer = Answer(body=answer) if isinstance(answer, str) else answer
                body = answer.body.encode()
                self.send_response(answer.status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Keep the tests' output clean."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
