"""A server that asks to wait is waited for, and no URL is lost."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.middlewares.conftest import Answer, Ask, Serve
from tests.waiting import HANGS, wait_for
from tests.warm import start_warm


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for(serve: Serve, ask: Ask, status: int) -> None:
    host = serve(page=[Answer(status, headers={"Retry-After": "1"}), Answer()])
    assert ask(f"{host.url}/page") == [200]
    first, second = host.times("/page")
    assert 0.95 <= second - first < 40


def test_a_date_serves_as_well(serve: Serve, ask: Ask) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=HANGS), usegmt=True)
    host = serve(page=[Answer(503, headers={"Retry-After": at}), Answer()])
    assert ask(f"{host.url}/page", RETRY_AFTER_MAX=0.7) == [200]
    first, second = host.times("/page")
    assert 0.65 <= second - first < HANGS / 2


def test_the_whole_host_is_left_alone_and_the_others_are_not(serve: Serve, ask: Ask) -> None:
    busy = serve(page=[Answer(429, headers={"Retry-After": "5"})])
    other = serve()
    ends = ask(f"{busy.url}/page", f"{other.url}/page", f"{busy.url}/next", RETRY_AFTER_TIMES=0)
    assert ends == [429, 200, 200]
    asked_at = busy.times("/page")[-1]
    assert other.times("/page")[0] - asked_at < 4.5
    assert busy.times("/next")[0] - asked_at >= 4.95


def test_patience_ends(serve: Serve, ask: Ask) -> None:
    host = serve(page=[Answer(503, headers={"Retry-After": "0"})])
    assert ask(f"{host.url}/page", RETRY_AFTER_TIMES=3) == [503]
    assert len(host.times("/page")) == 4


def test_pauses_grow_where_the_server_does_not_say(serve: Serve, ask: Ask) -> None:
    host = serve(page=[Answer(429), Answer(429), Answer()])
    assert ask(f"{host.url}/page") == [200]
    first, second, third = host.times("/page")
    assert second - first >= 1.95
    assert third - second >= 3.95


def test_a_stopped_run_waits_for_nobody(serve: Serve, tmp_path: Path, database_url: str) -> None:
    host = serve(**{"": [Answer(503, headers={"Retry-After": "100"})]})
    environment = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "PATH": ""}
    crawl = ("crawl", "smartdaily", "-a", f"site_url={host.url}/")
    with start_warm("scrapy", *crawl, environment=environment) as started:
        wait_for(lambda: host.times("/") or started.poll() is not None)
        time.sleep(0.3)
        started.send_signal(signal.SIGTERM)
        done = started.wait()
    assert "Traceback" not in done.stderr
