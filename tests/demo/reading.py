"""Reads a page's text the plainest way: what a visitor sees, without white space."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from demo.page import Page
from demo.site import Site

HOST = "http://site.test"


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.links: list[str] = []
        self.meta: dict[str, str] = {}

    def handle_data(self, data: str) -> None:
        self.seen.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "meta" and "name" in values:
            self.meta[values["name"]] = values["content"]
        if tag == "link":
            self.meta[values["rel"]] = values["href"]


def read(site: Site, page: Page) -> Reader:
    reader = Reader()
    reader.feed(page.body.decode(site.skin.codec))
    return reader


def text(site: Site, path: str) -> str:
    return squeeze("".join(read(site, site.render(path)).seen))


def squeeze(text: str) -> str:
    return "".join(text.split())


def local_links(site: Site, path: str) -> set[str]:
    """Paths of the same site that a page links to, fragments cut."""
    found = (urlsplit(urljoin(HOST + path, href)) for href in read(site, site.render(path)).links)
    return {
        f"{parts.path}?{parts.query}" if parts.query else parts.path
        for parts in found
        if f"{parts.scheme}://{parts.netloc}" == HOST
    }
