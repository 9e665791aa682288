"""Whole crawls by the ``scrapy`` command: a process, a site on loopback, a real database."""

from __future__ import annotations

import http.server
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from demo.server import Server, serve
from demo.site import SMALL, Site
from tests.conftest import _database, _sibling
from tests.warm import Command

Scrapy = Callable[..., "subprocess.CompletedProcess[str]"]


def scrapy_on(command: Command, database_url: str, folder: Path) -> Scrapy:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        mine = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "SCRAPY_JOB", "LOG_FILE")}
        mine |= {"DATABASE_URL": database_url, "DATA_DIR": str(folder), **environment}
        done = command("scrapy", *arguments, environment=mine)
        deprecated = [line for line in done.stderr.splitlines() if "DeprecationWarning" in line]
        assert all("/spidermon/" in line for line in deprecated), done.stderr  # 1.27 logs so
        return done

    return run


@pytest.fixture
def scrapy(command: Command, database_url: str, tmp_path: Path) -> Scrapy:
    """Run ``scrapy ARGUMENT…`` in the project, against the test's own database; ``SITE_URL`` etc. by keyword."""
    return scrapy_on(command, database_url, tmp_path)


@pytest.fixture(scope="session")
def first_day(
    command: Command, admin_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """Give the bundled site, and the name of a database to copy in which its first day is stored."""
    with serve(Site(day=1, categories=SMALL)) as server, _database(admin_url, template=template) as name:
        run = scrapy_on(command, _sibling(admin_url, name), tmp_path_factory.mktemp("first-day"))
        done = run("crawl", "smartdaily", SITE_URL=server.url)
        assert done.returncode == 0, done.stderr[-3000:]
        yield server, name


@pytest.fixture
def crawled(first_day: tuple[Server, str]) -> Server:
    """The bundled site on its first day, already stored in the test's database; the test may set another day."""
    server, _ = first_day
    server.site, server.log[:] = Site(day=1, categories=SMALL), []
    return server


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of a path of a hand-made site."""

    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


ServePages = Callable[..., str]


@pytest.fixture
def serve_pages() -> Iterator[ServePages]:
    """Serve a few pages by path, HTML given as a string; return the site's URL. Other paths are 404.

    ``other_language``: the pages for those who do not prefer Chinese.
    """
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(pages: Mapping[str, Answer | str], other_language: Mapping[str, Answer | str] | None = None) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_chinese = (self.headers["Accept-Language"] or "zh").startswith("zh")
                edition = pages if is_chinese or other_language is None else other_language
                answer = edition.get(self.path, Answer(status=404))
                answer = Answer(body=answer) if isinstance(answer, str) else answer
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response_only(answer.status)
                usual = {"Date": self.date_time_string(), "Content-Type": "text/html; charset=utf-8"}
                for name, value in {**usual, **answer.headers}.items():
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
