"""The site is redesigned between two days, and its profile is outdated: the crawl goes on, and reports the drift."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from demo.server import serve
from demo.site import SMALL, Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select, stats

BEFORE, AFTER = 1, 2
PROFILE = """
title = "智能日报"
[selectors]
title = ".show > h1"
info_line = ".show > .info"
body = ".content"
teasers = ".like .item"
"""


def test_a_redesign_is_survived_and_counted(scrapy: Scrapy, engine: Engine, tmp_path: Path) -> None:
    profile = tmp_path / "glued.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    with serve(Site(day=BEFORE, skin="glued", categories=SMALL)) as server:
        crawl(scrapy, server.url, profile, code=0)
        assert titles(engine) == true_titles(server.site)
        before = drifts(engine)

        server.site = Site(day=AFTER, skin="split", categories=SMALL)
        crawl(scrapy, server.url, profile, code=4)
        assert true_titles(server.site) - titles(engine) == set(), "recall of the redesigned site's articles"
        after = drifts(engine)
    # Short news have a template of their own, which the selectors do not match.
    assert all(name.startswith("drift/") for name in before)
    assert after["drift/body"] >= len(true_titles(Site(day=AFTER, skin="split", categories=SMALL)))
    assert sum(after.values()) > 3 * sum(before.values())


def crawl(scrapy: Scrapy, url: str, profile: Path, *, code: int) -> None:
    done = scrapy("crawl", "smartdaily", "-a", "mode=full", "-a", f"profile={profile}", SITE_URL=url)
    assert done.returncode == code, done.stderr[-3000:]
    assert (": drift/" in done.stderr or "; drift/" in done.stderr) is (code == 4)
    assert "Traceback" not in done.stderr


def titles(engine: Engine) -> set[str]:
    """Return the titles of all stored articles; the URLs change with the markup, so the old articles are gone."""
    return {row["title"] for row in select(engine, "SELECT title FROM api.article")}


def true_titles(site: Site) -> set[str]:
    return {article.title for article in site.truth().articles}


def drifts(engine: Engine) -> dict[str, int]:
    """Return how often the latest run's selectors were silent or differed from the structure, by field."""
    return {name: int(count) for name, count in stats(engine).items() if name.startswith(("drift/", "differs/"))}
