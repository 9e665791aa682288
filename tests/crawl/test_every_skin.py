"""Whatever the markup, the database says what the site says."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import Site
from demo.skins.registry import SKINS
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, select, stored_articles, stored_teasers, true_teasers

ARTICLE = Path(__file__).parents[1] / "demo" / "article.txt"


@pytest.mark.parametrize("skin", sorted(SKINS))
def test_a_crawl_finds_every_article_each_once(skin: str, scrapy: Scrapy, engine: Engine) -> None:
    site = Site(day=10, skin=skin, articles=[ARTICLE])
    with serve(site) as server:
        done = scrapy("crawl", "smartdaily", SITE_URL=server.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    truth = site.truth()
    assert differences(stored_articles(engine), truth)[:20] == []
    stored, true = stored_teasers(engine), true_teasers(truth)
    assert sorted(map(str, true - stored))[:5] == []
    assert sorted(map(str, stored - true))[:5] == []
    assert select(engine, "SELECT count(*) AS n FROM crawl.dead_letter") == [{"n": 0}]
    assert_every_request_has_one_outcome(engine, server.log)


def assert_every_request_has_one_outcome(engine: Engine, log: list[object]) -> None:
    """Compare the site's access log with the ledger."""
    asked = {entry.path for entry in log if entry.path != "/robots.txt" and entry.status not in (301, 302)}  # type: ignore[attr-defined]
    ended = select(engine, "SELECT url, outcome FROM api.outcome")
    from tests.crawl.rows import path_of

    assert len(ended) == len({row["url"] for row in ended})
    assert asked - {path_of(row["url"]) for row in ended} == set()
