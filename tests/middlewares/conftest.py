"""A server whose answers a test writes down, and a process that asks it."""

from __future__ import annotations

import http.server
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.warm import Command


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b"<p>a page</p>"
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    """Do not answer until the client has given up."""


@dataclass
class Host:
    """One port of this machine. A path answers with the answers given for it in turn, the last one again and again."""

    answers: dict[str, list[Answer]]
    asked: list[tuple[str, float]] = field(default_factory=list)
    """Path, and when, on the monotonic clock."""
    url: str = ""

    def answer(self, path: str) -> Answer:
        answers = self.answers.get(path)
        if answers is None:
            return Answer(404 if path == "/robots.txt" else 200)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def times(self, path: str) -> list[float]:
        return [at for asked, at in self.asked if asked == path]


Serve = Callable[..., Host]
Ask = Callable[..., "list[int | str]"]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a host: ``serve(robots=[Answer(…)], page=[…])`` answers ``/robots.txt`` and ``/page`` so."""
    servers: list[http.server.ThreadingHTTPServer] = []
    over = threading.Event()

    def start(robots: list[Answer] | None = None, **pages: list[Answer]) -> Host:
        answers = {f"/{name}": given for name, given in pages.items()}
        host = Host(answers | ({"/robots.txt": robots} if robots else {}))

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append((self.path, time.monotonic()))
                answer = host.answer(self.path)
                if answer.silent:
                    over.wait()
                    return
                self.send_response(answer.status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *args: object) -> None:
                """Keep the tests' output clean."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host.url = f"http://127.0.0.1:{server.server_port}"
        return host

    yield start
    over.set()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def ask(command: Command) -> Ask:
    """Ask for pages one after the other, with settings by keyword; what became of each."""

    def run(*pages: str, **settings: Any) -> list[int | str]:
        order = json.dumps({"pages": pages, "settings": settings})
        done = command("tests.middlewares.asking", environment=os.environ, stdin_text=order)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        ends: list[int | str] = json.loads(done.stdout)
        return ends

    return run
