"""Milliseconds of a page in each room of the code, from a profile of a whole crawl by py-spy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.harness import ROOT, fresh_database
from bench.speed_crawls import CrawlError, Site, dsn

RATE = 250
"""Samples per second."""
_FRAME = re.compile(r"^(?P<name>.*) \((?P<file>.*?)(?::\d+)?\)$")
_OURS = re.compile(r"^(?:smartdaily_crawler(?!/commands/)|pipelines)/")
"""All of a crawl runs below its command."""
_IMPORT = "_find_and_load (<frozen importlib._bootstrap>"
_ELSEWHERE = {"scrapy": "Scrapy", "twisted": "Twisted", "asyncio": "asyncio", "sqlalchemy": "SQLAlchemy"}


def milliseconds_by_room(site: Site, py_spy: str) -> tuple[dict[str, float], float]:
    """Crawl the site under py-spy; return the milliseconds a page that each room held the interpreter's lock, largest first, and all.

    What a library does for a room counts for the room. Imports count as such, whose they are.
    """
    with tempfile.TemporaryDirectory() as folder, fresh_database(site.server, "profiled") as engine:
        file = Path(folder) / "stacks"
        command = [
            py_spy,
            "record",
            "--function",
            "--gil",
            "--rate",
            str(RATE),
            "--format",
            "raw",
            "--output",
            str(file),
            "--",
        ]
        crawl = [sys.executable, "-m", "scrapy", "crawl", "smartdaily", "-a", "mode=full", "-s", "LOG_LEVEL=ERROR"]
        environment = os.environ | {"DATABASE_URL": dsn(engine), "SITE_URL": site.url}
        try:
            subprocess.run([*command, *crawl], cwd=ROOT, env=environment, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise CrawlError(f"{py_spy}: {error}") from error
        stacks = file.read_text(encoding="utf-8")
    samples: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        samples[room(stack.split(";"))] += int(count)
    share = 1000 / RATE / site.count
    found = {name: count * share for name, count in samples.most_common()}
    return found, sum(found.values())


def room(stack: list[str]) -> str:
    """Return the room of the innermost frame of ours; without one, the library.

    A method of a library that one of ours extends is the library's: all plain HTTP passes our download handler.

    >>> room(["<module> (scrapy/__main__.py)", "read (smartdaily_crawler/pages/article.py)", "search (re/__init__.py)"])
    'smartdaily_crawler/pages'
    >>> room(["Ours.fetch (smartdaily_crawler/rendering/handler.py)", "Theirs.fetch (scrapy/handler.py)", "send (twisted/web.py)"])
    'Twisted'
    """
    if any(frame.startswith(_IMPORT) for frame in stack):
        return "imports"
    library = "other"
    for frame in stack:
        found = _FRAME.match(frame)
        first = found["file"].partition("/")[0] if found else ""
        library = _ELSEWHERE.get(first, library)
    frames = [found for frame in stack if (found := _FRAME.match(frame))]
    for at in range(len(frames) - 1, -1, -1):
        if _OURS.match(frames[at]["file"]):
            is_extended = any(_method(called) == _method(frames[at]) for called in frames[at + 1 : at + 2])
            return library if is_extended else frames[at]["file"].rpartition("/")[0]
    return library


def _method(frame: re.Match[str]) -> str:
    """Return the name of a method without its class."""
    return frame["name"].rpartition(".")[2]
