"""The server over real sockets, and its command line."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo.server import Server, serve
from demo.site import Site
from tests.waiting import HANGS

PYTHON = sys.executable
DEMO = (PYTHON, "-m", "demo")
PAGES, SOCKET_BYTES = 3000, 1 << 20


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(Site(day=10)) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[http.client.HTTPConnection]:
    with closing(connect(server.url)) as connection:
        yield connection


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=HANGS)


def connect_raw(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0))


def ask(
    client: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = client.getresponse()
    return response, response.read()


def test_pages_carry_the_days_clock_and_validators(client: http.client.HTTPConnection) -> None:
    response, body = ask(client, "/")
    assert (response.status, response.getheader("Date")) == (200, "Tue, 10 Mar 2026 12:00:00 GMT")
    assert response.getheader("Memento-Datetime") == response.getheader("Date")
    assert "热点资讯" in body.decode()
    etag, changed = response.getheader("ETag") or "", response.getheader("Last-Modified") or ""
    known = {"If_None_Match": f'"x", W/{etag}'}
    for headers in ({"If_None_Match": etag}, known, {"If_Modified_Since": changed}):
        response, body = ask(client, "/", **headers)
        assert (response.status, body) == (304, b"")
    other = {"If_None_Match": '"other"', "If_Modified_Since": changed}
    older = {"If_Modified_Since": "Mon, 09 Mar 2026 00:00:00 GMT"}
    for headers in (other, older, {"If_Modified_Since": "never"}):
        assert ask(client, "/", **headers)[0].status == 200


def test_statuses(server: Server, client: http.client.HTTPConnection) -> None:
    truth = server.site.truth()
    assert ask(client, truth.gone[0])[0].status == 410
    assert ask(client, "/nothing")[0].status == 404
    response, _ = ask(client, truth.articles[0].aliases[1])
    assert (response.status, response.getheader("Location")) == (301, truth.articles[0].path)
    assert ask(client, "/robots.txt")[1].startswith(b"User-agent: *")
    assert ask(client, "/", "POST")[0].status == 405


def test_head_has_the_length_and_no_body(client: http.client.HTTPConnection) -> None:
    response, body = ask(client, "/", "HEAD")
    assert (response.status, body) == (200, b"")
    assert int(response.getheader("Content-Length") or 0) > 1000


def test_a_malformed_request_is_answered_400(server: Server) -> None:
    with connect_raw(server) as raw:
        raw.sendall(b"what\r\n\r\n")
        assert raw.recv(SOCKET_BYTES).startswith(b"HTTP/1.1 400 ")


def test_the_day_moves_forward_on_the_same_port_and_requests_are_logged() -> None:
    with serve(Site(day=1)) as server, closing(connect(server.url)) as connection:
        ask(connection, "/?utm_source=x")
        server.site = Site(day=2)
        assert ask(connection, "/")[0].getheader("Date") == "Mon, 02 Mar 2026 12:00:00 GMT"
        first, second = server.log
    assert (first.method, first.path, first.status) == ("GET", "/?utm_source=x", 200)
    assert first.bytes > 1000
    assert first.time <= second.time


def test_over_a_thousand_pages_a_second(server: Server) -> None:
    paths = [article.path for article in server.site.truth().articles]
    for path in paths:
        server.site.render(path)
    with connect_raw(server) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        started = time.process_time()  # of both ends, whatever else the machine does
        for number in range(PAGES):
            raw.sendall(f"GET {paths[number % len(paths)]} HTTP/1.1\r\nHost: site.test\r\n\r\n".encode())
            receive(raw)
        rate = PAGES / (time.process_time() - started)
    assert rate > 1000


def receive(raw: socket.socket) -> None:
    """Receive one whole answer."""
    answer = raw.recv(SOCKET_BYTES)
    head, _, body = answer.partition(b"\r\n\r\n")
    left = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]) - len(body)
    while left:
        left -= len(raw.recv(left))


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DEMO, *arguments], capture_output=True, text=True, check=False, timeout=HANGS)


def test_a_command_gets_the_address_and_gives_its_exit_code(tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    fetch = "import os, urllib.request as u; print(u.urlopen(os.environ['SITE_URL']).status); exit(7)"
    done = demo("--day", "2", "--access-log", str(log), "--", PYTHON, "-c", fetch)
    assert (done.returncode, done.stdout, done.stderr) == (7, "200\n", "")
    (entry,) = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {"method": "GET", "path": "/", "status": 200}.items() <= entry.items()
    assert entry.keys() == {"time", "method", "path", "status", "bytes"}


def test_signals_are_forwarded_to_the_command() -> None:
    sleeper = f"import time; print('up', flush=True); time.sleep(2 * {HANGS})"
    with subprocess.Popen([*DEMO, "--", PYTHON, "-c", sleeper], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.terminate()
        assert process.wait(HANGS) == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_without_a_command_it_prints_its_address_and_ends_cleanly(number: signal.Signals) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([*DEMO, "--day", "1"], stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        assert process.stderr
        with closing(connect(process.stdout.readline().strip())) as connection:
            assert ask(connection, "/")[0].status == 200
            process.send_signal(number)
            assert (process.wait(HANGS), process.stderr.read()) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--skin", "neon"], "unknown skin 'neon'; there are glued"),
        (["--day", "0"], "day 0 is not one of 1 to 10"),
        (["--day", "one"], "invalid int value"),
        (["--port", "70000"], "port 70000 is not one of"),
        (["--article", "/nonexistent/file.txt"], "/nonexistent/file.txt: No such file"),
        (["--article", os.devnull], "not an article file"),
        (["--access-log", "/nonexistent/log"], "/nonexistent/log: No such file"),
        (["--"], "no command"),
        (["--wat"], "unrecognized arguments"),
    ],
)
def test_bad_input_is_one_clear_line(arguments: list[str], reason: str) -> None:
    done = demo(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr


def test_a_taken_port_is_one_clear_line(server: Server) -> None:
    port = urlsplit(server.url).port
    done = demo("--port", str(port))
    assert (done.returncode, done.stderr) == (
        2,
        f"demo: port {port}: Address already in use; take another by --port (make: DEMO_PORT=…)\n",
    )


def test_a_missing_command_is_one_clear_line() -> None:
    done = demo("--", "/nonexistent/command")
    assert (done.returncode, done.stderr) == (127, "demo: /nonexistent/command: No such file or directory\n")
