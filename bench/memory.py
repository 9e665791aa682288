"""The most memory that a process and its children had at once, looked at while they run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

_PAUSE = 0.25
"""Seconds between two looks."""
_MB = 1024 * 1024


@dataclass
class Peak:
    """MB."""

    rss: float = 0.0
    """Of all processes: what they share is counted for each."""
    pss: float = 0.0
    """Of all processes: what they share is counted once."""

    def see(self, processes: Iterable[psutil.Process]) -> None:
        rss = pss = 0
        for process in processes:
            try:
                memory = process.memory_full_info()
            except psutil.NoSuchProcess:  # it has ended meanwhile
                continue
            rss, pss = rss + memory.rss, pss + memory.pss
        self.rss, self.pss = max(self.rss, rss / _MB), max(self.pss, pss / _MB)


@dataclass
class Peaks:
    """Of a crawl, apart."""

    crawler: Peak
    renderer: Peak


@contextmanager
def watching(crawler: int, splash: int | None) -> Iterator[Peaks]:
    """Look until the block ends.

    :param crawler: its process; what it starts is a renderer's: the driver of a browser, and the browser.
    :param splash: the process of a server that renders beside it.
    """
    peaks, ended = Peaks(Peak(), Peak()), threading.Event()

    def look() -> None:
        while not ended.wait(_PAUSE):
            peaks.crawler.see(_family(crawler)[:1])
            peaks.renderer.see([*_family(crawler)[1:], *(_family(splash) if splash else ())])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def _family(pid: int) -> list[psutil.Process]:
    """A process and all below it, itself first; empty where it has ended."""
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
