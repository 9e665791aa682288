"""The trials of a site's outages, of a fortnight's revisits, and of feeds: that they measure, in their small modes."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from bench import discovery, outages, polling, revisits
from tests.warm import Command


@pytest.fixture(autouse=True)
def warm(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the trials' crawls in forked processes, to their end."""

    def scrapy(*arguments: str, engine: Engine, **environment: str) -> SimpleNamespace:
        database = {"DATABASE_URL": engine.url.render_as_string(hide_password=False)}
        done = command("scrapy", *arguments, environment=os.environ | database | environment)
        return SimpleNamespace(wait=lambda: done.returncode)

    for trial in (outages, revisits, discovery):
        monkeypatch.setattr(trial, "scrapy", scrapy)


def test_an_outage_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert outages.main(["--small"]) == 0
    [row] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| 404")]
    assert row.split(" | ")[1] == "1"
    assert row.endswith("| 0 | 0 | healthy |")


def test_a_schedule_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    assert revisits.main(["--small"]) == 0
    [row] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| `")][1:]
    requests, edits, removed = row.strip("| ").split(" | ")[1:]
    assert int(requests.replace(",", "")) > 0
    assert edits.endswith("%")
    assert removed.endswith("%")


def test_polls_by_rate_are_compared() -> None:
    source = polling.sources(3, 1)[2]
    waits = polling.compare(source, polling.BUDGET)
    assert 0 < waits.by_rate < waits.fixed
    assert source.name in polling.picture({source.name: {polling.BUDGET: waits}})


def test_feeds_are_compared_with_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert discovery.main(["--small"]) == 0
    [row] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| RSS")]
    lists, feeds, both = row.strip("| ").split(" | ")[1:]
    assert lists.startswith("4 of 6, 0 wrong")
    assert feeds.startswith("4 of 6, 0 wrong")
    assert both.startswith("6 of 6, 0 wrong")
