"""Daily incremental crawls find what a full crawl finds, and request little more than new and due pages."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime

from sqlalchemy import Engine

from demo.server import Access, Server, serve
from demo.site import SMALL, Site
from demo.truth import Truth
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, path_of, select, stats, stored_articles, stored_teasers, true_teasers

logger = logging.getLogger(__name__)

DAYS = int(os.environ.get("INCREMENTAL_DAYS", "2"))
"""Days of the bundled site to walk; ``make ten-days`` walks all, alone on the machine, and measures the time."""
IS_TIMED = "INCREMENTAL_DAYS" in os.environ
CATEGORIES = 9 if IS_TIMED else SMALL
EVERYTHING_DUE = ("-s", "REVISIT_SCHEDULE=30d:0m")
"""A schedule by which every article of the bundled site is due each day: none is older."""
NOTHING_DUE = ("-s", "REVISIT_SCHEDULE=")


def crawl(scrapy: Scrapy, url: str, *arguments: str, code: int = 0) -> None:
    done = scrapy("crawl", "smartdaily", *arguments, SITE_URL=url)
    assert done.returncode == code, done.stderr[-3000:]
    assert "Traceback" not in done.stderr


def pages_of(paths: set[str], truth: Truth) -> int:
    """Return the number of the articles' pages, further ones included."""
    return sum(1 + len(article.parts) for article in truth.articles if article.path in paths)


def known_paths(engine: Engine) -> set[str]:
    return {path_of(row["url"]) for row in select(engine, "SELECT url FROM api.article WHERE state = 'fetched'")}


def test_each_day_ends_as_a_full_crawl_would(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1, categories=CATEGORIES)) as server:
        for day in range(1, DAYS + 1):
            server.site = Site(day=day, categories=CATEGORIES)
            truth = server.site.truth()
            due, asked_before = known_paths(engine), len(server.log)
            crawl(scrapy, server.url, *EVERYTHING_DUE)
            asked = server.log[asked_before:]

            assert differences(stored_articles(engine), truth)[:20] == [], f"day {day}"
            assert stored_teasers(engine) == true_teasers(truth), f"day {day}"
            new = {article.path for article in truth.articles} - due
            wanted = lists_read(engine) + pages_of(new | due, truth) + len(due & set(truth.gone)) + aliases(engine)
            logger.info("day %d: %d requests for %d pages that are new, due or lists", day, len(asked), wanted)
            assert len(asked) <= 1.1 * wanted + 2, f"day {day}"  # robots.txt and the home page

        asked_before, started = len(server.log), datetime.now(UTC)
        crawl(scrapy, server.url, *NOTHING_DUE)
        took = (datetime.now(UTC) - started).total_seconds()
    idle = server.log[asked_before:]
    logger.info("a day without change: %d requests in %.1f s", len(idle), took)
    assert len(idle) <= CATEGORIES + 2
    assert {access.status for access in idle} == {200, 304}
    assert took < 15 or not IS_TIMED
    assert stats(engine)["outcome/listing/not_modified"] == CATEGORIES


def aliases(engine: Engine) -> int:
    """Return how many URLs the latest run requested that are aliases of articles."""
    counted = select(
        engine,
        """
        SELECT count(*) AS n FROM crawl.article_url u
        JOIN crawl.crawl_outcome o USING (url_key)
        WHERE u.kind <> 'identity' AND o.run_id = (SELECT max(run_id) FROM api.run)
        """,
    )
    return int(counted[0]["n"])


def lists_read(engine: Engine) -> int:
    counts = stats(engine)
    return sum(int(str(count)) for name, count in counts.items() if name.startswith("outcome/listing/"))


def test_a_gap_is_paged_over_and_reported(scrapy: Scrapy, crawled: Server, engine: Engine) -> None:
    crawled.site = Site(day=4, categories=SMALL)
    crawl(scrapy, crawled.url, *NOTHING_DUE, code=4)
    truth = crawled.site.truth()
    assert {article.path for article in truth.articles} <= known_paths(engine)
    run = select(engine, "SELECT verdict, stats FROM api.run ORDER BY run_id DESC LIMIT 1")[0]
    assert run["verdict"] == "degraded"
    assert any(reason.startswith("gap") for reason in run["stats"]["run/reasons"])


def test_the_next_run_continues_a_limited_walk(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=3, categories=SMALL)) as server:
        crawl(scrapy, server.url, "-a", "max_pages=1", "-a", "follow_teasers=false")
        truth = server.site.truth()
        first = known_paths(engine)
        assert first < {article.path for article in truth.articles}
        crawl(scrapy, server.url)
    assert differences(stored_articles(engine), truth) == []


def test_a_backfill_fetches_the_given_days(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1, categories=SMALL)) as server:
        truth = server.site.truth()
        days = sorted({article.published_on for article in truth.articles})
        since, until = days[-4], days[-3]
        wanted = {article.path for article in truth.articles if since <= article.published_on <= until}
        arguments = ("-a", "mode=backfill", "-a", f"since={since}", "-a", f"until={until}")
        crawl(scrapy, server.url, *arguments)
        assert known_paths(engine) == wanted
        fetched = len(articles_asked(server.log, truth))
        crawl(scrapy, server.url, *arguments)
        assert len(articles_asked(server.log, truth)) == fetched, "what is stored was fetched again"
        crawl(scrapy, server.url)
    assert differences(stored_articles(engine), truth) == []


def articles_asked(log: list[Access], truth: Truth) -> list[str]:
    paths = {article.path for article in truth.articles}
    return [access.path for access in log if access.path in paths]
