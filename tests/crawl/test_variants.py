"""Broken sites: verdict and exit code report it, and no stored article is overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest
from sqlalchemy import Engine

from demo.page import Page
from demo.server import Server
from demo.site import SMALL, Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select

CRAWL = ("crawl", "smartdaily", "-a", "mode=full")
CAPTCHA = "<title>安全验证</title><body><p>请完成下方的滑块验证后继续访问</p></body>"
WALL = "<title>会员登录_智能日报</title><body><h1>会员登录</h1><p>请登录后继续阅读全文。</p></body>"
BARE = "<title>智能日报</title><body><div><a href='/'>首页</a></div><p>栏目调整中，内容稍后恢复。</p></body>"


@dataclass(frozen=True)
class Case:
    html: str
    """Content in place of a page."""
    place: Literal["lists", "articles"]
    every: int = 1
    """Replace every n-th page of the kind."""
    code: int = 1
    verdict: str = "failed"
    because: str = "were no articles"


class BrokenSite(Site):
    """A day on which some pages have other content."""

    def __init__(self, case: Case) -> None:
        super().__init__(day=1, categories=SMALL)
        truth = self.truth()
        self._case = case
        lists, articles = {path for _, path in truth.categories}, {article.path for article in truth.articles}
        self._paths = lists if case.place == "lists" else articles
        self._asked = 0

    def render(self, path: str) -> Page:
        if path.partition("?")[0] not in self._paths:
            return super().render(path)
        self._asked += 1
        if self._asked % self._case.every:
            return super().render(path)
        return Page(status=200, body=f"<!doctype html><meta charset=utf-8>{self._case.html}".encode())


@pytest.mark.parametrize(
    "case",
    [
        Case(BARE, "lists", because="no list page"),
        Case(CAPTCHA, "articles", every=2),
        Case(WALL, "articles"),
        Case(CAPTCHA, "articles", every=9, code=4, verdict="degraded"),
    ],
    ids=["empty", "half blocked", "login wall", "a few captchas"],
)
def test_a_broken_site(scrapy: Scrapy, crawled: Server, engine: Engine, case: Case) -> None:
    before = contents(engine)
    assert before
    crawled.site = BrokenSite(case)
    done = scrapy(*CRAWL, SITE_URL=crawled.url)
    assert done.returncode == case.code, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    run = select(engine, "SELECT verdict, stats FROM api.run ORDER BY run_id DESC LIMIT 1")[0]
    assert run["verdict"] == case.verdict
    assert any(case.because in why for why in run["stats"]["run/reasons"]), run["stats"]["run/reasons"]
    assert case.because in done.stderr
    assert contents(engine) == before


def contents(engine: Engine) -> list[dict[str, object]]:
    return select(engine, "SELECT url, state, title, body, revision FROM api.article ORDER BY url")
