"""``scrapy changes``, run like a service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

from pipelines.storage.write.writer import write
from tests.crawl.conftest import Scrapy
from tests.storage.making import article, new_run, url
from tests.waiting import HANGS, ROOT


@pytest.fixture
def follower(database_url: str) -> Iterator[subprocess.Popen[str]]:
    with following(database_url) as process:
        yield process


@contextmanager
def following(database_url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "changes", "--follow"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_line_of_json_for_each_change(engine: Engine, scrapy: Scrapy) -> None:
    write(engine, new_run(engine), [article("a", teases="b")])
    done = scrapy("changes")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["url"] for line in lines} == {url("a"), url("b")}
    assert {line["last_seen_at"] for line in lines} == {"2026-03-06T20:00:00+08:00"}
    assert list(lines[0])[:2] == ["cursor", "article_id"]
    rest = scrapy("changes", "--since", lines[0]["cursor"])
    assert [json.loads(line)["url"] for line in rest.stdout.splitlines()] == [lines[1]["url"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_following_until_told_to_stop(engine: Engine, follower: subprocess.Popen[str], number: signal.Signals) -> None:
    assert follower.stdout
    run = new_run(engine)
    write(engine, run, [article("a")])
    assert json.loads(follower.stdout.readline())["url"] == url("a")
    write(engine, run, [article("b")])
    assert json.loads(follower.stdout.readline())["url"] == url("b")
    follower.send_signal(number)
    assert follower.wait(HANGS) == 0
    assert follower.communicate() == ("", "")


def test_following_until_the_reader_goes(engine: Engine, follower: subprocess.Popen[str]) -> None:
    assert follower.stdout
    assert follower.stderr
    write(engine, new_run(engine), [article("a")])
    follower.stdout.readline()
    follower.stdout.close()
    assert follower.wait(HANGS) == 0
    assert follower.stderr.read() == ""


def test_following_until_the_database_goes(engine: Engine, follower: subprocess.Popen[str]) -> None:
    assert follower.stdout
    write(engine, new_run(engine), [article("a")])
    follower.stdout.readline()
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'smartdaily-crawler'"
            )
        )
    output, errors = follower.communicate(timeout=HANGS)
    assert (follower.returncode, output) == (1, "")
    assert errors.startswith("scrapy changes: ")
    assert errors.count("\n") == 1


def test_a_reader_that_wants_one_line(engine: Engine, database_url: str) -> None:
    write(engine, new_run(engine), [article(f"a{number}", body=["长" * 500]) for number in range(200)])
    command = f"set -o pipefail; {sys.executable} -m scrapy changes | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)


def test_malformed_cursors(scrapy: Scrapy) -> None:
    for cursor, code, message in (
        ("7", 2, "'7' is no cursor of the feed"),
        ("0123456789ab-1-1", 1, "the cursor is of another database"),
    ):
        done = scrapy("changes", "--since", cursor)
        assert done.returncode == code
        assert message in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""


def test_changes_that_are_held_back(scrapy: Scrapy) -> None:
    done = scrapy("changes", "--lag")
    assert (done.returncode, done.stdout) == (0, "no change is held back\n")
