"""Run commands in processes forked by multiprocessing's fork server, which has the code loaded: a start takes no second.

A command gets its arguments, environment, folder, ``PYTHONPATH`` and standard streams, and reads its settings itself. It
shares the hash seed with the others, and what loaded modules took from the environment: ``COLD=1`` starts an interpreter for
each, like an operator and .ci/run.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import site
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess

from tests.waiting import HANGS, ROOT

Command = Callable[..., CompletedProcess[str]]
"""``run_cold`` or ``run_warm``."""
PYTHON = (sys.executable, "-W", "default", "-m")
STREAMS = ("stdin", "stdout", "stderr")
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.preload"])


def run_cold(
    module: str, *arguments: str, environment: Mapping[str, str], stdin_text: str = ""
) -> CompletedProcess[str]:
    """Run ``python -m module arguments…`` in the project, with ``stdin_text`` on its standard input."""
    command, env = [*PYTHON, module, *arguments], dict(environment)
    return subprocess.run(
        command, cwd=ROOT, env=env, input=stdin_text, capture_output=True, text=True, timeout=HANGS, check=False
    )


def run_warm(
    module: str, *arguments: str, environment: Mapping[str, str], stdin_text: str = ""
) -> CompletedProcess[str]:
    """Like ``run_cold``, in a forked process unless the environment has variables that Python reads when it starts."""
    if _for_python(environment) != _for_python(os.environ):
        return run_cold(module, *arguments, environment=environment, stdin_text=stdin_text)
    with start_warm(module, *arguments, environment=environment, stdin_text=stdin_text) as started:
        return started.wait()


class Started:
    """A command that runs in a forked process."""

    def __init__(self, command: list[str], process: BaseProcess, folder: Path) -> None:
        self._command = command
        self._process = process
        self._folder = folder

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        assert self._process.pid
        os.kill(self._process.pid, number)

    def wait(self) -> CompletedProcess[str]:
        """Wait for its end; raise ``subprocess.TimeoutExpired`` if it hangs."""
        self._process.join(HANGS)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._command, HANGS)
        output, errors = (Path(self._folder, stream).read_text(encoding="utf-8") for stream in STREAMS[1:])
        return CompletedProcess(self._command, self._process.exitcode, output, errors)


@contextmanager
def start_warm(module: str, *arguments: str, environment: Mapping[str, str], stdin_text: str = "") -> Iterator[Started]:
    """Start a command as ``run_warm`` does, and kill it at the end of the block if it still runs."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, STREAMS[0]).write_text(stdin_text, encoding="utf-8")
        process = _forks.Process(target=_become, args=(name, module, arguments, dict(environment)))
        process.start()
        try:
            yield Started([*PYTHON, module, *arguments], process, Path(name))
        finally:
            process.kill()
            process.join()


def _for_python(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Python reads only when it starts, but for ``PYTHONPATH``, which ``_become`` follows."""
    return {name: value for name, value in environment.items() if name.startswith("PYTHON") and name != "PYTHONPATH"}


def _become(folder: str, module: str, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    for number, stream in enumerate(STREAMS):
        opened = os.open(Path(folder, stream), os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8")  # multiprocessing has closed the former one
    sys.argv, sys.warnoptions[:] = [module, *arguments], ["default"]
    warnings.resetwarnings()
    warnings.simplefilter("default")
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[1:1] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.modules.pop("sitecustomize", None)
    site.execsitecustomize()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends processes without running them
