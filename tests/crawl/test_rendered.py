"""What the ledger, the verdict and the summary say of pages that a browser was asked for; Splash is a stand-in here."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from pipelines.storage.runs import finish_run
from smartdaily_crawler.site_address import SiteAddress
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select
from tests.crawl.test_walk import HOME, TITLES, article, listing, stats
from tests.rendering.hosts import Answer as Sent
from tests.rendering.hosts import Asked, Host, host
from tests.storage.making import new_run

PAGES: dict[str, Answer | str] = {
    "/": HOME,
    "/phone/": listing(("/a/1.html", TITLES[0]), ("/b/2.html", TITLES[1])),
    "/pc/": listing(("/a/1.html", TITLES[0])),
    "/a/1.html": article(TITLES[0]),
    "/b/2.html": article(TITLES[1]),
}


@pytest.fixture
def splash() -> Iterator[Host]:
    """Every list holds more than it is scrolled for."""

    def answer(asked: Asked) -> Sent:
        url = json.loads(asked.body)["url"]
        page = {"url": url, "http_status": 200, "html": PAGES[urlsplit(url).path], "growth": "more"}
        return 200, {"Content-Type": "application/json"}, json.dumps(page).encode()

    with host(answer) as served:
        yield served


def renderers(engine: Engine) -> dict[str, str | None]:
    rows = select(
        engine, "SELECT url, renderer FROM api.outcome WHERE run_id = (SELECT max(run_id) FROM api.run)"
    )
    return {path_of(row["url"]): row["renderer"] for row in rows}


def test_rendered_pages_are_told_as_such(
    scrapy: Scrapy, serve_pages: ServePages, splash: Host, engine: Engine
) -> None:
    url = serve_pages(PAGES)
    done = scrapy("crawl", "smartdaily", "-a", "render=splash", SITE_URL=url, SPLASH_URL=splash.url)
    assert done.returncode == 4, done.stderr[-3000:]
    assert renderers(engine) == dict.fromkeys(PAGES, "splash")
    assert stats(engine)["run/reasons"] == ["an endless list was left before its end: 2"]
    assert f"; rendered: {stats(engine)['render/splash']} pages by splash, 0." in done.stderr


@pytest.mark.parametrize("max_pages", [1, 2])
def test_an_endless_list_may_be_left_as_its_operator_wishes(
    scrapy: Scrapy, serve_pages: ServePages, splash: Host, engine: Engine, max_pages: int
) -> None:
    limited = ("-a", "render=splash", "-a", "mode=full", "-a", f"max_pages={max_pages}")
    done = scrapy("crawl", "smartdaily", *limited, SITE_URL=serve_pages(PAGES), SPLASH_URL=splash.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert stats(engine)["pager/limit"] == 2
    assert select(engine, "SELECT DISTINCT caught_up_at FROM crawl.category") == [{"caught_up_at": None}]


def test_a_renderer_that_is_away_costs_the_pages_that_need_one(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    url = serve_pages(PAGES)
    learnt = {"render/needed/article /a": 11}
    before = new_run(engine, site=SiteAddress(url).name)
    finish_run(engine, before, reason="finished", verdict="healthy", stats=learnt)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}"
        auto = ("-a", "render=auto", "-s", "RENDERER_PATIENCE=1")
        done = scrapy("crawl", "smartdaily", *auto, SITE_URL=url, SPLASH_URL=nobody)
    assert done.returncode == 4, done.stderr[-3000:]
    assert renderers(engine) == dict.fromkeys(PAGES) | {"/a/1.html": "splash"}
    told = stats(engine)
    assert told["run/reasons"] == ["the renderer did not answer for 1 page"]
    assert told.items() >= learnt.items()
    assert "rendered:" not in done.stderr

    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert stats(engine).keys().isdisjoint(learnt)
