"""The bundled site's pages as samples, without a server."""

from __future__ import annotations

from demo.site import Site
from smartdaily_crawler.learning.samples import ArticleSample, ListingSample, NavigationSample, Samples
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.navigation import read_navigation

HOST = "http://site.test"


def document(site: Site, path: str) -> Document:
    page = site.render(path)
    return Document(decode(page.body, page.content_type), HOST + path)


def samples(site: Site, *, articles: int, first: int = 0) -> Samples:
    """Some articles from all over the site, and the first two list pages of each category."""
    listed = [article.path for article in site.truth().articles if article.listed]
    step = len(listed) // articles
    paths = [listed[(first + number * step) % len(listed)] for number in range(articles)]
    lists = [path for _, path in site.truth().categories]
    listings = [listing(site, path) for path in lists]
    listings += [listing(site, _path(each.reading.next_url)) for each in listings if each.reading.next_url]
    return Samples(
        articles=[article(site, path) for path in paths],
        listings=listings,
        navigations=[navigation(site, path) for path in ("/", *lists)],
    )


def _path(url: str) -> str:
    return url.removeprefix(HOST)


def article(site: Site, path: str) -> ArticleSample:
    page = document(site, path)
    return ArticleSample(page, read_article(page), site.now)


def listing(site: Site, path: str) -> ListingSample:
    page = document(site, path)
    return ListingSample(page, read_listing(page))


def navigation(site: Site, path: str) -> NavigationSample:
    page = document(site, path)
    return NavigationSample(page, read_navigation(page))
