"""``scrapy deadletters``, run as an operator types it."""

from __future__ import annotations

import json

from sqlalchemy import Engine

from pipelines.storage.write.writer import write
from tests.crawl.conftest import Scrapy
from tests.storage.making import article, new_run, read, url
from tests.storage.test_dead_letters import TUNNEL, WALL, execute


def test_list_and_retry(scrapy: Scrapy, engine: Engine) -> None:
    assert scrapy("deadletters", "list").stdout == "No dead letters\n"
    long = "long" * 200
    execute(engine, WALL)
    write(engine, new_run(engine), [article("bad"), article(long, published_on="0000-03-06")])

    listed = scrapy("deadletters", "list")
    assert listed.returncode == 0, listed.stderr
    heading, first, second = listed.stdout.splitlines()
    assert heading.split() == ["id", "run", "at", "url", "reason"]
    assert url("bad") in first
    assert url(long) in second
    facts = [json.loads(line) for line in scrapy("deadletters", "list", "--json").stdout.splitlines()]
    assert [list(fact) for fact in facts] == [heading.split()] * 2
    assert [fact["id"] for fact in facts] == [1, 2]

    execute(engine, TUNNEL)
    done = scrapy("deadletters", "retry", "--all")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "1: stored"
    assert done.stdout.splitlines()[1].startswith("2: refused again: Article.published_on may not be")
    assert done.stdout.splitlines()[2] == "1 stored, 1 kept"
    assert read(engine, "SELECT url FROM api.article") == [url("bad")]

    for wrong in ("1", "x"):
        refused = scrapy("deadletters", "retry", wrong)
        assert refused.returncode == 1
        assert refused.stderr.splitlines()[-1] == f"scrapy deadletters: there is no dead letter {wrong}"
        assert "Traceback" not in refused.stderr
    assert scrapy("deadletters", "retry").returncode == 2
    assert scrapy("deadletters").returncode == 2


def test_without_a_database(scrapy: Scrapy) -> None:
    done = scrapy("deadletters", "list", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("scrapy deadletters: ")
