"""A real scrapyd on loopback, set up and deployed to as docs/scrapyd.md says."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scrapyd_client import ScrapydClient

from tests.conftest import _database, _sibling
from tests.waiting import HANGS, ROOT, wait_for

PAGE = (ROOT / "docs" / "scrapyd.md").read_text(encoding="utf-8")
PROJECT = "smartdaily"
OUTPUT = "scrapyd.log"


def block(language: str, *words: str) -> str:
    """Give the first block of the recipe that has these words."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(next(text for text in blocks if all(word in text for word in words)))


def command(*words: str) -> str:
    """Give a command of the recipe, as typed; a line that ends in ``\\`` goes on."""
    typed = re.findall(r"^\$ ((?:.*\\\n)*.*)$", block("console", *words), re.MULTILINE)
    return str(next(text for text in typed if all(word in text for word in words)))


@dataclass(frozen=True, kw_only=True)
class Scrapyd:
    """The server, and what a client of it needs."""

    url: str
    folder: Path
    """Where it was started; the checkout is elsewhere."""
    environment: dict[str, str]
    """``SCRAPYD_URL``, ``SCRAPYD_USERNAME`` and ``SCRAPYD_PASSWORD``."""
    database_url: str
    """What its own environment names, for jobs that are given no other."""

    @property
    def client(self) -> Any:
        user, password = self.environment["SCRAPYD_USERNAME"], self.environment["SCRAPYD_PASSWORD"]
        return ScrapydClient(self.url, user, password)

    def schedule(self, *arguments: tuple[str, str]) -> str:
        return str(self.client.schedule(PROJECT, "smartdaily", list(arguments)))

    def wait(self, job: str) -> None:
        wait_for(lambda: self.client.status(job)["currstate"] == "finished", pause=0.2)

    def pid(self, job: str) -> int:
        running = self.client.jobs(PROJECT)["running"]
        return int(next(each["pid"] for each in running if each["id"] == job))

    def log(self, job: str) -> str:
        return Path(self.folder, "logs", PROJECT, "smartdaily", f"{job}.log").read_text(encoding="utf-8")

    def output(self) -> str:
        """What scrapyd itself has logged."""
        return (self.folder / OUTPUT).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def scrapyd(admin_url: str, template: str) -> Iterator[Scrapyd]:
    settings = block("ini", "[scrapyd]")
    account = ConfigParser()
    account.read_string(settings)
    with (
        tempfile.TemporaryDirectory(prefix="smartdaily-scrapyd-") as name,
        _database(admin_url, template=template) as database,
    ):
        folder, database_url = Path(name), _sibling(admin_url, database)
        (folder / "scrapyd.conf").write_text(f"{settings}\npoll_interval = 0.2\n", encoding="utf-8")
        with _running(folder, DATABASE_URL=database_url) as port:
            url = f"http://127.0.0.1:{port}"
            yield Scrapyd(
                url=url,
                folder=folder,
                environment={
                    "SCRAPYD_URL": url,
                    "SCRAPYD_USERNAME": account["scrapyd"]["username"],
                    "SCRAPYD_PASSWORD": account["scrapyd"]["password"],
                },
                database_url=database_url,
            )


@pytest.fixture(scope="session")
def deployed(scrapyd: Scrapyd) -> Scrapyd:
    """The server, with this checkout's crawler on it."""
    before = _checkout()
    done = deploy(command("make deploy"), scrapyd.environment)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"deploy: version \d+ of {PROJECT} is at {scrapyd.url}/\n", done.stdout)
    assert _checkout() == before, "the build left something behind"
    return scrapyd


def _checkout() -> set[str]:
    """What lies in it, but for the caches of whatever runs meanwhile."""
    return {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__pycache__"))}


def deploy(typed: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Type ``make deploy`` with the environment that the tests run in, which is there and stays as it is."""
    # What `make test` tells the makes below it.
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        f"{typed} --silent --old-file=.venv/.dev BIN={Path(sys.executable).parent}",
        shell=True,
        cwd=ROOT,
        env=plain | environment,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )


@contextmanager
def _running(folder: Path, **environment: str) -> Iterator[int]:
    """Run scrapyd until the block ends, and give its port."""
    output = folder / OUTPUT
    # Another process may take the free port before scrapyd does.
    for _ in range(3):
        port = _free_port()
        process = _start(folder, output, {**environment, "SCRAPYD_HTTP_PORT": str(port)})
        try:
            if _listens(process, output):
                yield port
                return
        finally:
            _stop(process)
    pytest.fail(output.read_text(encoding="utf-8"))


def _start(folder: Path, output: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    plain = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "LOG_FILE")}
    with output.open("wb") as log:
        return subprocess.Popen(
            [Path(sys.executable).with_name("scrapyd"), "--pidfile="],
            cwd=folder,
            env=plain | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _listens(process: subprocess.Popen[bytes], output: Path) -> bool:
    """Wait until it does, or has given up."""
    wait_for(lambda: b"Site starting on" in output.read_bytes() or process.poll() is not None)
    return process.poll() is None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """With its jobs, which are of its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(HANGS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
