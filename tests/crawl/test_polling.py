"""Runs with ``poll=due`` read the lists on which entries can be expected; the others are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scrapy.settings import Settings
from sqlalchemy import Engine, text

from demo.server import Server
from demo.site import SMALL, Site
from pipelines.run.polls import bounds_of, make_plan, next_start
from pipelines.storage.database import Database
from pipelines.storage.read import publishing
from smartdaily_crawler.settings import POLL_BUDGET, POLL_LONGEST, POLL_SHORTEST
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select, stats

SETTINGS = Settings(
    {"POLL_BUDGET": POLL_BUDGET, "POLL_SHORTEST": POLL_SHORTEST, "POLL_LONGEST": POLL_LONGEST, "STORAGE_PATIENCE": 9}
)
DUE = ("crawl", "smartdaily", "-a", "poll=due", "-s", "REVISIT_SCHEDULE=", "-s", "SUMMARY_ENABLED=1")
NAMES = [name for name, _ in Site(day=1, categories=SMALL).truth().categories]


def polls_at(engine: Engine, ages: dict[str, timedelta]) -> None:
    """Move the polls of categories, and the reading of the home page, to these times before now."""
    with engine.begin() as connection:
        for name, age in ages.items():
            connection.execute(
                text("""
                    UPDATE crawl.crawl_outcome o SET at = now() - :age FROM crawl.category c
                    WHERE c.url = o.url AND c.name = :name
                """),
                {"name": name, "age": age},
            )


def test_only_due_lists_are_read(scrapy: Scrapy, crawled: Server, engine: Engine) -> None:
    site = crawled.url.removeprefix("http://").rstrip("/")
    [first, *others] = NAMES

    soon = next_start(Database(engine, "", "", None), site, SETTINGS)
    assert datetime.now(UTC) + timedelta(minutes=3) < soon <= datetime.now(UTC) + timedelta(seconds=POLL_LONGEST)

    # The others were polled by the crawl of the fixture.
    polls_at(engine, {first: timedelta(seconds=POLL_LONGEST)})
    assert next_start(Database(engine, "", "", None), site, SETTINGS) <= datetime.now(UTC)
    done = scrapy(*DUE, SITE_URL=crawled.url)
    assert done.returncode == 0, done.stderr
    listed = {access.path for access in crawled.log} - {"/robots.txt"}
    assert len(listed) == 1, "the home page and the other lists are not due"
    assert f"{len(others)} of {len(NAMES)} categories, which are not due" in done.stdout
    assert stats(engine)["category/left"] == len(others)
    assert select(engine, "SELECT verdict FROM api.run ORDER BY run_id DESC LIMIT 1") == [{"verdict": "healthy"}]

    crawled.log.clear()
    done = scrapy(*DUE, SITE_URL=crawled.url)
    assert done.returncode == 0, done.stderr
    assert {access.path for access in crawled.log} == {"/", "/robots.txt"}, "nothing is due"

    with engine.connect() as connection:
        seen = publishing.read(connection, site)
    assert [requests for _, requests in seen.spent] == [2 + len(NAMES), 2, 2]
    plan = make_plan(seen, bounds_of(SETTINGS))
    assert plan.due(seen.now) == frozenset()
    assert plan.due(seen.now + POLL_LONGEST) == frozenset(NAMES)


def test_a_site_that_no_run_has_read_is_due(scrapy: Scrapy, engine: Engine) -> None:
    assert next_start(Database(engine, "", "", None), "news.example", SETTINGS) <= datetime.now(UTC)
    done = scrapy("crawl", "smartdaily", "-a", "poll=due", "-a", "mode=full", SITE_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "poll=due goes with mode=incremental only" in done.stderr
