"""Measure how long commands take to start: ``scrapy crawl`` until its first request, ``scrapy runs`` as a whole."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

from bench.harness import ROOT

FIRST_REQUEST_SECONDS = 60


def start_of_crawl(database: str) -> float:
    """Return the seconds from the start of a process to its first request, which asks for robots.txt."""
    with socket.create_server(("127.0.0.1", 0)) as site:
        site.settimeout(FIRST_REQUEST_SECONDS)
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "smartdaily", "-s", "LOG_LEVEL=CRITICAL"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": database, "SITE_URL": f"http://127.0.0.1:{site.getsockname()[1]}/"},
            stderr=subprocess.DEVNULL,
        )
        try:
            site.accept()[0].close()
            return time.perf_counter() - started
        finally:
            process.kill()
            process.wait()


def whole(database: str, *command: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "scrapy", *command],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started
