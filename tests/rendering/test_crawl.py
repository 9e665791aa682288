"""Whole crawls of pages that need a browser, through the real ones, into a real database."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.server import Server, serve
from demo.site import Site
from smartdaily_crawler.normalize.urls import canonicalize
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, path_of, select, stored_articles, stored_teasers, true_teasers
from tests.crawl.test_every_skin import assert_every_request_has_one_outcome
from tests.rendering.conftest import Splash

DOCUMENTS = re.compile(r"/(?!data/|static/|robots\.txt)")


@pytest.fixture
def renderer(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment that names the real renderer of the test's parameter."""
    name = request.param
    if name == "splash":
        return {"SPLASH_URL": request.getfixturevalue("splash").url}
    return {"CHROMIUM": str(request.getfixturevalue("chromium"))}


BOTH = pytest.mark.parametrize(
    ("renderer", "name"),
    [("splash", "splash"), ("playwright", "playwright")],
    indirect=["renderer"],
    ids=["splash", "chromium"],
)


@BOTH
def test_the_scripted_skin_gives_the_rows_of_the_plain_one(
    renderer: dict[str, str], name: str, scrapy: Scrapy, engine: Engine
) -> None:
    plain, scripted = Site(day=1, skin="glued"), Site(day=1, skin="scripted")
    with serve(scripted) as server:
        done = scrapy("crawl", "smartdaily", "-a", f"render={name}", SITE_URL=server.url, **renderer)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Traceback" not in done.stderr
        assert_rows_are_those_of(plain, engine)
        stats = last_stats(engine)
        assert stats[f"render/{name}"] > len(scripted.scripted_paths())
        assert not any(
            event.startswith(("render/unavailable", "render/timeout", "pager/cut")) for event in stats
        )


@BOTH
def test_only_pages_that_need_it_are_rendered(
    renderer: dict[str, str], name: str, scrapy: Scrapy, engine: Engine
) -> None:
    mixed = Site(day=1, skin="mixed")
    with serve(mixed) as server:
        done = scrapy("crawl", "smartdaily", "-a", "render=auto", SITE_URL=server.url, **renderer)
    assert done.returncode == 0, done.stderr[-3000:]
    assert_rows_are_those_of(Site(day=1, skin="glued"), engine)
    stats = last_stats(engine)
    assert stats[f"render/{name}"] == len(mixed.scripted_paths())
    # A shell is fetched once plainly and once by the browser, every other page once.
    asked = Counter(access.path for access in server.log if DOCUMENTS.match(access.path))
    shells = mixed.scripted_paths()
    assert {path: asked[path] for path in shells} == dict.fromkeys(shells, 2)
    assert_data_is_asked_for_by_shells_only(server)


def test_what_a_site_needs_is_learnt(splash: Splash, scrapy: Scrapy, engine: Engine) -> None:
    """After ten shells of one kind the browser is asked at once, and a next run begins so."""
    with serve(Site(day=1, skin="scripted")) as server:
        scrapy("crawl", "smartdaily", "-a", "render=auto", SITE_URL=server.url, SPLASH_URL=splash.url)
        first = len(plain_fetches(server))
        done = scrapy(
            "crawl",
            "smartdaily",
            "-a",
            "render=auto",
            "-a",
            "mode=full",
            SITE_URL=server.url,
            SPLASH_URL=splash.url,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    assert first < 60


def plain_fetches(server: Server) -> list[str]:
    return [access.path for access in server.log]


def assert_rows_are_those_of(site: Site, engine: Engine) -> None:
    truth = site.truth()
    assert differences(stored_articles(engine), truth)[:20] == []
    stored, true = stored_teasers(engine), true_teasers(truth)
    assert sorted(map(str, true - stored))[:5] == []
    assert sorted(map(str, stored - true))[:5] == []


def assert_data_is_asked_for_by_shells_only(server: Server) -> None:
    data = {access.path for access in server.log if access.path.startswith("/data/news/")}
    assert data == {f"/data{path}.json" for path in server.site.scripted_paths()}


def last_stats(engine: Engine) -> dict[str, int]:
    (row,) = select(engine, "SELECT stats FROM api.run ORDER BY run_id DESC LIMIT 1")
    stats: dict[str, int] = row["stats"]
    return stats
