"""Waiting in tests: for events, never for a time that a busy machine misses."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
HANGS = 900
"""Seconds after which a process or a condition is taken to hang. No test depends on being faster."""


def wait_for(condition: Callable[[], object], pause: float = 0.02) -> None:
    deadline = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < deadline, "it hangs"
        time.sleep(pause)
