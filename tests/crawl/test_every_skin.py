"""Whatever the markup, the database says what the site says."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.server import Server, serve
from demo.site import Site
from demo.skins.registry import SKINS
from smartdaily_crawler.normalize.urls import canonicalize
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, path_of, select, stored_articles, stored_teasers, true_teasers

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
    assert_every_request_has_one_outcome(engine, server)


def assert_every_request_has_one_outcome(engine: Engine, server: Server) -> None:
    """Compare the site's access log with the ledger."""
    redirected = {entry.path for entry in server.log if entry.status in (301, 302)}
    asked = {path_of(canonicalize(server.url.rstrip("/") + entry.path)) for entry in server.log} - {
        "/robots.txt"
    }
    ended = [path_of(row["url"]) for row in select(engine, "SELECT url FROM api.outcome")]
    assert len(ended) == len(set(ended))
    assert redirected <= set(ended)
    # The target of a redirect ends with the address that led there, unless it was asked for itself.
    assert set(ended) <= asked
    assert len(asked - set(ended)) <= len(redirected)
