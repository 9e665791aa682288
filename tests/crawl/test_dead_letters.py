"""``scrapy deadletters``, run as an operator types it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Engine

from pipelines.run.revisit import Revisit
from pipelines.storage.write.writer import write
from smartdaily_crawler.crawl.frontier import CrawlState
from smartdaily_crawler.items import Article
from smartdaily_crawler.settings import EXTENSIONS, ITEM_PIPELINES
from tests.crawl.conftest import Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_walk import HOME, TITLES, listing
from tests.crawl.test_walk import article as article_page
from tests.storage.making import article, new_run, read, url
from tests.storage.test_dead_letters import TUNNEL, WALL, execute


class Spoil:
    """A pipeline that gives one article a title that no code of ours can store."""

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Article) and item.title == TITLES[1]:
            item.title = b"?"  # type: ignore[assignment]
        return item


def test_an_error_of_our_own_code_ends_the_run_and_nothing_is_lost(
    scrapy: Scrapy, engine: Engine, serve_pages: ServePages
) -> None:
    links = tuple((f"/a/{n}.html", TITLES[n]) for n in range(4))
    pages = {path: article_page(title) for path, title in links}
    site = serve_pages({"/": HOME, "/phone/": listing(*links), "/pc/": listing(*links), **pages})
    spoiling = json.dumps(ITEM_PIPELINES | {f"{__name__}.Spoil": 250})

    failed = scrapy("crawl", "smartdaily", "-s", f"ITEM_PIPELINES={spoiling}", SITE_URL=site)
    assert failed.returncode == 1
    [why] = [line for line in failed.stderr.splitlines() if "internal error" in line and "ERROR" in line]
    assert "AttributeError" in why
    assert "article_content.py, line" in why
    assert "Traceback" not in failed.stderr
    assert select(engine, "SELECT count(*) AS n FROM crawl.dead_letter") == [{"n": 0}]

    assert scrapy("crawl", "smartdaily", SITE_URL=site).returncode == 0
    runs = select(engine, "SELECT reason, verdict FROM api.run ORDER BY run_id")
    assert [(run["reason"], run["verdict"]) for run in runs] == [("code_error", "failed"), ("finished", "healthy")]
    assert {row["title"] for row in select(engine, "SELECT title FROM api.article WHERE state = 'fetched'")} == set(
        TITLES[:4]
    )
    [letter] = select(engine, "SELECT url FROM crawl.dead_letter")
    assert letter["url"].endswith("/a/1.html")


class BrokenRevisit(Revisit):
    """An extension that cannot tell which articles remain."""

    def _remaining(self) -> list[CrawlState]:
        raise KeyError("remaining")


def test_an_error_while_revisiting_is_reported(scrapy: Scrapy, serve_pages: ServePages) -> None:
    links = (("/a/0.html", TITLES[0]), ("/a/1.html", TITLES[1]))
    pages = {path: article_page(title) for path, title in links}
    site = serve_pages({"/": HOME, "/phone/": listing(*links), "/pc/": listing(*links), **pages})
    extensions = {path: order for path, order in EXTENSIONS.items() if not path.endswith(".Revisit")}
    broken = json.dumps(extensions | {f"{__name__}.BrokenRevisit": 100})
    done = scrapy("crawl", "smartdaily", "-s", f"EXTENSIONS={broken}", SITE_URL=site)
    assert done.returncode == 1
    assert "KeyError: 'remaining'" in done.stderr
    assert "Traceback" not in done.stderr


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

    again = scrapy("deadletters", "retry", "2", "2")
    assert [line.partition(":")[0] for line in again.stdout.splitlines()] == ["2", "0 stored, 1 kept"]

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
