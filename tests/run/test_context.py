"""What a run takes over from earlier runs, and what two runs of one site do to each other's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector
from sqlalchemy import Engine

from pipelines.run.context import RunContext
from pipelines.storage.db.site_lock import SiteIsTaken
from smartdaily_crawler import settings as project
from smartdaily_crawler.spiders.smartdaily import SmartDailySpider
from tests.crawl.rows import select
from tests.waiting import HANGS

NEEDED, PLAIN = "render/js_required/article /ai", "render/static/article /ai"
PAGE = Request("http://127.0.0.1:9/ai/7.html", meta={"kind": "article"})
Running = Callable[..., AbstractContextManager[SmartDailySpider]]


@pytest.fixture
def running(database_url: str, tmp_path: Path) -> Running:
    """Open a run's context and give its spider; then close the context like a completed walk."""

    @contextmanager
    def run(render: str) -> Iterator[SmartDailySpider]:
        # The server may notice late that the previous run released the site.
        context = new_context(database_url, tmp_path, render=render, wait=str(HANGS))
        context.open()
        assert isinstance(context.spider, SmartDailySpider)
        yield context.spider
        close(context, "finished")

    return run


def new_context(database_url: str, folder: Path, **arguments: str) -> RunContext:
    settings = {name: getattr(project, name) for name in dir(project) if name.isupper()}
    settings |= {"DATABASE_URL": database_url, "DATA_DIR": str(folder), "EXTENSIONS": {}}
    settings |= {"SPLASH_URL": "http://127.0.0.1:9"}
    crawler = Crawler(SmartDailySpider, settings)
    crawler.spider = SmartDailySpider.from_crawler(crawler, site_url="http://127.0.0.1:9/", **arguments)
    crawler.stats = MemoryStatsCollector(crawler)
    return RunContext.of(crawler)


def close(context: RunContext, reason: str) -> None:
    context._close(reason)
    RunContext._of.pop(context.crawler)


def counted(engine: Engine) -> dict[str, Any]:
    """Return the latest run's statistics of rendering."""
    [run] = select(engine, "SELECT stats FROM api.run ORDER BY run_id DESC LIMIT 1")
    return {name: times for name, times in run["stats"].items() if name.startswith("render/")}


def test_js_detection_stats_outlive_a_run(running: Running, engine: Engine) -> None:
    for times in (8, 11, 14):
        with running("auto") as spider:
            js_detection = spider.rendering.js_detection
            assert js_detection.is_sure("article /ai") is (times == 14)
            for _ in range(8 if times == 8 else 3):
                js_detection.count_js_required("article /ai")
        assert counted(engine) == {NEEDED: times}
    with running("splash") as spider:
        assert spider.rendering.js_detection.carried() == {}
    assert counted(engine) == {}

    with running("auto") as spider:
        assert spider.rendering.before(PAGE) is not None
        spider.rendering.js_detection.count_static("article /ai")
        assert spider.rendering.before(PAGE) is None
    assert counted(engine) == {NEEDED: 14, PLAIN: 1}
    for _ in range(2):
        with running("auto") as spider:
            assert spider.rendering.before(PAGE) is None
        assert counted(engine) == {}
    with running("auto") as spider:
        spider.rendering.js_detection.count_js_required("article /ai")
    assert counted(engine) == {NEEDED: 1}


def test_half_of_many_path_prefixes_are_carried_over(running: Running, engine: Engine) -> None:
    """Where paths begin with a day, there are more of them than a run keeps."""
    with running("auto") as spider:
        for day in range(250):
            for _ in range(1 + (day == 7)):
                spider.rendering.js_detection.count_js_required(f"article /{day}")
    assert len(counted(engine)) == 200
    with running("auto") as spider:
        spider.rendering.js_detection.count_js_required("article /today")
    assert len(counted(engine)) == 101
    assert {"render/js_required/article /7", "render/js_required/article /today"} <= counted(engine).keys()


@pytest.fixture
def pair(database_url: str, tmp_path: Path) -> tuple[RunContext, RunContext]:
    return new_context(database_url, tmp_path), new_context(database_url, tmp_path)


@pytest.mark.parametrize("refused_ends_first", [True, False])
def test_a_refused_run_is_not_taken_for_a_dead_one(
    pair: tuple[RunContext, RunContext], engine: Engine, monkeypatch: pytest.MonkeyPatch, *, refused_ends_first: bool
) -> None:
    """The second run is refused, and writes its row, after the first took the site and before that looks for dead runs."""
    first, second = pair
    begin = first._begin

    def begin_after_the_other(*arguments: Any) -> Any:
        with pytest.raises(SiteIsTaken):
            second.open()
        return begin(*arguments)

    monkeypatch.setattr(first, "_begin", begin_after_the_other)
    first.open()
    ends = [(second, "overlap"), (first, "finished")]
    for context, reason in ends if refused_ends_first else reversed(ends):
        close(context, reason)
    rows = select(engine, "SELECT reason, verdict, stats->'run/reasons' AS reasons FROM api.run ORDER BY run_id")
    assert [(row["reason"], row["verdict"]) for row in rows] == [("overlap", "refused"), ("finished", "failed")]
    assert rows[0]["reasons"] == ["another run of the site is under way"]
    assert "run/dead" not in first.crawler.stats.get_stats()


def test_a_run_that_was_taken_for_dead_has_the_last_word(pair: tuple[RunContext, RunContext], engine: Engine) -> None:
    """A run whose connection is lost loses the site, to a run that cannot know that it lives."""
    cut_off, other = pair
    cut_off.open()
    assert cut_off._lock is not None
    cut_off._lock.release()
    other.open()
    assert other.crawler.stats.get_value("run/dead") == 1
    assert select(engine, "SELECT reason FROM api.run ORDER BY run_id")[0]["reason"] == "aborted"
    close(cut_off, "shutdown")
    close(other, "finished")
    rows = select(engine, "SELECT reason, verdict FROM api.run ORDER BY run_id")
    assert [(row["reason"], row["verdict"]) for row in rows] == [("shutdown", "stopped"), ("finished", "failed")]
