"""Splash in a network whose only way out is the crawler's proxy, as compose.yml and docs/rendering.md have it."""

from __future__ import annotations

import html
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from renderers import servers
from tests.rendering.conftest import PYTHON, Splash
from tests.rendering.visits import HTML, LATE, Browser, Serve, article, ask, page
from tests.warm import Command

OURS, ITS = "10.231.77.1", "10.231.77.2"
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("ip") or not PYTHON.exists(),
    reason="needs root, for a network of its own, and Splash",
)


@pytest.fixture
def fenced_splash(tmp_path: Path) -> Iterator[Splash]:
    """Splash in a network of its own, with a cable to this machine and no route to anywhere else."""
    space, cable = f"fence{os.getpid()}", f"fnc{os.getpid()}"
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec ip netns exec {space} {PYTHON} "$@"\n', encoding="ascii")
    python.chmod(0o700)

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)

    with ExitStack() as stack:
        try:
            ip("netns", "add", space)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network can be made here: {error.stderr}")
        stack.callback(ip, "netns", "delete", space)
        ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        # The kernel removes the cable of a deleted network some time later, and the next test needs its name and address.
        stack.callback(ip, "link", "delete", cable)
        ip("address", "add", f"{OURS}/30", "dev", cable)
        ip("link", "set", cable, "up")
        ip("-n", space, "address", "add", f"{ITS}/30", "dev", "eth0")
        for name in ("lo", "eth0"):
            ip("-n", space, "link", "set", name, "up")
        yield stack.enter_context(servers.running_splash(python=python, ip=ITS))


def test_websockets_of_frames_reach_nothing(fenced_splash: Splash, serve: Serve, command: Command) -> None:
    """They pass Splash's filter and its proxy. The page itself, at an address that Splash cannot reach, comes through the proxy."""
    site, other = serve(), serve()
    opens = f"new WebSocket('{other.url.replace('http', 'ws')}/socket')"
    late = "var frame = document.createElement('iframe'); document.body.appendChild(frame);"
    site.answers.update({
        "/data": (200, HTML, LATE.encode()),
        "/framed": page(opens),
        "/page": page(
            f"{late} {opens.replace('new ', 'new frame.contentWindow.')}; get('/data', put);",
            f"<iframe src=/framed></iframe><iframe srcdoc='{html.escape(f'<script>{opens}</script>')}'></iframe>",
        ),
    })  # fmt: skip
    run = ask(Browser("splash", {"SPLASH_URL": fenced_splash.url}, command), site.url, article("/page"))
    assert run.shown() == {"/page"}
    assert other.host.asked == []


@contextmanager
def published(host: str, port: int) -> Iterator[int]:
    """A port of this machine that leads to another, as Docker's ``--publish`` opens one."""
    server = socket.create_server(("127.0.0.1", 0))
    ends, threads = [server], []

    def start(work: Callable[..., None], *args: object) -> None:
        threads.append(threading.Thread(target=work, args=args, daemon=True))
        threads[-1].start()

    def copy(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                pair = server.accept()[0], socket.create_connection((host, port))
                ends.extend(pair)
                start(copy, *pair)
                start(copy, *reversed(pair))

    start(accept)
    try:
        yield server.getsockname()[1]
    finally:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        for end in ends:
            end.close()


def test_a_splash_that_cannot_reach_the_proxy_is_told(fenced_splash: Splash, serve: Serve, command: Command) -> None:
    site = serve({"/page": page("", LATE)})
    with published(ITS, int(fenced_splash.url.rpartition(":")[2])) as port:
        splash = Browser("splash", {"SPLASH_URL": f"http://127.0.0.1:{port}"}, command)
        run = ask(splash, site.url, article("/page"), RETRY_TIMES=0)
    assert run.in_short() == {"/page": "renderer_unavailable"}
    assert "Splash cannot reach socks5://127.0.0.1:" in run.ends["/page"].error
    assert site.asked() == {}
