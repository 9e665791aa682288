from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.crawler import Crawler

from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.middlewares.render import RenderMiddleware
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.policy import Rendering
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.spider import OwnSpider

PAGE = "http://news.example/news/7.html"
BY_POLICY = RenderOptions(by="splash", kind="article")
BY_ITSELF = RenderOptions(by="playwright", kind="article", selector="div.text")


class _Rendered(OwnSpider):
    site_address = SiteAddress("http://news.example/")
    rendering = Rendering("splash", "splash", Selectors())


@pytest.fixture
def middleware() -> RenderMiddleware:
    """Return the middleware of a spider that renders every page."""
    return RenderMiddleware(cast("Crawler", SimpleNamespace(spider=_Rendered("walk"))))


def request(**meta: Any) -> Request:
    return Request(PAGE, headers={"If-None-Match": '"1"'}, meta={"kind": "article", **meta})


@pytest.mark.parametrize(
    ("meta", "render_options"), [({}, BY_POLICY), ({"render": BY_ITSELF}, BY_ITSELF), ({"render": None}, None)]
)
def test_a_request_goes_before_the_policy(
    middleware: RenderMiddleware, meta: dict[str, Any], render_options: RenderOptions | None
) -> None:
    asked = request(**meta)
    middleware.process_request(asked)
    assert asked.meta["render"] == render_options
    # What is told to a server about a shell says nothing of its content.
    assert ("If-None-Match" in asked.headers) == (render_options is None)


def test_what_is_no_page_of_the_walk_is_asked_for_plainly(middleware: RenderMiddleware) -> None:
    robots = Request("http://news.example/robots.txt", meta={"is_robots": True})
    middleware.process_request(robots)
    assert "render" not in robots.meta
