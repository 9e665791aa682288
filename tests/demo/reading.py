"""Read a page's visible text, without white space, and its links."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import html

from demo.newsroom import DAYS
from demo.page import Page
from demo.site import Site

HOST = "http://site.test"


class Content(NamedTuple):
    text: str
    links: list[str]
    meta: dict[str, str]
    """Contents by name, and addresses of link elements by their rel."""


@cache
def site_of(skin: str, day: int = DAYS) -> Site:
    return Site(day=day, skin=skin)


def read(site: Site, page: Page) -> Content:
    root = html.fromstring(page.body.decode(site.skin.codec))
    meta = {str(tag.get("name")): str(tag.get("content")) for tag in root.iter("meta")}
    meta |= {str(tag.get("rel")): str(tag.get("href")) for tag in root.iter("link")}
    links = [href for tag in root.iter("a") if (href := tag.get("href")) is not None]
    return Content(squeeze("".join(map(str, root.itertext()))), links, meta)


def text(site: Site, path: str) -> str:
    return read(site, site.render(path)).text


def squeeze(text: str) -> str:
    return "".join(text.split())


def local_links(site: Site, path: str) -> set[str]:
    """Return the site's paths that a page links to, without fragments."""
    found = (urlsplit(urljoin(HOST + path, href)) for href in read(site, site.render(path)).links)
    return {
        f"{parts.path}?{parts.query}" if parts.query else parts.path
        for parts in found
        if f"{parts.scheme}://{parts.netloc}" == HOST
    }
