"""The process of a run: started in a session of its own, bounded in time and memory, and ended with all its children."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

_PR_SET_PDEATHSIG = 1
_PAUSE = 2.0
"""Seconds between two looks at the memory of a run."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Loaded before a fork: a child of a process with threads may not load anything.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a run may take."""

    seconds: float
    """From its start until it is asked to stop."""
    memory: int
    """Resident bytes of its process and all its children, from which it is asked to stop. Linux only."""
    grace: float
    """Seconds from then until it is killed."""


@dataclass(frozen=True, kw_only=True)
class End:
    """How a process ended."""

    code: int
    """Exit code; minus the number of the signal that killed it."""
    complaint: str | None
    """Why it was ended, if it did not end by itself."""
    last_line: str
    """Last line of its output, which is where a command tells why it cannot run."""


@dataclass(eq=False)
class RunProcess:
    """One run. ``stop`` and ``kill`` may be called at any time."""

    command: Sequence[str]
    log: Path
    """File of its output; that of the run before is kept beside it, with ``.1``."""
    bounds: Bounds
    _pid: int | None = None
    _complaint: str | None = None
    _stopped_at: float | None = field(default=None, repr=False)

    async def run(self) -> End:
        """Start the process and wait for its end. Raise OSError where it cannot be started."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        with self.log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._pid = process.pid
        if self._stopped_at is not None:  # asked to stop while it started
            self._signal(signal.SIGTERM)
        try:
            code = await self._watch(process)
        finally:
            self.kill()  # a browser that outlived its run, or all of it where this task is cancelled
            self._pid = None
        return End(code=code, complaint=self._complaint, last_line=_last_line(self.log))

    def stop(self, complaint: str | None = None) -> None:
        """Ask the run to stop, as SIGTERM does; it is killed after the grace.

        :param complaint: why, for the record of the run.
        """
        if self._stopped_at is None:
            self._stopped_at = monotonic()
            self._complaint = complaint
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the process and its children at once."""
        if self._pid is not None:
            with suppress(ProcessLookupError, PermissionError):  # macOS refuses for a zombie
                os.killpg(self._pid, signal.SIGKILL)

    async def _watch(self, process: asyncio.subprocess.Process) -> int:
        deadline = monotonic() + self.bounds.seconds
        waiting = asyncio.ensure_future(process.wait())
        while True:
            await asyncio.wait([waiting], timeout=_PAUSE)
            if waiting.done():
                return waiting.result()
            now = monotonic()
            if self._stopped_at is not None:
                if now > self._stopped_at + self.bounds.grace:
                    self._complaint = (
                        f"{self._complaint or 'the worker was stopped'}; it was killed, as it did not stop"
                    )
                    self.kill()
            elif now > deadline:
                self.stop(f"it took longer than {self.bounds.seconds:.0f} s")
            elif (taken := memory_of_sessions()[process.pid]) > self.bounds.memory:
                self.stop(f"it took {taken / 2**20:.0f} MB of memory, more than {self.bounds.memory / 2**20:.0f}")

    def _signal(self, number: signal.Signals) -> None:
        if self._pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)


def memory_of_sessions() -> Counter[int]:
    """Return the resident bytes of all processes by their session; nothing where there is no ``/proc``. Pages that two share count twice."""
    taken: Counter[int] = Counter()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):  # it has ended
            # The name may contain anything, and is in parentheses.
            fields = stat.read_bytes().rpartition(b")")[2].split()
            taken[int(fields[3])] += int(fields[21]) * _PAGE
    return taken


def _die_with_parent() -> None:
    """Let the kernel send SIGTERM to this process when its parent has died, however it died. Called after the fork."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() == 1:  # it has died already
            os._exit(1)


def _last_line(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - 4096, 0))
        lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
