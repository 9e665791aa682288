"""Splash in a network whose only way out is the crawler's proxy, as compose.yml and docs/rendering.md have it."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from renderers import servers
from tests.rendering.conftest import PYTHON, Splash
from tests.rendering.visits import HTML, LATE, Browser, Serve, article, ask, page
from tests.warm import Command

OURS, ITS = "10.231.77.1", "10.231.77.2"
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("ip") or not PYTHON.exists(),
    reason="needs root, to make a network, and Splash",
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
        ip("address", "add", f"{OURS}/30", "dev", cable)
        ip("link", "set", cable, "up")
        ip("-n", space, "address", "add", f"{ITS}/30", "dev", "eth0")
        for name in ("lo", "eth0"):
            ip("-n", space, "link", "set", name, "up")
        yield stack.enter_context(servers.running_splash(python=python, ip=ITS))


def test_websockets_of_frames_reach_nothing(fenced_splash: Splash, serve: Serve, command: Command) -> None:
    """They pass Splash's filter and its proxy. The page itself, at an address that Splash cannot reach, comes through the proxy."""
    site, other = serve(), serve()
    socket = f"new WebSocket('{other.url.replace('http', 'ws')}/socket')"
    late = "var frame = document.createElement('iframe'); document.body.appendChild(frame);"
    site.answers.update({
        "/data": (200, HTML, LATE.encode()),
        "/framed": page(socket),
        "/page": page(
            f"{late} {socket.replace('new ', 'new frame.contentWindow.')}; get('/data', put);",
            f"<iframe src=/framed></iframe><iframe srcdoc='{html.escape(f'<script>{socket}</script>')}'></iframe>",
        ),
    })  # fmt: skip
    run = ask(Browser("splash", {"SPLASH_URL": fenced_splash.url}, command), site.url, article("/page"))
    assert run.shown() == {"/page"}
    assert other.host.asked == []
