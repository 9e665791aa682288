"""Whole crawls of pages that need a browser, through the real ones, into a real database."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import Engine

from demo.server import Server, serve
from demo.site import Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, path_of, select, stats, stored_articles, stored_teasers, true_teasers
from tests.crawl.test_every_skin import SIZE, assert_every_request_has_one_outcome
from tests.crawl.test_incremental import EVERYTHING_DUE
from tests.rendering.conftest import Splash, in_full

PLAIN, SITE, MIXED = (Site(day=1, skin=skin, categories=SIZE) for skin in ("glued", "scripted", "mixed"))
BESIDE = ("/data/", "/static/")


@pytest.fixture
def renderer(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment that names the real renderer of the test's parameter."""
    name = request.param
    if name == "splash":
        return {"SPLASH_URL": request.getfixturevalue("splash").url}
    return {"CHROMIUM": str(request.getfixturevalue("chromium"))}


BOTH = pytest.mark.parametrize(
    ("renderer", "name"),
    [("splash", "splash"), pytest.param("playwright", "playwright", marks=in_full)],
    indirect=["renderer"],
    ids=["splash", "chromium"],
)


@BOTH
def test_the_scripted_skin_gives_the_rows_of_the_plain_one(
    renderer: dict[str, str], name: str, scrapy: Scrapy, engine: Engine
) -> None:
    plain, scripted = PLAIN, SITE
    with serve(scripted) as server:
        done = scrapy("crawl", "smartdaily", "-a", f"render={name}", SITE_URL=server.url, **renderer)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "Traceback" not in done.stderr
        assert_rows_are_those_of(plain, engine)
        counted = stats(engine)
        assert counted[f"render/{name}"] > len(scripted.scripted_paths())
        assert not any(event.startswith(("render/unavailable", "render/timeout", "pager/cut")) for event in counted)


@BOTH
def test_only_pages_that_need_it_are_rendered(
    renderer: dict[str, str], name: str, scrapy: Scrapy, engine: Engine
) -> None:
    mixed = MIXED
    with serve(mixed) as server:
        done = scrapy("crawl", "smartdaily", "-a", "render=auto", SITE_URL=server.url, **renderer)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "WARNING" not in done.stderr, done.stderr[-3000:]
    assert_rows_are_those_of(PLAIN, engine)
    assert_every_request_has_one_outcome(engine, server, beside=BESIDE)
    # A shell is fetched plainly and by the browser, and so again where an old address leads to it.
    asked = Counter(access.path for access in server.log)
    shells = mixed.scripted_paths()
    assert stats(engine)[f"render/{name}"] * 2 == sum(asked[path] for path in shells)
    assert all(asked[path] in (2, 4) for path in shells)
    assert {path for path in asked if path.startswith("/data/news/")} == {f"/data{path}.json" for path in shells}


@in_full
def test_the_next_day_asks_for_what_changed(splash: Splash, scrapy: Scrapy, engine: Engine) -> None:
    """A shell never changes, and its validators say nothing of what it shows. Of a list the first screen is enough."""
    environment = {"SPLASH_URL": splash.url}
    arguments = ("crawl", "smartdaily", "-a", "render=splash")
    with serve(Site(day=1, skin="scripted")) as server:
        assert scrapy(*arguments, SITE_URL=server.url, **environment).returncode == 0
        server.site, server.log[:] = Site(day=2, skin="scripted"), []
        done = scrapy(*arguments, *EVERYTHING_DUE, SITE_URL=server.url, **environment)
    assert done.returncode == 0, done.stderr[-3000:]
    assert_rows_are_those_of(Site(day=2, skin="glued"), engine)
    revised = select(engine, "SELECT url FROM api.revision r JOIN api.article USING (article_id) WHERE r.revision > 1")
    assert {path_of(row["url"]) for row in revised} == server.site.changes().edited.keys()
    lists = Counter(access.path.rpartition("/")[2] for access in server.log if "/data/list/" in access.path)
    assert lists["2.json"] < SIZE <= lists["1.json"]


@in_full
def test_what_pages_need_is_learnt(splash: Splash, scrapy: Scrapy, engine: Engine) -> None:
    """After ten shells of a kind the browser is asked at once; a run later it is so from the start."""
    environment = {"SPLASH_URL": splash.url}
    arguments = ("crawl", "smartdaily", "-a", "render=auto", "-a", "mode=full")
    with serve(SITE) as server:
        assert scrapy(*arguments, SITE_URL=server.url, **environment).returncode == 0
        first, server.log[:] = spare_fetches(server), []
        assert scrapy(*arguments, SITE_URL=server.url, **environment).returncode == 0
        second = spare_fetches(server)
    # Ten of articles and ten of their parts, what is under way when it is learnt, one in twenty later.
    assert len(SITE.scripted_paths()) / 2 > first > second > 0
    assert stats(engine)["render/js_required/article /news"] > len(SITE.truth().articles)


def spare_fetches(server: Server) -> int:
    """How often a shell was fetched plainly, only to be fetched by a browser as well."""
    shells = server.site.scripted_paths()
    asked = Counter(access.path for access in server.log if access.path in shells)
    data = Counter(access.path for access in server.log)
    return sum(times - data[f"/data{path}.json"] for path, times in asked.items() if path.startswith("/news/"))


def assert_rows_are_those_of(site: Site, engine: Engine) -> None:
    truth = site.truth()
    assert differences(stored_articles(engine), truth)[:20] == []
    stored, true = stored_teasers(engine), true_teasers(truth)
    assert sorted(map(str, true - stored))[:5] == []
    assert sorted(map(str, stored - true))[:5] == []
