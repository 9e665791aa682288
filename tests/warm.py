"""Run commands in processes forked by multiprocessing's fork server, which has the code loaded: a start takes no second.

A command gets its arguments, environment, folder and standard streams, and reads its settings itself. It shares the hash
seed with the others, and what loaded modules took from the environment: ``COLD=1`` starts an interpreter for each, like an
operator and .ci/run.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
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
    command = [*PYTHON, module, *arguments]
    with tempfile.TemporaryDirectory() as name:
        stdin, stdout, stderr = (Path(name, stream) for stream in STREAMS)
        stdin.write_text(stdin_text, encoding="utf-8")
        process = _forks.Process(target=_become, args=(name, module, arguments, dict(environment)))
        process.start()
        process.join(HANGS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, HANGS)
        output, errors = (stream.read_text(encoding="utf-8") for stream in (stdout, stderr))
        return CompletedProcess(command, process.exitcode, output, errors)


def _for_python(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Python reads only when it starts."""
    return {name: value for name, value in environment.items() if name.startswith("PYTHON")}


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
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends processes without running them
