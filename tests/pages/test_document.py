from __future__ import annotations

import time

import pytest

from smartdaily_crawler.markup.document import Document, picture_url
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.navigation import read_navigation
from tests.pages.pages import URL

BUDGET = 1.0
"""Seconds of processor time for a hostile page that cannot be laid out."""


def lines(html: str) -> list[str]:
    return [line.text for line in Document(html, URL).lines]


def test_a_line_ends_where_a_block_does() -> None:
    assert lines("<div>一<b>二</b><span>三</span><p>四<br>五</p>六</div>") == ["一二三", "四", "五", "六"]


def test_scripts_styles_comments_and_form_widgets_are_not_read() -> None:
    html = "<p>一<script>var a='<p>x</p>'</script><style>p{}</style><!-- <p>y</p> --><noscript>z</noscript><select><option>甲</select>二</p>"
    assert lines(html) == ["一二"]


def test_a_script_without_end_does_not_hide_the_page_before_it() -> None:
    assert lines("<p>正文</p><script>var a = 1") == ["正文"]


def test_a_link_around_blocks_belongs_to_each_of_its_lines() -> None:
    document = Document('<a href="/1.html"><h3>标题</h3><p>摘要</p></a>', URL)
    assert [[link.href for link in line.links] for line in document.lines] == [["/1.html"], ["/1.html"]]
    assert document.links[0].text == "标题摘要"


def test_headings_and_hidden_parts_are_known() -> None:
    document = Document('<h2>题</h2><div style="display: none"><p>藏</p></div><p>显</p>', URL)
    assert [(line.heading, line.hidden) for line in document.lines] == [(2, False), (0, True), (0, False)]


@pytest.mark.parametrize(
    "hidden",
    [
        '<span style="display:none">不许转载</span>',
        '<span style="visibility: hidden">不许转载</span>',
        '<font style="font-size:0px">不许转载</font>',
        "<b hidden>不许转载</b>",
        "<rp>（</rp><rt>bù</rt><rp>）</rp>",
    ],
)
def test_what_a_browser_does_not_show_within_a_line_is_no_text(hidden: str) -> None:
    assert lines(f"<h1><ruby>不{hidden}</ruby>限速的套餐</h1>") == ["不限速的套餐"]


@pytest.mark.parametrize(
    "shown",
    ['<span style="font-size:0.9em">限</span>', '<span style="font-size:0"><b style="font-size:16px">限</b></span>'],
)
def test_small_print_is_text(shown: str) -> None:
    assert lines(f"<p>不{shown}速</p>") == ["不限速"]


NEWS = '{"@type": "NewsArticle", "datePublished": "2026-03-06"}'


@pytest.mark.parametrize(
    "script",
    [
        NEWS,
        f"[{NEWS}]",
        f'{{"@graph": [{{"@type": "WebSite"}}, {NEWS}]}}',
        f'{{"@type": "WebPage", "mainEntity": {NEWS}}}',
        f'{{"@type": "WebPage", "mainEntityOfPage": {NEWS}}}',
        f"<!--\n{NEWS}\n-->",
        f"//<![CDATA[\n{NEWS}\n//]]>",
        f"{NEWS};",
        f'{{"@type": "WebSite"}}\n{NEWS}',
        '{"@type": "NewsArticle", "datePublished": "2026-03-06",}',
        '{"@type": "NewsArticle", "datePublished": {"@value": "2026-03-06"}}',
        '{"@type": "NewsArticle", "articleBody": "<p>一</p>\n<p>二</p>", "datePublished": "2026-03-06"}',
    ],
)
def test_linked_data_in_all_its_shapes(script: str) -> None:
    head = f'<script type="application/ld+json">{script}</script>'
    found = [block for block in Document(head, URL).linked_data if block.get("@type") == "NewsArticle"]
    assert [block["datePublished"] for block in found] == ["2026-03-06"]


def test_linked_data_may_refer_to_an_object() -> None:
    graph = '{"@graph": [{"@id": "#p", "name": "许砚"}, {"@type": "NewsArticle", "author": {"@id": "#p"}}]}'
    [_, news] = Document(f'<script type="application/ld+json">{graph}</script>', URL).linked_data
    assert news["author"]["name"] == "许砚"


def test_linked_data_about_other_pages_or_without_sense_is_left_out() -> None:
    listed = f'{{"@type": "ItemList", "itemListElement": [{{"item": {NEWS}}}], "hasPart": {NEWS}}}'
    head = "".join(f'<script type="application/ld+json">{script}</script>' for script in (listed, "{", "[" * 9999))
    assert [block["@type"] for block in Document(head, URL).linked_data] == ["ItemList"]


@pytest.mark.parametrize(
    ("head", "href", "expected"),
    [
        ("", "2.html", "http://news.example.com/2026/0306/2.html"),
        ("", "/2.html", "http://news.example.com/2.html"),
        ("", "//m.example.com/2.html", "http://m.example.com/2.html"),
        ("", "?page=2", "http://news.example.com/2026/0306/7.html?page=2"),
        ('<base href="http://www.example.com/a/">', "2.html", "http://www.example.com/a/2.html"),
        ('<base href="/b/">', "2.html", "http://news.example.com/b/2.html"),
        ("", "javascript:void(0)", None),
        ("", "mailto:a@example.com", None),
        ("", "file:///etc/passwd", None),
        ("", "http://[", None),
        ("", "", None),
    ],
)
def test_absolute(head: str, href: str, expected: str | None) -> None:
    assert Document(f"<html><head>{head}</head><body>文</body></html>", URL).absolute(href) == expected


def test_meta() -> None:
    document = Document('<meta property="og:title" content=" 题 "><meta name="Author" content=""><p>文</p>', URL)
    assert document.meta("author", "og:title") == "题"
    assert document.meta("author") is None


def test_what_belongs_into_the_head_is_read_wherever_it_stands_and_breaks_no_line() -> None:
    document = Document(
        '<p>2026<svg><title>图标</title></svg></p><span>来<meta itemprop="datePublished" content="2026-03-06">源</span>',
        URL,
    )
    assert document.meta("datepublished") == "2026-03-06"
    assert document.title == ""
    assert [line.text for line in document.lines] == ["2026", "来源"]
    assert Document("文<title>题</title>", URL).title == "题"


def test_a_lazy_picture_has_its_real_address() -> None:
    document = Document('<p><img src="data:image/gif;base64,x" data-src="/a.png"></p>', URL)
    assert picture_url(document, document.pictures[0]) == "http://news.example.com/a.png"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", "empty"),
        ("\x00\x00 \n", "empty"),
        ("<!-- only a comment -->", "empty"),
        ("<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">文</p>", "too_many_attributes"),
        ("<p " + " ".join(f"a{n}" for n in range(100_000)) + ">文</p>", "too_many_attributes"),
        (
            "<p " + " ".join(f"a{n}='x>'" for n in range(100_000)) + ">文</p><p>" + "智能" * 999_999,
            "too_many_attributes",
        ),
        ("<div>" * 5_000 + "文" + "</div>" * 5_000, "too_deep"),
        ("<b>" * 5_000 + "文", "too_deep"),
        ("<p>智能手机，今天。</p>" * 90_000, "too_long"),
        ("<p>" + "智能手机，今天。" * 220_000, "too_long"),
        ("<p>" + "<b>智能</b>" * 400_000, "too_long"),
    ],
    ids=[
        "nothing",
        "nul",
        "comment",
        "attributes",
        "bare attributes",
        "attributes beside a long text",
        "nested blocks",
        "nested inlines",
        "lines",
        "5 MB in one paragraph",
        "tags",
    ],
)
def test_a_page_that_cannot_be_laid_out_is_rejected_quickly(html: str, reason: str) -> None:
    started = time.process_time()
    document = Document(html, URL)
    assert read_article(document).rejected == document.broken == reason
    assert read_listing(document).entries == []
    assert read_navigation(document) == []
    assert time.process_time() - started < BUDGET


@pytest.mark.parametrize(
    "html",
    [
        "<p>" + "智能手机，今天。" * 100_000,
        "<p " + " ".join(f"a{n}='<'" for n in range(5_000)) + ">文</p>",
        "<p data-x='" + "a b " * 100_000 + "'>文</p>",
        "<p a=1 b=2>文" * 20_000,
        "<script>" * 100_000,
        "<script " * 100_000,
        "<script></script " * 100_000,
        "<!--" * 100_000,
        "<a href=/1.html>智能手机今天发布</a> " * 20_000,
        "<ul>" + "<li><a href=/{0}.html>智能手机今天发布新款</a>2026-03-06</li>" * 10_000 + "</ul>",
        "<div>" * 300 + "<p>智能手机，今天。</p>" * 1_000,
        "<p>来源" * 20_000,
        "<p>" + "来源" * 200_000,
        "<p>" + "2026-03-0" * 200_000,
        "<p>" + "（" * 200_000,
        "<td>" * 50_000,
    ],
    ids=range(16),
)
def test_the_time_of_a_big_page_grows_with_its_length(html: str) -> None:
    # Eight times the length takes eight times as long; if it grows with the square, 64 times. Other programs slow down some trials.
    eighth = max(reading_time(html[: len(html) // 8]), 0.05)
    assert any(reading_time(html) < 24 * eighth for _ in range(2))


def reading_time(html: str) -> float:
    """Return the processor time of all that is read of a page, in seconds."""
    started = time.process_time()
    document = Document(html, URL)
    read_article(document)
    read_listing(document)
    read_navigation(document)
    return time.process_time() - started


def test_many_links_in_one_line_cost_no_more_each_than_few() -> None:
    def seconds_a_link(links: int) -> float:
        started = time.process_time()
        document = Document("<p>" + "<a href=/1.html>新</a>" * links, URL)
        assert [len(line.links) for line in document.lines] == [links]
        return (time.process_time() - started) / links

    # Time by the square of their number would make twenty times as much of each.
    assert seconds_a_link(60_000) < 6 * max(seconds_a_link(3_000) for _ in range(3))


def test_a_long_value_is_one_attribute() -> None:
    assert Document("<p data-x='" + "a=b c " * 5_000 + "'>智能手机今天发布</p>", URL).broken is None


def test_an_xml_declaration_has_no_say() -> None:
    assert lines('<?xml version="1.0" encoding="gb2312"?><html><body><p>智能\x00日报</p></body></html>') == ["智能日报"]


def test_a_selector_that_is_none() -> None:
    with pytest.raises(ValueError, match="not a CSS selector"):
        Document("<p>文</p>", URL).select("p[")
