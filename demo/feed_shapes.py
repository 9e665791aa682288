"""Small sites, each with a feed or a sitemap in a shape of real ones: six articles, of which lists show four and the feed other four."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urlsplit

from demo.page import Page
from demo.server import Server, serve
from demo.stories import SHANGHAI

NOW = datetime(2024, 5, 7, 20, tzinfo=SHANGHAI)
COUNT = 6
LISTED, FED = range(1, 5), range(3, 7)
"""Numbers of the articles in the lists, and in the feed."""
EVENTS = (
    "的铰链又轻了一些",
    "开始小批量供货",
    "换上了变频压缩机",
    "的延迟降到二十毫秒",
    "可以单独更换电池",
    "第一次能放动画片",
)
PARAGRAPHS = (
    "负责人在会后说，团队花了两年时间改进这个部件，重量因此减去四成，日常使用几乎看不出区别。",
    "首批机器将在下个月开卖，起售价没有变化，存储的起点则提高到五百一十二吉字节，并提供两年的换新服务。",
)
OFFSITE = "https://partner.example.com/ad/20240507.html"
NAMES = ("智能手机", "电脑硬件")
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
GOOGLE_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"

if TYPE_CHECKING:
    from demo.site import Site


@dataclass(frozen=True)
class ShapedArticle:
    path: str
    title: str
    published: datetime
    shows_title: bool = True
    """False if its page has the title as a line like others: what the feed tells decides."""
    shows_date: bool = True

    @property
    def summary(self) -> str:
        return f"{self.title}，主办方周二公布了细节。"


@dataclass(frozen=True)
class Entry:
    """An entry of a feed."""

    href: str
    """As the feed links it."""
    article: ShapedArticle


Files = dict[str, tuple[bytes, str]]
"""Body and content type by path; the announced file comes first."""


@dataclass(frozen=True)
class Shape:
    """One way in which sites write their feeds."""

    name: str
    subject: str
    """Begins the titles of the articles."""
    files: Callable[[str, Sequence[Entry]], Files]
    """Takes the site's URL and the entries, newest first."""
    announced: Literal["link", "robots"] = "link"
    has_titles: bool = True

    @property
    def articles(self) -> list[ShapedArticle]:
        folder = self.name.split()[0].strip(",").lower()
        return [
            ShapedArticle(
                f"/{folder}/2024050{number}.html",
                f"{self.subject}{event}",
                NOW.replace(day=number, hour=9 + number, minute=30),
                shows_title=not self.has_titles or number != COUNT - 1,
                shows_date=not self.has_titles or number != COUNT,
            )
            for number, event in enumerate(EVENTS, 1)
        ]


def _rss(url: str, entries: Sequence[Entry]) -> Files:
    """RSS 2.0 in GBK: whole texts, CDATA, times without a zone, FeedBurner's links, and a fault."""
    items = "".join(
        f"<item><title><![CDATA[{e.article.title}]]></title><link>https://feeds.example.net/~r/{n}</link>"
        f"<feedburner:origLink>{escape(e.href)}</feedburner:origLink><category>{NAMES[0]}</category>"
        f"<pubDate>{e.article.published:%Y-%m-%d %H:%M:%S}</pubDate>"
        f"<description><![CDATA[<p>{e.article.summary}</p>]]></description>"
        f"<content:encoded><![CDATA[{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}]]></content:encoded></item>"
        for n, e in enumerate(entries)
    )
    text = (
        '<?xml version="1.0" encoding="gb2312"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">'
        f"<channel><title>科技&nbsp;R&D</title><link>{url}</link>{items}</channel></rss>"
    )
    return {"/rss.xml": (text.encode("gbk"), "text/xml")}


def _atom(url: str, entries: Sequence[Entry]) -> Files:
    """Atom, with links relative to ``xml:base``."""
    items = "".join(
        f'<entry><title type="html">{escape(escape(e.article.title))}</title><link rel="edit" href="/edit/{n}"/>'
        f'<link href="{escape(e.href.removeprefix(url))}"/><updated>{e.article.published.isoformat()}</updated>'
        f'<category term="phone" label="{NAMES[0]}"/><summary>{e.article.summary}</summary></entry>'
        for n, e in enumerate(entries)
    )
    text = f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{url}"><title>科技</title>{items}</feed>'
    return {"/feeds/atom.xml": (text.encode(), "application/atom+xml")}


def _rdf(url: str, entries: Sequence[Entry]) -> Files:
    items = "".join(
        f'<item rdf:about="{escape(e.href)}"><title>{e.article.title}</title><link>{escape(e.href)}</link>'
        f"<dc:date>{e.article.published:%Y-%m-%dT%H:%M+08:00}</dc:date><dc:subject>{NAMES[0]}</dc:subject></item>"
        for e in entries
    )
    text = (
        '<?xml version="1.0"?><rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel rdf:about="{url}"/>{items}</rdf:RDF>'
    )
    return {"/index.rdf": (text.encode(), "application/rdf+xml")}


def _json(url: str, entries: Sequence[Entry]) -> Files:
    items = [
        {
            "id": e.href,
            "url": e.href.removeprefix(url.rstrip("/")),
            "title": e.article.title,
            "summary": e.article.summary,
            "date_published": e.article.published.isoformat(),
            "tags": [NAMES[0]],
        }
        for e in entries
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "科技", "home_page_url": url, "items": items}
    return {"/feed.json": (json.dumps(feed, ensure_ascii=False).encode(), "application/feed+json")}


def _news(_: str, entries: Sequence[Entry]) -> Files:
    """A news sitemap, with the namespaces of pictures and of news under other prefixes than usual."""
    items = "".join(
        f"<s:url><s:loc>\n{escape(e.href)}\n</s:loc><i:image><i:loc>/p.jpg</i:loc><i:title>图</i:title></i:image>"
        f"<n:news><n:publication><n:name>科技</n:name></n:publication><n:title>{e.article.title}</n:title>"
        f"<n:publication_date>{e.article.published.isoformat()}</n:publication_date><n:keywords>{NAMES[0]}，新品</n:keywords></n:news></s:url>"
        for e in entries
    )
    image = "http://www.google.com/schemas/sitemap-image/1.1"
    text = f'<s:urlset xmlns:s="{SITEMAP}" xmlns:n="{GOOGLE_NEWS}" xmlns:i="{image}">{items}</s:urlset>'
    return {"/news.xml": (text.encode(), "text/xml")}


def _index(url: str, entries: Sequence[Entry]) -> Files:
    """An index, compressed, of a compressed sitemap with every page of the site, and of an old one."""
    pages = [
        *((e.href, NOW) for e in entries),
        (f"{url}about.html", NOW),
        (f"{url}old/20120101.html", NOW - timedelta(days=4000)),
    ]
    urls = "".join(f"<url><loc>{escape(href)}</loc><lastmod>{day:%Y-%m-%d}</lastmod></url>" for href, day in pages)
    maps = (("/maps/1.xml.gz", NOW), ("/maps/0.xml.gz", NOW - timedelta(days=4000)))
    index = "".join(f"<sitemap><loc>{path}</loc><lastmod>{at.isoformat()}</lastmod></sitemap>" for path, at in maps)
    return {
        "/maps/index.xml.gz": (
            gzip.compress(f'<sitemapindex xmlns="{SITEMAP}">{index}</sitemapindex>'.encode(), mtime=0),
            "application/x-gzip",
        ),
        "/maps/1.xml.gz": (
            gzip.compress(f'<urlset xmlns="{SITEMAP}">{urls}</urlset>'.encode(), mtime=0),
            "application/x-gzip",
        ),
    }


SHAPES = (
    Shape("RSS 2.0, GBK, `content:encoded`", "折叠屏手机", _rss),
    Shape("Atom, `xml:base`", "新款显卡", _atom),
    Shape("RDF (RSS 1.0)", "国产芯片", _rdf),
    Shape("JSON Feed 1.1", "降噪耳机", _json),
    Shape("News sitemap", "车载冰箱", _news, "robots"),
    Shape("Index of sitemaps, gzip", "儿童手表", _index, "robots", has_titles=False),
)
_TYPES = {"/rss.xml": "application/rss+xml", "/index.rdf": "application/rdf+xml", "/feed.json": "application/feed+json"}


@contextmanager
def serve_shapes(*shapes: Shape) -> Iterator[tuple[ShapedSite, Server]]:
    """Serve the site of some shapes until the block ends."""
    site = ShapedSite(*shapes)
    with serve(cast("Site", site)) as server:  # of a site the server uses what this one has
        site.url = server.url
        yield site, server


class ShapedSite:
    """The site of some shapes."""

    now = NOW
    changed_at = NOW.replace(hour=6)

    def __init__(self, *shapes: Shape) -> None:
        self.shapes = shapes
        self.url = "http://127.0.0.1/"
        """Of the server: feeds have whole addresses."""
        self.replaced: dict[str, Page] = {}
        """Pages by path that are served instead."""

    @property
    def articles(self) -> list[ShapedArticle]:
        return [article for shape in self.shapes for article in shape.articles]

    def render(self, path: str) -> Page:
        path = urlsplit(path).path
        files = {path: file for shape in self.shapes for path, file in self._files(shape).items()}
        if path in self.replaced:
            return self.replaced[path]
        if path in files:
            return Page(200, *files[path])
        pages: dict[str, Callable[[], Page]] = {
            "/": self._home,
            "/about.html": lambda: _page("关于我们", "<p>本站介绍。</p>"),
        }
        pages |= {f"/list{number}/": partial(self._list, number) for number in range(len(NAMES))}
        pages |= {article.path: partial(_article, article) for article in self.articles}
        if path == "/robots.txt":
            lines = [
                f"Sitemap: {self.url}{next(iter(self._files(each)))[1:]}"
                for each in self.shapes
                if each.announced == "robots"
            ]
            return Page(200, "\n".join(["User-agent: *", "Disallow:", *lines]).encode(), "text/plain")
        return pages[path]() if path in pages else Page(404)

    def _files(self, shape: Shape) -> Files:
        newest = sorted(
            (shape.articles[number - 1] for number in FED), key=lambda article: article.published, reverse=True
        )
        host = self.url.rstrip("/")
        secure = host.replace("http:", "https:")
        marks = ("?from=rss", "", "?utm_source=rss&utm_medium=feed", "#main")
        hrefs = [
            f"{secure if n == 1 else host}{article.path}{mark}"
            for n, (article, mark) in enumerate(zip(newest, marks, strict=True))
        ]
        entries = [Entry(href, article) for href, article in zip(hrefs, newest, strict=True)]
        elsewhere = ShapedArticle("", "合作伙伴的满减专场", NOW)
        return shape.files(self.url, [*entries, Entry(OFFSITE, elsewhere)])

    def _home(self) -> Page:
        links = [next(iter(self._files(shape))) for shape in self.shapes if shape.announced == "link"]
        head = "".join(
            f'<link rel="alternate" type="{_TYPES.get(path, "application/atom+xml")}" href="{path}">' for path in links
        )
        return _page("科技首页", "<p>欢迎</p>", head)

    def _list(self, number: int) -> Page:
        """The lists show the articles by turns."""
        shown = [shape.articles[n - 1] for shape in self.shapes for n in LISTED if n % len(NAMES) == number]
        items = "".join(f'<li><a href="{a.path}">{a.title}</a><span>{a.published:%Y-%m-%d}</span></li>' for a in shown)
        return _page(NAMES[number], f'<ul class="list">{items}</ul>')


def _article(article: ShapedArticle) -> Page:
    heading = (
        f"<h1>{article.title}</h1>"
        if article.shows_title
        else f"<div>{article.title}</div><div>价格和去年的型号一样</div>"
    )
    date = f"{article.published:%Y-%m-%d %H:%M} " if article.shows_date else ""
    body = "".join(f"<p>{text}</p>" for text in (article.summary, *PARAGRAPHS))
    return _page(
        article.title if article.shows_title else "科技", f"{heading}<div>{date}来源：测试台</div><div>{body}</div>"
    )


def _page(title: str, body: str, head: str = "") -> Page:
    nav = "".join(f'<li><a href="/list{n}/">{name}</a></li>' for n, name in enumerate(NAMES))
    return Page(
        200,
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f'<body><div class="top"><ul><li><a href="/">首页</a></li>{nav}</ul></div>{body}</body></html>'.encode(),
    )
