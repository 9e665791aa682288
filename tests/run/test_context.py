"""What a run takes over from earlier runs."""

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
    settings = {name: getattr(project, name) for name in dir(project) if name.isupper()}
    settings |= {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "EXTENSIONS": {}}
    settings |= {"SPLASH_URL": "http://127.0.0.1:9"}

    @contextmanager
    def run(render: str) -> Iterator[SmartDailySpider]:
        crawler = Crawler(SmartDailySpider, settings)
        # The server may notice late that the previous run released the site.
        spider = SmartDailySpider.from_crawler(crawler, site_url="http://127.0.0.1:9/", render=render, wait=str(HANGS))
        crawler.spider = spider
        crawler.stats = MemoryStatsCollector(crawler)
        context = RunContext.of(crawler)
        context.open()
        yield spider
        context._close("finished")
        RunContext._of.pop(crawler)

    return run


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
