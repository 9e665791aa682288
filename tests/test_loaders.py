from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.items import Category, Fetch, Image, Teaser
from smartdaily_crawler.loaders import PARSER_VERSION, canonical_claim, load_article, load_categories, load_teasers
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue, ImageReading, LinkReading, TeaserReading
from smartdaily_crawler.parsing.dates import SHANGHAI

NOW = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)  # noon in Shanghai
URL = "http://news.example.com/7.html"
FETCH = Fetch(url=URL, kind="article", final_url=URL, fetched_at=NOW)


def found(value: str) -> ExtractedValue:
    return ExtractedValue(value, "structure")


def reading(**fields: Any) -> ArticleReading:
    return ArticleReading(**fields)


def test_an_article_is_clean_and_keeps_its_raw_values() -> None:
    article = load_article(
        reading(
            title=found(" 星河\xa0发布新机 "),
            published=found("发布时间：2026-03-06\t08:30"),
            source=ExtractedValue("来源：北辰资讯", "meta"),
            author=ExtractedValue("作者： 许砚", "selector"),
            editor=found("（责任编辑：谢砚）"),
            summary=ExtractedValue("摘要\u3000文字", "meta"),
            body=["\u3000\u3000第一段。", "\xa0", "第二\u200b段。"],
            images=[
                ImageReading(url="http://news.example.com:80/a.png#x", caption=" 图 ", paragraph=2),
                ImageReading(url="http://["),
            ],
            categories=["智能手机"],
            teasers=[
                TeaserReading(
                    url="http://news.example.com/8.html?utm_source=a",
                    title="另一篇",
                    block="teasers",
                    summary="摘要…",
                    published="03-05",
                )
            ],
        ),
        FETCH,
        URL,
        NOW,
    )
    assert (article.title, article.summary) == ("星河 发布新机", "摘要 文字")
    assert article.published_at == datetime(2026, 3, 6, 8, 30, tzinfo=SHANGHAI)
    assert article.published_on == date(2026, 3, 6)
    assert (article.source, article.author, article.editor) == ("北辰资讯", "许砚", "谢砚")
    assert (article.published_raw, article.source_raw, article.editor_raw) == (
        "发布时间：2026-03-06 08:30",
        "来源：北辰资讯",
        "（责任编辑：谢砚）",
    )
    assert article.body == ["第一段。", "第二段。"]
    assert article.images == [Image(url="http://news.example.com/a.png", caption="图", paragraph=1)]
    assert article.categories == ["智能手机"]
    assert article.teasers == [
        Teaser(
            url="http://news.example.com/8.html",
            position=1,
            title="另一篇",
            summary="摘要…",
            published_on=date(2026, 3, 5),
        )
    ]
    assert article.provenance == {
        "title": "structure",
        "summary": "meta",
        "source": "meta",
        "author": "selector",
        "editor": "structure",
        "published": "structure",
        "body": "structure",
    }
    assert (article.url, article.fetch, article.parser_version) == (URL, FETCH, PARSER_VERSION)


def test_pictures_of_a_further_page_follow_the_text_of_the_first() -> None:
    pages = [
        reading(body=body, images=[ImageReading(url=f"http://news.example.com/{n}.png", paragraph=1)])
        for n, body in enumerate((["第一段。", "第二段。"], ["第三段。"]))
    ]
    first, second = (load_article(page, FETCH, URL, NOW) for page in pages)
    first.add_part(second)
    assert [image.paragraph for image in first.images] == [1, 3]


def test_an_empty_reading_is_an_empty_article() -> None:
    article = load_article(reading(source=found("来源："), published=found("2027-01-01")), FETCH, URL, NOW)
    assert (article.title, article.source, article.published_on, article.published_at) == (None, None, None, None)
    assert (article.body, article.images, article.categories, article.teasers, article.provenance) == (
        [],
        [],
        [],
        [],
        {},
    )
    assert (article.source_raw, article.published_raw) == ("来源：", "2027-01-01")


@pytest.mark.parametrize(
    ("raw", "listed_on", "expected"),
    [
        ("03-04 23:30 GMT", date(2026, 3, 4), "2026-03-05T07:30:00+08:00"),
        ("03-04 23:30", date(2026, 3, 5), "2026-03-04T23:30:00+08:00"),
        ("03-04 23:30", date(2025, 3, 4), "2025-03-04T23:30:00+08:00"),
        ("2026-03-04 23:30", date(2025, 3, 4), "2026-03-04T23:30:00+08:00"),
    ],
)
def test_a_list_gives_the_year_and_takes_no_time_of_day(raw: str, listed_on: date, expected: str) -> None:
    article = load_article(reading(published=found(raw)), FETCH, URL, NOW, listed_on=listed_on)
    assert article.published_at == datetime.fromisoformat(expected)
    assert article.published_on == article.published_at.date()
    assert article.provenance["published"] == ("list" if "2025" in expected else "structure")


def test_a_printed_day_has_no_time() -> None:
    article = load_article(reading(published=found("2026-03-06")), FETCH, URL, NOW)
    assert (article.published_on, article.published_at) == (date(2026, 3, 6), None)


@pytest.mark.parametrize(
    ("canonical", "page", "expected"),
    [
        (None, "http://news.example.com/7.html?from=timeline", URL),
        (URL, "http://m.example.com/7.html", URL),
        ("http://www.example.com/7.html", "http://wap.example.com/7.html", "http://www.example.com/7.html"),
        ("http://news.example.com/", URL, URL),
        ("http://news.example.com/index.html", URL, URL),
        ("http://news.example.com/phone/", URL, URL),
        ("http://news.example.com/phone/index.shtml", URL, URL),
        ("http://news.example.com/phone", URL, URL),
        ("http://news.example.com/2026/", "http://news.example.com/2026/7.html", "http://news.example.com/2026/7.html"),
        (
            "http://news.example.com/a-new-phone/",
            "http://news.example.com/?p=7",
            "http://news.example.com/a-new-phone/",
        ),
        ("http://other.example.org/7.html", URL, URL),
        ("http://[", URL, URL),
        ("javascript:void(0)", URL, URL),
        ("https://news.example.com/7.html", URL, URL),
        ("http://127.0.0.1:8000/7.html", "http://127.0.0.1:8000/m/7.html", "http://127.0.0.1:8000/7.html"),
    ],
)
def test_a_canonical_claim(canonical: str | None, page: str, expected: str) -> None:
    assert (canonical_claim(canonical, page) or canonicalize(page)) == expected


def teaser(url: str, block: str = "teasers", title: str = "标题") -> TeaserReading:
    return TeaserReading(url=url, title=title, block=block)


def test_positions_count_in_each_block_and_a_repeated_link_is_left_out() -> None:
    links = [
        teaser("http://a.cn/1"),
        teaser("http://a.cn/2", "ranking"),
        teaser("http://a.cn/1?utm_source=x"),
        teaser("http://a.cn/3"),
        teaser("http://a.cn/1", "ranking"),
    ]
    loaded = load_teasers(links, NOW)
    assert [(each.url, each.block, each.position) for each in loaded] == [
        ("http://a.cn/1", "teasers", 1),
        ("http://a.cn/2", "ranking", 1),
        ("http://a.cn/3", "teasers", 2),
        ("http://a.cn/1", "ranking", 2),
    ]


def test_positions_may_continue_from_the_page_before() -> None:
    assert [
        each.position for each in load_teasers([teaser("http://a.cn/1"), teaser("http://a.cn/2")], NOW, first=21)
    ] == [21, 22]


def test_a_teaser_without_a_url_or_a_title_is_left_out() -> None:
    assert load_teasers([teaser("file:///etc/passwd"), teaser("http://a.cn/1", title="\u3000")], NOW) == []


def test_categories() -> None:
    links = [
        LinkReading(name=" 手机 ", url="http://a.cn/p/"),
        LinkReading(name="手机", url="http://a.cn/p/#x"),
        LinkReading(name="电脑", url="http://a.cn/c/"),
        LinkReading(name="坏", url="http://["),
    ]
    assert load_categories(links) == [
        Category(name="手机", url="http://a.cn/p/", position=1),
        Category(name="电脑", url="http://a.cn/c/", position=2),
    ]
