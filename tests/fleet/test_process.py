"""The process of a run has bounds, and its children end with it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from pipelines.fleet.process import Bounds, End, RunProcess
from tests.waiting import HANGS, wait_for

AMPLE = Bounds(seconds=HANGS, memory=2**40, grace=HANGS)


def run(tmp_path: Path, *command: str, bounds: Bounds = AMPLE) -> End:
    return asyncio.run(RunProcess(command, tmp_path / "run.log", bounds).run())


def test_the_end_has_the_exit_code_and_the_last_line(tmp_path: Path) -> None:
    assert run(tmp_path, "sh", "-c", "echo first; echo last >&2; exit 3") == End(
        code=3, complaint=None, last_line="last"
    )
    assert run(tmp_path, "sh", "-c", "true").last_line == ""
    assert (tmp_path / "run.log.1").read_text() == "first\nlast\n"


def test_one_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    deaf = "trap '' TERM; sleep 600 & echo $!; wait; wait"
    end = run(tmp_path, "sh", "-c", deaf, bounds=Bounds(seconds=0.1, memory=2**40, grace=0))
    assert end.code == -9
    assert "longer than 0 s" in (end.complaint or "")
    assert "killed" in (end.complaint or "")
    child = Path("/proc", end.last_line, "stat")
    wait_for(lambda: not child.exists() or b") Z" in child.read_bytes())


def test_one_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    hungry = "import time; taken = bytearray(2**27); taken[:] = b'1' * 2**27; time.sleep(600)"
    end = run(tmp_path, sys.executable, "-c", hungry, bounds=Bounds(seconds=HANGS, memory=2**26, grace=HANGS))
    assert end.code == -15
    assert "more than 64" in (end.complaint or "")


def test_one_may_be_stopped_before_it_has_started(tmp_path: Path) -> None:
    process = RunProcess(["sleep", "600"], tmp_path / "run.log", AMPLE)
    process.stop("no longer wanted")
    assert asyncio.run(process.run()) == End(code=-15, complaint="no longer wanted", last_line="")


def test_it_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    parent = f"""
import asyncio, os
from pathlib import Path
from pipelines.fleet.process import Bounds, RunProcess
run = RunProcess(["sleep", "600"], Path({str(tmp_path / "run.log")!r}), Bounds(seconds=600, memory=2**40, grace=600))
async def main():
    task = asyncio.create_task(run.run())
    while run._pid is None:
        await asyncio.sleep(0.01)
    print(run._pid, flush=True)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    end = run(tmp_path / "outer", sys.executable, "-c", parent)
    assert end.code == -9
    child = Path("/proc", end.last_line, "stat")
    wait_for(lambda: not child.exists() or b") Z" in child.read_bytes())
    assert os.getpid() != int(end.last_line)
