"""Follow redirects within the site, past the duplicate filter."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware, MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.crawl.fetches import redirect_kind
from smartdaily_crawler.crawl.protocol import SiteBound, walk_spider
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta


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
        # RFC 9309, 2.3.1.2: a robots.txt may stand on another host.
        may_leave = rejection == "offsite" and request.meta.get(Meta.IS_ROBOTS)
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


class SiteMetaRefreshMiddleware(_OnSite, MetaRefreshMiddleware):
    """``<meta http-equiv=refresh>``."""
