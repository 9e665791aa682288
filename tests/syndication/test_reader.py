"""Feeds and sitemaps as bytes: odd encodings and faults, and what is meant to do harm."""

from __future__ import annotations

import gzip
import time
from datetime import UTC

import pytest

from smartdaily_crawler.syndication import announced
from smartdaily_crawler.syndication.reader import read
from smartdaily_crawler.syndication.reading import NotAFeedError, SyndicationReading

MOST = 1_000_000
ITEM = "<item><title>%s</title><link>https://news.example/a/1.html</link></item>"


def reading(body: bytes | str, content_type: str | None = None) -> SyndicationReading:
    given = body.encode() if isinstance(body, str) else body
    return read(given, content_type, "https://news.example/feeds/x.xml", UTC, MOST)


def rss(items: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<rss version="2.0"><channel>{items}</channel></rss>'


def titles(body: bytes | str, content_type: str | None = None) -> list[str]:
    return [entry.title for entry in reading(body, content_type).entries]


@pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=utf-8", "application/rss+xml; charset=gbk"])
def test_the_bytes_decide_about_the_encoding(content_type: str) -> None:
    feed = rss(ITEM % "镕基路的新店").replace('"1.0"', '"1.0" encoding="gb2312"', 1)
    assert titles(feed.encode("gb18030"), content_type) == ["镕基路的新店"]


def test_faults_are_repaired() -> None:
    assert titles(rss(ITEM % "研发&nbsp;R & D")) == ["研发\xa0R  D"]
    assert titles(rss(ITEM % "第一" + "<item><title>被截断")[:-40])[:1] == ["第一"]
    assert titles("\n " + rss(ITEM % "空行在前")) == ["空行在前"]
    assert titles(rss(ITEM % "控制字符\x0b")) == ["控制字符"]


def test_links_that_are_none_are_left_out() -> None:
    assert titles(rss("<item><title>没有链接</title></item>" + ITEM % "有")) == ["有"]
    feed = '{"version": "https://jsonfeed.org/version/1", "items": [7, {"id": 3}, {"id": "http://[", "title": "坏"}, {"id": "/a/1.html", "title": 5}]}'
    assert [(entry.url, entry.title) for entry in reading(feed).entries] == [("https://news.example/a/1.html", "")]


def test_prefixes_need_no_namespace() -> None:
    item = ITEM.replace("</item>", "<dc:date x:y='z'>2024-05-06 10:00:00</dc:date><slash:9>x</slash:9></item>")
    [entry] = reading(rss(item % "没有声明")).entries
    assert (entry.title, entry.published) == ("没有声明", "2024-05-06 10:00:00")
    news = "<news:news><news:title>新闻</news:title></news:news>"
    assert titles(f"<s:urlset><s:url><s:loc>/a/1.html</s:loc>{news}</s:url></s:urlset>") == ["新闻"]


def test_a_link_that_is_no_address_stops_nothing() -> None:
    assert not announced.may_be_article("http://[/20240506.html")
    assert titles(rss("<item><title>坏</title><link>http://[</link></item>" + ITEM % "好"))[-1:] == ["好"]


ENTITIES = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))


@pytest.mark.parametrize(
    "body",
    [
        rss(ITEM % "炸弹&e12;", f'<!DOCTYPE rss [<!ENTITY e0 "哈哈哈哈">{ENTITIES}]>'),
        rss(ITEM % "炸弹", f'<!DOCTYPE rss [<!ENTITY e0 "哈">{ENTITIES}]>').replace("<channel>", '<channel a="&e12;">'),
        rss(ITEM % "&x;", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        rss(ITEM % "&x;", '<!DOCTYPE rss [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'),
        rss("<a>" * 50_000),
        rss(ITEM * 2000).replace("</item>", ""),
        rss((ITEM % "多") * 10_000),
        "[" * 200_000,
        '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 200_000,
    ],
    ids=[
        "entities",
        "entities in an attribute",
        "file",
        "file of a parameter",
        "deep",
        "never closed",
        "many",
        "brackets",
        "deep JSON",
    ],
)
def test_what_is_meant_to_do_harm_is_harmless(body: str) -> None:
    begun = time.process_time()
    try:
        found = titles(body)
    except NotAFeedError:
        found = []
    assert time.process_time() - begun < 4
    assert "root:" not in "".join(found)
    assert len("".join(found)) < 10_000


def test_a_file_of_gzip_is_bounded() -> None:
    sitemap = b"<urlset><url><loc>/a/1.html</loc></url></urlset>"
    assert len(reading(gzip.compress(sitemap)).entries) == 1
    assert len(reading(gzip.compress(sitemap[:20]) + gzip.compress(sitemap[20:])).entries) == 1
    for bad in (gzip.compress(b" " * (MOST + 1)), gzip.compress(sitemap)[:-9], b"\x1f\x8b\x00"):
        with pytest.raises(NotAFeedError, match="decompressed"):
            reading(bad)


@pytest.mark.parametrize(
    "body", ["", "没有", "<html><body>首页</body></html>", "<!doctype html><p>坏", '{"posts": []}', "\x00\x01"]
)
def test_other_pages_are_no_feeds(body: str) -> None:
    with pytest.raises(NotAFeedError):
        reading(body)


def test_marks_of_feeds_are_dropped() -> None:
    home = "https://news.example/"
    marked = {
        "http://www.news.example/a/1.html?f=rss": "https://news.example/a/1.html",
        "https://news.example/a.php?id=7&from=rss2&page=2": "https://news.example/a.php?id=7&page=2",
        "https://m.news.example/a/1.html": "https://m.news.example/a/1.html",
        "http://news.example:8080/a": "http://news.example:8080/a",
        "http://[": "http://[",
    }
    assert {url: announced.as_on_site(url, home) for url in marked} == marked


def test_thousands_of_attributes_and_fields_cost_no_time() -> None:
    attributes = " ".join(f'a{number}="1"' for number in range(10_000))
    tags = "".join(f"<category>a{number}</category>" for number in range(8_000))
    feed = rss(tags + (ITEM % "多属性").replace("</item>", f"{tags}</item>")).replace("<rss ", f"<rss {attributes} ", 1)
    began = time.process_time()
    (entry,) = reading(feed).entries
    assert time.process_time() - began < 1  # feedparser would take 9 s, and minutes for ten times as many
    assert entry.title == "多属性"
    assert entry.categories == [f"a{number}" for number in range(98)]
