"""Follow redirects within the site, past the duplicate filter."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware, MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from w3lib.html import get_base_url, get_meta_refresh

from smartdaily_crawler.cleaning.urls import canonical_or_none, canonicalize, page_name
from smartdaily_crawler.crawl.fetches import header, redirect_kind
from smartdaily_crawler.crawl.protocol import SiteBound, walk_spider
from smartdaily_crawler.markup.encoding import decode_with
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta

_HEADER = re.compile(r"\s*(\d+(?:\.\d*)?)\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"']+)[\"']?\s*", re.IGNORECASE)
_HEAD = 65_536
"""Bytes of a page in which a refresh is looked for."""


class _OnSite(BaseRedirectMiddleware):
    """Check the target of a redirect; raise ``IgnoreRequest`` with the reason, which reaches the request's errback.

    Redirects of spiders that are not bound to a site are left to Scrapy.

    A redirect to a URL that was requested already is followed again: Scrapy's filter would drop it silently, and the
    first URL would have no outcome. Only the URL of a known article is not requested again: the reason is then
    ``redirect_seen``, and ``meta["alias_of"]`` is that URL if the redirect is permanent. ``REDIRECT_MAX_TIMES`` bounds loops.
    """

    def _redirect(self, redirected: Request, request: Request, reason: object) -> Request:
        spider: object = self.crawler.spider
        if not isinstance(spider, SiteBound):
            return super()._redirect(redirected, request, reason)
        rejection = spider.site_address.rejection_reason(redirected.url)
        # RFC 9309, 2.3.1.2: a robots.txt may stand on another host. Pictures often do.
        may_leave = rejection == "offsite" and (Meta.IS_ROBOTS in request.meta or Meta.PICTURE_URL in request.meta)
        if rejection is not None and not may_leave:
            raise IgnoreRequest(Reason.redirect(rejection))
        # A URL may redirect to itself with another insignificant parameter: follow it.
        if (
            request.meta.get(Meta.KIND) == "article"
            and (walking := walk_spider(self.crawler))
            and (target := canonicalize(redirected.url)) in walking.own_pages
            and request.meta[Meta.REQUESTED_URL] != target
        ):
            if redirect_kind(request.meta, reason) == "permanent":
                request.meta[Meta.ALIAS_OF] = target
            raise IgnoreRequest(Reason.REDIRECT_SEEN)
        if request.meta.get("redirect_times", 0) >= self.max_redirect_times:
            raise IgnoreRequest(Reason.REDIRECT_LOOP)
        return super()._redirect(redirected, request, reason).replace(dont_filter=True)


class SiteRedirectMiddleware(_OnSite, RedirectMiddleware):
    """HTTP 301, 302, 303, 307, 308."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without Scrapy's former argument
        try:
            return super().process_response(request, response)
        except ValueError:  # of a Location that is no URL
            raise IgnoreRequest(Reason.redirect("malformed")) from None


class SiteMetaRefreshMiddleware(_OnSite, MetaRefreshMiddleware):
    """``<meta http-equiv=refresh>`` and the header of that name, within ``METAREFRESH_MAXDELAY`` seconds.

    A page that reloads itself is no redirect.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without Scrapy's former argument
        if request.meta.get("dont_redirect") or not isinstance(response, TextResponse):
            return response
        seconds, target = _refresh(response, self._ignore_tags)
        if target is None or seconds > self._maxdelay or _is_same(target, request.url):
            return response
        return self._redirect(self._redirect_request_using_get(request, response, target), request, "meta refresh")


def _refresh(response: TextResponse, ignored_tags: list[str]) -> tuple[float, str | None]:
    """Return the seconds until the page is replaced, and the URL that replaces it; ``None`` without a valid one."""
    found = _HEADER.fullmatch(header(response, "Refresh") or "")
    try:
        if found:
            return float(found[1]), urljoin(response.url, found[2])
        if b"refresh" not in response.body[:_HEAD].lower():
            return 0, None
        text, _ = decode_with(response.body[:_HEAD], header(response, "Content-Type"))
        seconds, url = get_meta_refresh(text, _base(text, response.url), ignore_tags=ignored_tags)
    except ValueError:  # of a target that is no URL
        return 0, None
    return seconds or 0, url


def _base(text: str, url: str) -> str:
    try:
        return str(get_base_url(text, url))
    except ValueError:
        return url


def _is_same(target: str, url: str) -> bool:
    """Return whether a target is the page itself, or none that can be requested."""
    one, other = canonical_or_none(target), canonical_or_none(url)
    return one is None or (other is not None and page_name(one) == page_name(other))
