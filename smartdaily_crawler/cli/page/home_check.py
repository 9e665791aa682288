"""Fetch the home page of a site once, and tell what a walk would read there."""

from __future__ import annotations

from dataclasses import dataclass, field

from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import Settings

from smartdaily_crawler.cli.page.reading import load_pages
from smartdaily_crawler.crawl import home_page
from smartdaily_crawler.items import Category
from smartdaily_crawler.loaders import load_categories
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode_with
from smartdaily_crawler.pages.navigation import read_navigation
from smartdaily_crawler.rendering.choice import rendering_by
from smartdaily_crawler.sites.profile import Render, SiteProfile
from smartdaily_crawler.sites.site_address import SiteAddress


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeCheck:
    """What a home page shows."""

    title: str = ""
    categories: list[Category] = field(default_factory=list)
    complaint: str | None = None
    """Why a walk cannot begin there; ``None`` if it can."""


def check_home(
    process: CrawlerProcessBase, settings: Settings, url: str, profile: SiteProfile, render: Render
) -> HomeCheck:
    """Fetch a home page as politely as a crawl. With ``render=auto`` it is fetched by plain HTTP."""
    rendering = rendering_by(None if render in ("never", "auto") else render, settings)
    [(_, page)] = load_pages(process, settings, [url], rendering, profile.language)
    if page.failure is not None:
        return HomeCheck(complaint=home_page.explain_failure(page.failure))
    is_text = "html" in (page.content_type or "html").lower() or "text" in (page.content_type or "").lower()
    text, encoding = decode_with(page.body, page.content_type)
    document = Document(text, page.url, encoding) if is_text else None
    address = SiteAddress(url)
    links = read_navigation(document, profile.selectors) if document else []
    categories = [each for each in load_categories(links) if address.rejection_reason(each.url) is None]
    reason = home_page.rejection_reason(document, profile.language, found=bool(categories))
    return HomeCheck(
        title=document.title if document else "",
        categories=categories,
        complaint=reason and home_page.explain_rejection(reason, document, profile.language, render),
    )
