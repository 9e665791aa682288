"""Sites without an end: each run ends, tells why, and the next one goes on. ``make hostile`` tries them with larger budgets."""

from __future__ import annotations

import os
import re
from itertools import count
from typing import Any

from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select, stats
from tests.crawl.test_walk import HOME, article, listing

ARTICLES, REVISITS = (5_000, 1_000) if os.environ.get("HOSTILE") else (60, 20)
NAMES = "甲乙丙丁戊己庚辛壬癸"


def headline(number: int) -> str:
    return "第" + "".join(NAMES[int(digit)] for digit in str(number)) + "号样机通过了测试"


def text(number: int, after: str = "") -> str:
    own = (f"{headline(number)}，这是第{n}段，只为这一台样机而写，共有{number * 7 + n}个数字。" for n in range(5))
    return article(headline(number), *own, after=after)


class Endless(dict[str, "Answer | str"]):
    """A site whose every list page has ten new articles and a next page, and whose every article has forty teasers."""

    def get(self, path: str, default: Any = None) -> Any:
        if article_path := re.fullmatch(r"/a/(\d+)\.html", path):
            number = int(article_path[1])
            teasers = "".join(
                f"<li><a href='/a/{number * 40 + n}.html'>{headline(number * 40 + n)}</a></li>" for n in range(40)
            )
            return text(number, f"<h3>相关阅读</h3><ul>{teasers}</ul>")
        if list_page := re.fullmatch(r"/(phone|pc)/(\d*)", path):
            page, first = int(list_page[2] or 1), 1_000_000 * (1 + (list_page[1] == "pc"))
            entries = ((f"/a/{first + page * 10 + n}.html", headline(first + page * 10 + n)) for n in range(10))
            return listing(*entries, more=f'<a href="/{list_page[1]}/{page + 1}">下一页</a>')
        return super().get(path, default)


class Sessions(dict[str, "Answer | str"]):
    """A site of thirty articles, the links to which have another session id on each page."""

    def __init__(self, pages: dict[str, Answer | str]) -> None:
        super().__init__(pages)
        self.ids = count(10**15)
        self.asked = 0

    def links(self) -> list[tuple[str, str]]:
        return [(f"/s-{next(self.ids):x}4f1c/a/{n}.html", headline(n)) for n in range(30)]

    def get(self, path: str, default: Any = None) -> Any:
        if path in ("/phone/", "/pc/"):
            return listing(*self.links())
        if article_path := re.fullmatch(r"/s-\w+/a/(\d+)\.html", path):
            self.asked += 1
            teasers = "".join(f"<li><a href='{href}'>{title}</a></li>" for href, title in self.links()[:20])
            return text(int(article_path[1]), f"<h3>相关阅读</h3><ul>{teasers}</ul>")
        return super().get(path, default)


def fetched(engine: Engine) -> int:
    return len(select(engine, "SELECT 1 FROM api.article WHERE state = 'fetched'"))


def test_a_site_without_an_end_ends(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    url = serve_pages(Endless({"/": HOME}))
    limits = ("-s", f"ARTICLE_BUDGET={ARTICLES}", "-s", f"REVISIT_LIMIT={REVISITS}")
    done = scrapy("crawl", "smartdaily", *limits, SITE_URL=url)
    assert done.returncode == 4, done.stderr[-2000:]
    assert "(ARTICLE_BUDGET)" in done.stderr
    assert fetched(engine) == ARTICLES + REVISITS
    run = stats(engine)
    assert run["pager/spent"] == 2
    assert run["article/put_off"] > 0
    assert run["outcome/listing/stored"] <= 2 + ARTICLES // 10
    scrapy("crawl", "smartdaily", *limits, SITE_URL=url)
    assert fetched(engine) == 2 * (ARTICLES + REVISITS)


def test_a_run_ends_in_time(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    url = serve_pages(Endless({"/": HOME}))
    limits = ("-s", "CLOSESPIDER_TIMEOUT=2", "-s", "LISTING_PAGE_BUDGET=5")
    done = scrapy("crawl", "smartdaily", *limits, SITE_URL=url)
    assert done.returncode == 4
    assert "CLOSESPIDER_TIMEOUT was reached" in done.stderr
    first = fetched(engine)
    scrapy("crawl", "smartdaily", *limits, SITE_URL=url)
    assert fetched(engine) > first > 0


def test_session_ids_end(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pages = Sessions({"/": HOME})
    url = serve_pages(pages)
    limits = ("-s", f"ARTICLE_BUDGET={ARTICLES}", "-s", f"REVISIT_LIMIT={REVISITS}")
    done = scrapy("crawl", "smartdaily", *limits, SITE_URL=url)
    assert done.returncode == 4, done.stderr[-2000:]
    assert pages.asked <= ARTICLES + REVISITS
    assert len(select(engine, "SELECT DISTINCT title FROM api.article WHERE state = 'fetched'")) == 30


def test_a_page_of_fifteen_thousand_links(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    entries = [(f"/a/{n}.html", headline(n)) for n in range(15_000)]
    teasers = "".join(f"<li><a href='{path}'>{title}</a></li>" for path, title in entries)
    url = serve_pages({
        "/": HOME, "/phone/": listing(*entries), "/pc/": listing(*entries[:10]),
        **{path: text(n) for n, (path, _) in enumerate(entries)},
        "/a/1.html": text(1, f"<h3>相关阅读</h3><ul>{teasers}</ul>"),
    })  # fmt: skip
    scrapy("crawl", "smartdaily", "-s", "ARTICLE_BUDGET=30", "-s", "REVISIT_LIMIT=0", SITE_URL=url)
    run = stats(engine)
    assert fetched(engine) == 30
    assert run["link_rejected/too_many"] >= 13_000
    assert len(select(engine, "SELECT 1 FROM api.article")) <= 2_000


def test_a_run_has_bounds_by_default(scrapy: Scrapy) -> None:
    assert int(scrapy("settings", "--getint", "CLOSESPIDER_TIMEOUT").stdout) == 21_600
    assert int(scrapy("settings", "--getint", "ARTICLE_BUDGET").stdout) == 20_000
