"""The site has an outage: the run tells it, and when the site is well again, nothing is lost or wrong. ``make site-outages`` tries more."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from bench.outages import OUTAGES, OutageSite, in_english, notice, stored
from demo.page import Page
from demo.server import Server
from demo.site import SMALL
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_first_run import NUMBERS, title, told
from tests.crawl.test_walk import HOME, article, listing, page

FULL = ("crawl", "smartdaily", "-a", "mode=full")


@pytest.mark.parametrize(
    ("outage", "reason"),
    [
        ("404 for every article", "40 known articles were not found, too many at once to be believed"),
        ("a notice with status 200 for every article", "40 articles showed a page that others show too"),
        ("every article redirects for good to the home page", "40 known articles were not found"),
        ("every article redirects to a notice", "known articles were not found, too many at once"),
        ("every article in English", "40 of 40 article pages were no articles"),
    ],
)
def test_nothing_is_lost_or_wrong_after_an_outage(
    scrapy: Scrapy, crawled: Server, engine: Engine, outage: str, reason: str
) -> None:
    before = stored(engine)
    crawled.site = ill = OutageSite(categories=SMALL)
    ill.outage = OUTAGES[outage]
    during = scrapy(*FULL, SITE_URL=crawled.url)
    assert reason in during.stderr
    assert during.returncode in (1, 4)
    assert stored(engine) == before

    ill.outage = None
    well = scrapy(*FULL, SITE_URL=crawled.url)
    assert well.returncode == 0, well.stderr[-3000:]
    assert stored(engine) == before


@pytest.fixture
def shown(serve_pages: ServePages) -> Shown:
    return Shown(serve_pages)


class Shown:
    """A small site whose pages a test changes."""

    def __init__(self, serve_pages: ServePages) -> None:
        links = [(f"/a/{n}.html", title(n)) for n in NUMBERS]
        self.pages: dict[str, Answer | str] = {"/": HOME, "/phone/": listing(*links[:12]), "/pc/": listing(*links[12:])}
        self.pages |= {f"/a/{n}.html": told(n) for n in NUMBERS}
        self.url = serve_pages(self.pages)


def test_a_new_url_with_the_notice_is_no_article(scrapy: Scrapy, shown: Shown, engine: Engine) -> None:
    lists = shown.pages["/pc/"]
    shown.pages["/pc/"] = listing(("/a/1.html", title(1)), ("/a/2.html", title(2)))
    assert scrapy(*FULL, SITE_URL=shown.url).returncode == 0
    shown.pages["/pc/"] = lists
    for number in NUMBERS:
        shown.pages[f"/a/{number}.html"] = notice().body.decode()
    assert scrapy(*FULL, SITE_URL=shown.url).returncode == 1
    assert titles(engine) == {title(n) for n in NUMBERS if n <= 12}
    for number in NUMBERS:
        shown.pages[f"/a/{number}.html"] = told(number)
    assert scrapy(*FULL, SITE_URL=shown.url).returncode == 0
    assert titles(engine) == {title(n) for n in NUMBERS}


def test_another_article_at_a_known_url_is_believed_by_the_second_run(
    scrapy: Scrapy, shown: Shown, engine: Engine
) -> None:
    assert scrapy(*FULL, SITE_URL=shown.url).returncode == 0
    shown.pages["/a/7.html"] = article(
        "潮汐电站并网发电", *["海岛上的潮汐电站昨夜并网，首日送出三万度电，岛民不再依靠柴油机。"] * 3
    )
    assert scrapy(*FULL, SITE_URL=shown.url).returncode == 0
    assert title(7) in titles(engine)
    assert ends(engine) == {"unconfirmed": 1}
    # The incremental run asks for it, too: it is due for a week.
    assert scrapy("crawl", "smartdaily", SITE_URL=shown.url).returncode == 0
    assert "潮汐电站并网发电" in titles(engine)
    assert ends(engine) == {}


def test_deleted_articles_that_redirect_are_gone_and_the_runs_are_healthy(
    scrapy: Scrapy, shown: Shown, engine: Engine
) -> None:
    assert scrapy(*FULL, SITE_URL=shown.url).returncode == 0
    away = {1: "/", 2: "/pc/", 3: "/404.html", 13: "/a/5.html", 14: "/a/6.html"}
    left = [(f"/a/{n}.html", title(n)) for n in NUMBERS if n not in away]
    shown.pages |= {"/phone/": listing(*left[:9]), "/pc/": listing(*left[9:])}
    shown.pages["/404.html"] = page("页面不存在", "<h1>您访问的页面不存在</h1><p>该文章可能已被删除，请返回首页。</p>")
    for number, target in away.items():
        shown.pages[f"/a/{number}.html"] = Answer(status=302, headers={"Location": target})
    for _ in range(2):
        done = scrapy(*FULL, SITE_URL=shown.url)
        assert done.returncode == 0, done.stderr[-3000:]
    assert titles(engine) == {title(n) for n in NUMBERS if n not in away}


def test_the_english_page_of_each_path_is_its_own() -> None:
    assert isinstance(in_english("/a"), Page)
    assert in_english("/a").body != in_english("/b").body


def titles(engine: Engine) -> set[str]:
    return {row["title"] for row in select(engine, "SELECT title FROM api.article WHERE state = 'fetched'")}


def ends(engine: Engine) -> dict[str, int]:
    """Return the reasons of rejected pages in the latest run, with their numbers."""
    last = "run_id = (SELECT max(run_id) FROM api.run)"
    rows = select(
        engine, f"SELECT reason, count(*) AS n FROM api.outcome WHERE {last} AND outcome = 'rejected' GROUP BY 1"
    )
    return {row["reason"]: row["n"] for row in rows}
