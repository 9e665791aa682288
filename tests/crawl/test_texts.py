"""Texts that cannot be compared and indexed: told by the run and by ``scrapy db check``, and tried again by an upgrade."""

from __future__ import annotations

from sqlalchemy import Engine, text

from demo.server import serve
from demo.site import Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select
from tests.crawl.test_overlap import CRAWL

WALL = "ALTER TABLE crawl.article_search ADD CONSTRAINT wall CHECK (article_id % 5 <> 0)"
LEFT = "SELECT count(*) AS n FROM crawl.article a WHERE a.revision > 0 AND a.article_id NOT IN (SELECT article_id FROM crawl.article_search)"


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_texts_that_fail(scrapy: Scrapy, engine: Engine) -> None:
    execute(engine, WALL)
    with serve(Site(day=1)) as server:
        done = scrapy(*CRAWL, SITE_URL=server.url)
    [failed] = select(engine, "SELECT count(*) AS n FROM crawl.text_fault")
    assert failed["n"] > 0
    assert select(engine, LEFT) == [failed]
    assert select(engine, "SELECT count(*) AS n FROM crawl.text_queue") == [{"n": 0}]
    assert done.returncode == 4, done.stderr[-2000:]
    [run] = select(engine, "SELECT verdict, stats FROM api.run")
    assert run["verdict"] == "degraded"
    assert run["stats"]["texts/failed"] == failed["n"]
    told = "could not be compared and indexed"
    assert any(told in reason for reason in run["stats"]["run/reasons"])
    assert told in scrapy("db", "check").stdout
    execute(engine, "ALTER TABLE crawl.article_search DROP CONSTRAINT wall")
    assert told not in scrapy("db", "upgrade").stdout
    assert select(engine, LEFT) == [{"n": 0}]
