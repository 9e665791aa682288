"""The real Splash and the real Chromium, which ``make renderers`` installs.

Where one is missing, the tests that need it are skipped; with ``CI=true`` in the environment they fail.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from tests.crawl.conftest import ROOT
from tests.crawl.conftest import scrapy as scrapy  # noqa: PLC0414 - a fixture, for the tests here too
from tests.scrapyd.conftest import _free_port

PYTHON = ROOT / ".venv-splash" / "bin" / "python"
LAUNCHER = Path(__file__).with_name("splash_server.py")
STARTED = 60
"""Seconds within which Splash must answer; it takes half of one on an idle machine."""
OPTIONS = (
    "--ip=127.0.0.1",
    "--slots=3",
    # MB, looked at once a minute. A fresh one takes 150.
    "--maxrss=1500",
    # QtWebKit; the other engine knows neither /execute nor render.json.
    "--browser-engines=webkit",
    "--disable-ui",
)


@dataclass(frozen=True, kw_only=True)
class Splash:
    """A server of one test, or of all tests of a worker."""

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
                return bool(answer.status == 200)
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


@pytest.fixture(scope="session")
def splash() -> Iterator[Splash]:
    """One for all tests of a worker, started for the first that asks."""
    with running_splash() as server:
        yield server


@pytest.fixture
def own_splash() -> Iterator[Callable[[], Splash]]:
    """Start servers that the test may kill and freeze."""
    with ExitStack() as servers:
        yield lambda: servers.enter_context(running_splash())


@pytest.fixture(scope="session")
def chromium() -> Path:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        _missing("Chromium")
    return Path(found)


@contextmanager
def running_splash() -> Iterator[Splash]:
    if not PYTHON.exists():
        _missing("Splash")
    with tempfile.TemporaryDirectory(prefix="smartdaily-splash-") as name:
        # Another process may take the free port before Splash does.
        for attempt in range(3):
            server = _start(Path(name, f"{attempt}.log"))
            try:
                if _comes_up(server):
                    yield server
                    return
            finally:
                server.kill()
        pytest.fail(server.output.read_text(encoding="utf-8"))


def _start(output: Path) -> Splash:
    port = _free_port()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, LAUNCHER, f"--port={port}", *OPTIONS],
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


def _missing(name: str) -> NoReturn:
    reason = f"{name} is not installed here: make renderers, as root"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
