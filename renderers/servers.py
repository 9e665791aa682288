"""A Splash of one's own, started and stopped: the one that ``make renderers`` installs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PYTHON = Path(__file__).parents[1] / ".venv-splash" / "bin" / "python"
LAUNCHER = Path(__file__).with_name("splash_server.py")
STARTED = 60
"""Seconds within which Splash must answer; it takes half of one on an idle machine."""
OPTIONS = (
    "--ip=127.0.0.1",
    # As many pages as a crawl asks for at once.
    "--slots=4",
    # MB, looked at once a minute. A fresh one takes 150.
    "--maxrss=1500",
    # QtWebKit; the other engine knows neither /execute nor render.json.
    "--browser-engines=webkit",
    "--disable-ui",
)


class NoSplashError(RuntimeError):
    """One line that says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Splash:
    """A running server."""

    url: str
    """Without a slash at its end."""
    process: subprocess.Popen[bytes]
    output: Path
    """What it has logged."""

    @property
    def pid(self) -> int:
        return self.process.pid

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ping", timeout=5) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 - OK
        except OSError:
            return False

    def kill(self) -> None:
        """With its children, which are of its session. It has nothing to save, and its reactor may not end when asked."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        """Connections are accepted still, by the kernel; nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def running_splash(*options: str, python: Path = PYTHON) -> Iterator[Splash]:
    """Run one on a free port, killed at the end; NoSplashError where it is not installed.

    :param options: Splash's own, which win over ``OPTIONS``.
    """
    if not python.exists():
        raise NoSplashError("Splash is not installed here: make renderers, as root")
    with tempfile.TemporaryDirectory(prefix="smartdaily-splash-") as name:
        # Another process may take the free port before Splash does.
        for attempt in range(3):
            server = _start(python, options, Path(name, f"{attempt}.log"))
            try:
                if _comes_up(server):
                    yield server
                    return
            finally:
                server.kill()
        raise RuntimeError(server.output.read_text(encoding="utf-8"))


def _start(python: Path, options: tuple[str, ...], output: Path) -> Splash:
    port = _free_port()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [python, LAUNCHER, f"--port={port}", *OPTIONS, *options],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Splash(url=f"http://127.0.0.1:{port}", process=process, output=output)


def _comes_up(server: Splash) -> bool:
    deadline = time.monotonic() + STARTED
    while server.process.poll() is None and time.monotonic() < deadline:
        if server.answers():
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
