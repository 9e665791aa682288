"""Where a redirect is followed to, and where it is not."""

from __future__ import annotations

from typing import ClassVar

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from smartdaily_crawler.crawl.fetches import page_request
from smartdaily_crawler.middlewares.redirect import SiteRedirectMiddleware
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.spider import OwnSpider

SITE = "https://news.example/"
OWN = f"{SITE}1.html"


class _Walk(OwnSpider):
    site_address = SiteAddress(SITE)
    own_pages: ClassVar[set[str]] = {OWN}


def follow(request: Request, target: str, status: int = 302) -> Request | Response:
    crawler = get_crawler()
    crawler.spider = _Walk("walk")
    middleware = SiteRedirectMiddleware.from_crawler(crawler)
    answer = Response(request.url, status=status, headers={"Location": target}, request=request)
    return middleware.process_response(request, answer)


def test_an_articles_own_page_is_not_asked_for_under_another_address() -> None:
    for status, alias_of in ((301, OWN), (308, OWN), (302, None), (307, None)):
        request = page_request(f"{SITE}old/1.html", "article")
        with pytest.raises(IgnoreRequest, match="redirect_seen"):
            follow(request, OWN, status)
        assert request.meta.get("alias_of") == alias_of


def test_a_page_that_leads_to_itself_is_followed() -> None:
    followed = follow(page_request(OWN, "article"), f"{OWN}?utm_source=home")
    assert followed.url == f"{OWN}?utm_source=home"
