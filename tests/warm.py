"""Commands in processes that are forked from one which has the code loaded, so that a start takes no second.

A command gets all that an interpreter of its own would give it: arguments, environment, folder, standard streams, settings that
are read anew, and an end at which Python clears up. It shares with the others the seed of its hashes, and what loaded modules
took from the environment: ``COLD=1`` starts an interpreter for each, as an operator and .ci/run do.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

Command = Callable[..., "subprocess.CompletedProcess[str]"]
"""``Commands.run``, or the like."""
ROOT = Path(__file__).parents[1]
PYTHON = (sys.executable, "-W", "default", "-m")
LOADED = (
    # What Scrapy and SQLAlchemy would load for a crawl, and of ours what reads no environment.
    "scrapy.cmdline",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "sqlalchemy.dialects.postgresql.psycopg2",
    *(
        f"smartdaily_crawler.commands.{verb}"
        for verb in ("changes", "crawl", "db", "deadletters", "diff", "inspect", "learn", "runs")
    ),
    "smartdaily_crawler.extensions.progress",
    "smartdaily_crawler.extensions.summary",
    "smartdaily_crawler.middlewares.throttle",
    "smartdaily_crawler.middlewares.redirect",
    "smartdaily_crawler.middlewares.render",
    "smartdaily_crawler.middlewares.robots",
    "smartdaily_crawler.rendering.handler",
    "smartdaily_crawler.spiders.smartdaily",
    "pipelines.deduplicate",
    "pipelines.persist",
    "pipelines.run.revisit",
    "pipelines.validate",
)
OWN = ("smartdaily_crawler.settings", "twisted.internet.reactor")
"""What each command must load by itself: the one reads the environment, the other is chosen by settings."""


class Commands:
    """Runs one command at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*PYTHON, "tests.warm", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._answers = self._line.makefile("r")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()
        self._line.close()
        self._process.wait()

    def run(
        self, module: str, *arguments: str, environment: Mapping[str, str], said: str = "", timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """``python -m module arguments…`` in the project, with ``said`` on its standard input.

        Raises ``subprocess.TimeoutExpired``.
        """
        if _for_python(environment) != _for_python(os.environ):
            return run_cold(module, *arguments, environment=environment, said=said, timeout=timeout)
        command = [*PYTHON, module, *arguments]
        order = {"module": module, "arguments": arguments, "environment": dict(environment)}
        with self._turn, tempfile.TemporaryFile() as stdin, ThreadPoolExecutor(2) as readers:
            stdin.write(said.encode())
            stdin.seek(0)
            (stdout, to_stdout), (stderr, to_stderr) = os.pipe(), os.pipe()
            streams = [stdin.fileno(), to_stdout, to_stderr]
            socket.send_fds(self._line, [json.dumps(order).encode() + b"\n"], streams)
            os.close(to_stdout)
            os.close(to_stderr)
            output, errors = readers.submit(_read, stdout), readers.submit(_read, stderr)
            code = self._ended(command, timeout)
            return subprocess.CompletedProcess(command, code, output.result(), errors.result())

    def _ended(self, command: Sequence[str], timeout: float) -> int:
        """The exit code; a command that takes too long is killed."""
        number = self._answer()
        late = threading.Event()

        def end() -> None:
            late.set()
            os.kill(number, signal.SIGKILL)

        timer = threading.Timer(timeout, end)
        timer.start()
        code = self._answer()
        timer.cancel()
        if late.is_set():
            raise subprocess.TimeoutExpired(list(command), timeout)
        return code

    def _answer(self) -> int:
        if line := self._answers.readline():
            return int(line)
        raise ChildProcessError("the process that commands are forked from has ended")


def run_cold(
    module: str, *arguments: str, environment: Mapping[str, str], said: str = "", timeout: float
) -> subprocess.CompletedProcess[str]:
    """As ``Commands.run``, in an interpreter of its own."""
    return subprocess.run(
        [*PYTHON, module, *arguments],
        cwd=ROOT,
        env=dict(environment),
        input=said,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def _for_python(environment: Mapping[str, str]) -> dict[str, str]:
    """What Python reads when it starts, and not again."""
    return {name: value for name, value in environment.items() if name.startswith("PYTHON")}


def _read(stream: int) -> str:
    with open(stream, encoding="utf-8") as opened:
        return opened.read()


def _load() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in LOADED:
            importlib.import_module(name)
    assert not [name for name in OWN if name in sys.modules]
    gc.freeze()


def _next_command(line: socket.socket) -> dict[str, Any] | None:
    """In each child, its order, once it has its streams; in the parent ``None``, at the end."""
    while True:
        order, streams, _, _ = socket.recv_fds(line, 2**16, 3)
        if not order:
            return None
        while not order.endswith(b"\n"):
            order += line.recv(2**16)
        child = os.fork()
        if child == 0:
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            given: dict[str, Any] = json.loads(order)
            return given
        for stream in streams:
            os.close(stream)
        line.sendall(f"{child}\n".encode())
        line.sendall(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n".encode())


def _main() -> None:
    _load()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        order = _next_command(line)
    if order:
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = [sys.argv[0], *order["arguments"]]
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
