"""A renderer that is killed, hangs or comes back: its pages are tried again and end as recorded, plain pages go on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
from sqlalchemy import Engine

from demo.server import Server, serve
from demo.site import Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import path_of, select, stats, stored_articles
from tests.crawl.test_every_skin import assert_every_request_has_one_outcome
from tests.rendering.conftest import Splash, in_full
from tests.rendering.test_crawl import BESIDE, MIXED, PLAIN
from tests.waiting import HANGS, ROOT, wait_for

DEGRADED, FAILED = 4, 1
BEGUN = 5
"""Rendered pages after which something happens to the renderer."""
IMPATIENT = ("-s", "RENDERER_PATIENCE=4", "-s", "RENDER_TIMEOUT=12", "-s", "DOWNLOAD_TIMEOUT=16")
"""Settings for tests that wait for a renderer in vain. On a busy machine a browser may take seconds to start."""


def test_a_killed_splash(own_splash: Callable[[], Splash], scrapy: Scrapy, engine: Engine) -> None:
    splash = own_splash()
    with serve(MIXED) as server:
        code = crawl(scrapy, server, splash.kill, *IMPATIENT, SPLASH_URL=splash.url)
    assert_plain_pages_are_stored_and_others_accounted_for(code, engine, server)


def test_a_splash_that_hangs(own_splash: Callable[[], Splash], scrapy: Scrapy, engine: Engine) -> None:
    splash = own_splash()
    with serve(MIXED) as server:
        code = crawl(scrapy, server, splash.freeze, *IMPATIENT, SPLASH_URL=splash.url)
    assert_plain_pages_are_stored_and_others_accounted_for(code, engine, server)


@in_full
def test_a_chromium_that_hangs(chromium: Path, scrapy: Scrapy, engine: Engine) -> None:
    frozen: list[psutil.Process] = []

    def freeze() -> None:
        frozen.extend(browsers())
        for process in frozen:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)

    with serve(MIXED) as server:
        code = crawl(scrapy, server, freeze, *IMPATIENT, CHROMIUM=str(chromium))
    assert_plain_pages_are_stored_and_others_accounted_for(code, engine, server)
    _, alive = psutil.wait_procs(frozen, timeout=HANGS)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


@in_full
def test_a_killed_chromium_is_started_again(chromium: Path, scrapy: Scrapy, engine: Engine) -> None:
    def kill() -> None:
        for process in browsers():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    with serve(MIXED) as server:
        assert crawl(scrapy, server, kill, CHROMIUM=str(chromium)) == 0
    assert stored_articles(engine).keys() == {article.path for article in PLAIN.truth().articles}


def test_a_stopped_run_does_not_wait_for_a_renderer_that_hangs(
    database_url: str, tmp_path: Path, engine: Engine
) -> None:
    """Its own limits are an hour here."""
    with serve(MIXED) as server, socket.create_server(("127.0.0.1", 0)) as hanging:
        splash = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        hour = ("-s", "DOWNLOAD_TIMEOUT=3600", "-s", "RENDER_TIMEOUT=3600", "-s", "LOG_LEVEL=INFO")
        command = [sys.executable, "-m", "scrapy", "crawl", "smartdaily", "-a", "render=splash", *hour]
        environment = {
            "DATABASE_URL": database_url,
            "DATA_DIR": str(tmp_path),
            "SITE_URL": server.url,
            "SPLASH_URL": splash,
            "PATH": "",
        }
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as run:
            hanging.settimeout(HANGS)
            with hanging.accept()[0]:
                run.send_signal(signal.SIGTERM)
                _, log = run.communicate(timeout=HANGS)
    assert "Traceback" not in log, log
    assert run.returncode == DEGRADED, log
    assert select(engine, "SELECT outcome, reason FROM api.outcome") == [
        {"outcome": "skipped", "reason": "run_stopped"}
    ]
    assert select(engine, "SELECT verdict FROM api.run") == [{"verdict": "stopped"}]


def crawl(scrapy: Scrapy, server: Server, strike: Callable[[], None], *settings: str, **environment: str) -> int:
    """Crawl the mixed site; *strike* when some pages have been rendered. The exit code."""
    with ThreadPoolExecutor(1) as pool:
        crawling = pool.submit(
            scrapy, "crawl", "smartdaily", "-a", "render=auto", *settings, SITE_URL=server.url, **environment
        )
        wait_for(lambda: data_asked(server) >= BEGUN or crawling.done())
        assert not crawling.done(), crawling.result().stderr
        strike()
        done = crawling.result()
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def data_asked(server: Server) -> int:
    return sum(access.path.startswith("/data/news/") for access in server.log)


def browsers() -> list[psutil.Process]:
    """The browser that a crawl of this test has started, with its children."""
    return [process for process in psutil.Process(os.getpid()).children(recursive=True) if "chrom" in process.name()]


def assert_plain_pages_are_stored_and_others_accounted_for(code: int, engine: Engine, server: Server) -> None:
    site: Site = server.site
    shells = site.scripted_paths()
    plain = {article.path for article in site.truth().articles} - shells
    stored = stored_articles(engine).keys()
    assert stored >= plain
    assert_every_request_has_one_outcome(engine, server, beside=BESIDE)
    lost = {
        path_of(row["url"]): row["reason"]
        for row in select(engine, "SELECT url, reason FROM api.outcome WHERE outcome = 'failed'")
    }
    assert set(lost.values()) <= {
        "renderer_unavailable",
        "render_timeout",
        "part_renderer_unavailable",
        "part_render_timeout",
    }
    assert len(lost) > BEGUN
    assert lost.keys() <= shells | {alias for article in site.truth().articles for alias in article.aliases}
    assert code in (FAILED, DEGRADED)
    counted = stats(engine)
    assert counted["render/unavailable"] > 0
    message = f"the renderer did not answer for {counted['reason/renderer_unavailable']} pages"
    assert message in counted["run/reasons"]
