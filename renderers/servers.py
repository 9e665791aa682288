"""Start and stop a local Splash, as installed by ``make renderers``."""

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
"""Seconds within which Splash must answer; it takes half a second on an idle machine."""
OPTIONS = (
    # The default of RENDER_CONCURRENCY.
    "--slots=4",
    # MB, checked once a minute. After the start Splash takes 150.
    "--maxrss=1500",
    # QtWebKit; the other engine supports neither /execute nor render.json.
    "--browser-engines=webkit",
    "--disable-ui",
)


class NoSplashError(RuntimeError):
    """Splash is not installed; the message is one line."""


@dataclass(frozen=True, kw_only=True)
class Splash:
    """A running server."""

    url: str
    """Without a slash at the end."""
    process: subprocess.Popen[bytes]
    output: Path
    """Log file."""

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
        """Kill Splash and its children, all of one session. It has nothing to save, and may not end on SIGTERM."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        """Suspend the process: the kernel still accepts connections, but nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def running_splash(*options: str, python: Path = PYTHON, ip: str = "127.0.0.1") -> Iterator[Splash]:
    """Run Splash on a free port, and kill it at the end. Raise NoSplashError if it is not installed.

    :param options: options of Splash, which override ``OPTIONS``.
    :param ip: the address at which it listens.
    """
    if not python.exists():
        raise NoSplashError("Splash is not installed here: make renderers, as root")
    with tempfile.TemporaryDirectory(prefix="smartdaily-splash-") as name:
        # Another process may take the free port before Splash does.
        for attempt in range(3):
            server = _start(python, ip, options, Path(name, f"{attempt}.log"))
            try:
                if _comes_up(server):
                    yield server
                    return
            finally:
                server.kill()
        raise RuntimeError(server.output.read_text(encoding="utf-8"))


def _start(python: Path, ip: str, options: tuple[str, ...], output: Path) -> Splash:
    port = _free_port()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [python, LAUNCHER, f"--ip={ip}", f"--port={port}", *OPTIONS, *options],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Splash(url=f"http://{ip}:{port}", process=process, output=output)


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
