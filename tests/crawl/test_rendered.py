"""Outcomes, verdict and summary of pages that a browser renders; a stand-in answers for Splash."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from pipelines.storage.write.runs import finish_run
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select, stats
from tests.crawl.test_walk import HOME, TITLES, article, listing
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
    """A stand-in in which no list reaches its end by scrolling."""
    with stand_in(PAGES, growth="more") as served:
        yield served


@contextmanager
def stand_in(pages: Mapping[str, Answer | str], growth: str = "end") -> Iterator[Host]:
    """Answer like Splash for these pages; ``asked`` keeps the requests."""

    def answer(asked: Asked) -> Sent:
        url = json.loads(asked.body)["url"]
        page = pages[urlsplit(url).path]
        if isinstance(page, Answer):
            result = {"http_status": page.status, "location": page.headers["Location"]}
        else:
            result = {"url": url, "http_status": 200, "html": page, "growth": growth}
        return 200, {"Content-Type": "application/json"}, json.dumps(result).encode()

    with host(answer) as served:
        yield served


def requests_for(splash: Host, path: str) -> list[dict[str, Any]]:
    """Return the body of each request to Splash for a page."""
    orders = [json.loads(asked.body) for asked in splash.asked]
    return [order for order in orders if urlsplit(order["url"]).path == path]


def test_the_pages_of_a_pager_are_rendered_once_each(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    lists = {
        f"/phone/{page}": listing((f"/a/{page}1.html", TITLES[0]), (f"/a/{page}2.html", TITLES[1]), more=more)
        for page, more in (("", '<a href="/phone/2">下一页</a>'), ("2", '<a href="/phone/3">下一页</a>'), ("3", ""))
    }
    articles = {f"/a/{page}{n}.html": article(TITLES[int(n) - 1]) for page in ("", "2", "3") for n in "12"}
    pages = {**PAGES, **lists, **articles}
    with stand_in(pages) as splash:
        done = scrapy("crawl", "smartdaily", "-a", "render=splash", SITE_URL=serve_pages(pages), SPLASH_URL=splash.url)
        times = {path: len(requests_for(splash, path)) for path in pages}
    assert done.returncode == 0, done.stderr[-3000:]
    # A list of one page may be endless, so it is scrolled.
    assert times == dict.fromkeys(pages, 1) | {"/pc/": 2} | {"/b/2.html": 0, "/a/1.html": 1}
    stored = select(engine, "SELECT url, page FROM crawl.listing WHERE url LIKE '%/phone/%' ORDER BY page")
    assert [(path_of(row["url"]), row["page"]) for row in stored] == [("/phone/", 1), ("/phone/2", 2), ("/phone/3", 3)]


def test_a_list_that_is_redirected_has_one_outcome(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pages = {
        **PAGES,
        "/phone/": Answer(status=302, headers={"Location": "/phone/list.html"}),
        "/phone/list.html": PAGES["/phone/"],
    }
    with stand_in(pages) as splash:
        done = scrapy("crawl", "smartdaily", "-a", "render=splash", SITE_URL=serve_pages(pages), SPLASH_URL=splash.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert renderers(engine) == dict.fromkeys(PAGES, "splash")


def test_a_proxys_password_is_not_sent_to_the_site(scrapy: Scrapy, serve_pages: ServePages) -> None:
    with stand_in(PAGES) as splash:
        scrapy(
            "crawl",
            "smartdaily",
            *("-a", "render=splash", "-s", "ROBOTSTXT_OBEY=0"),
            SITE_URL=serve_pages(PAGES),
            SPLASH_URL=splash.url,
            http_proxy="http://somebody:secret@127.0.0.1:9",
        )
        (told,) = requests_for(splash, "/")
    assert "User-Agent" in told["headers"]
    assert "Proxy-Authorization" not in told["headers"]


def renderers(engine: Engine) -> dict[str, str | None]:
    rows = select(engine, "SELECT url, renderer FROM api.outcome WHERE run_id = (SELECT max(run_id) FROM api.run)")
    return {path_of(row["url"]): row["renderer"] for row in rows}


def test_rendered_pages_are_recorded_as_such(
    scrapy: Scrapy, serve_pages: ServePages, splash: Host, engine: Engine
) -> None:
    url = serve_pages(PAGES)
    done = scrapy("crawl", "smartdaily", "-a", "render=splash", SITE_URL=url, SPLASH_URL=splash.url)
    assert done.returncode == 4, done.stderr[-3000:]
    assert renderers(engine) == dict.fromkeys(PAGES, "splash")
    assert stats(engine)["run/reasons"] == ["an endless list was left before its end: 2"]
    assert f"; rendered: {stats(engine)['render/splash']} pages by splash, 0." in done.stderr


@pytest.mark.parametrize("max_pages", [1, 2])
def test_an_operator_may_cut_an_endless_list(
    scrapy: Scrapy, serve_pages: ServePages, splash: Host, engine: Engine, max_pages: int
) -> None:
    limited = ("-a", "render=splash", "-a", "mode=full", "-a", f"max_pages={max_pages}")
    done = scrapy("crawl", "smartdaily", *limited, SITE_URL=serve_pages(PAGES), SPLASH_URL=splash.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert stats(engine)["pager/limit"] == 2
    assert select(engine, "SELECT DISTINCT caught_up_at FROM crawl.category") == [{"caught_up_at": None}]


def test_an_unavailable_renderer_costs_only_the_pages_that_need_it(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    url = serve_pages(PAGES)
    learnt = {"render/js_required/article /a": 11}
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
