from __future__ import annotations

import pytest

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.reading import ExtractedValue
from tests.pages.pages import PARAGRAPHS, TITLE, URL, body, page, paragraphs, read


@pytest.mark.parametrize(
    "heading",
    [
        f"<h1>{TITLE}</h1>",
        f"<h2>{TITLE}</h2>",
        f'<div class="t">{TITLE}</div>',
        f"<h1>智能日报</h1><h2>{TITLE}</h2>",
        f"<h1>{TITLE}<br><small>2026-03-06 来源：北辰资讯</small></h1>",
        f"<h2><span>原创</span>{TITLE}</h2>",
        f"<h1>{TITLE}<span>可听</span></h1>",
        f"<h1><a href='/2026/0306/7.html'>{TITLE}</a></h1>",
    ],
    ids=["h1", "h2", "no heading", "site name in h1", "info line inside", "flag beside", "widget beside", "linked"],
)
def test_title_is_the_line_that_the_title_element_repeats(heading: str) -> None:
    assert read(page(f"<div>{heading}<div>{paragraphs()}</div></div>")).title == ExtractedValue(TITLE, "structure")


@pytest.mark.parametrize(
    "suffix",
    [
        "_智能日报",
        " - 智能日报",
        "-智能日报",
        "|手机_智能日报",
        "--业界资讯--智能日报",
        "_业界资讯_智能日报",
        " 智能日报",
        "",
    ],
)
def test_title_has_no_suffix(suffix: str) -> None:
    assert read(page(f"<h1>{TITLE}</h1><div>{paragraphs()}</div>", title=TITLE + suffix)).title == ExtractedValue(
        TITLE, "structure"
    )


def test_title_of_the_head_where_the_page_shows_none() -> None:
    assert read(page(f"<div>{paragraphs()}</div>")).title == ExtractedValue(TITLE, "meta")


def test_title_is_the_nearest_heading_where_the_title_element_names_only_the_site() -> None:
    reading = read(
        page(
            f"<h3>首页 - 新闻</h3><h5>{TITLE}</h5><div>2026-03-06 来源：北辰</div><div>{paragraphs()}</div>",
            title="新闻动态--智能日报",
        )
    )
    assert reading.title == ExtractedValue(TITLE, "structure")


def test_title_is_whole_where_the_title_element_cuts_it() -> None:
    assert read(
        page(f"<h1>{TITLE}</h1><div>{paragraphs()}</div>", title=f"{TITLE[:12]}...-智能日报")
    ).title == ExtractedValue(TITLE, "structure")


INFO = "<div>2026-03-06 08:30 来源：北辰资讯</div>"


@pytest.mark.parametrize(
    ("top", "head"),
    [
        (f"<div class=bt>{TITLE}</div>{INFO}", ""),
        (f"<table><tr><td>{TITLE}</td></tr><tr><td>2026-03-06 08:30:00</td></tr></table>", ""),
        (f"<p><a href='/'>首页</a> > <a href='/phone/'>手机</a></p><div>{TITLE}</div>{INFO}", "北辰网"),
        (f"<div>{TITLE}</div>{INFO}<div>电池容量提高到六千毫安时</div>", "北辰新闻网_手机"),
        (f"<div class=bt>{TITLE}</div>", "北辰資訊網"),
    ],
    ids=["div", "table cells", "behind a breadcrumb", "subtitle below the info line", "no info line"],
)
def test_title_that_neither_a_heading_nor_the_head_has(top: str, head: str) -> None:
    reading = read(page(f"<div>{top}<div>{paragraphs()}</div></div>", title=head))
    assert (reading.title, reading.rejected) == (ExtractedValue(TITLE, "structure"), None)


def test_one_of_several_lines_set_alike_is_no_title() -> None:
    rows = "".join(f"<div class=row>{name}</div>" for name in ("材质一体金属机身", "产地浙江杭州", "包装清单手机一部"))
    assert read(page(f"<div>{rows}<div>{paragraphs()}</div></div>", title="商品")).title == ExtractedValue(
        "商品", "meta"
    )


@pytest.mark.parametrize(
    ("heading", "head", "title"),
    [
        ("星河手机发布新机</h1><div>续航提升三成</div>", "星河手机发布新机续航提升三成_智能日报", "星河手机发布新机 续航提升三成"),
        ("星河手機發佈新機<div>續航提升三成</div></h1>", "星河手機發佈新機 續航提升三成 - 智能日報", "星河手機發佈新機 續航提升三成"),
        ("星河手机发布新机</h1><div>业界资讯</div>", "星河手机发布新机_业界资讯_智能日报", "星河手机发布新机"),
        ("星河手机发布新机</h1><div>|</div>", "星河手机发布新机_智能日报", "星河手机发布新机"),
    ],
    ids=["beside", "inside", "a section is none", "a bar is none"],
)  # fmt: skip
def test_a_subtitle_that_the_head_goes_on_with_belongs_to_the_title(heading: str, head: str, title: str) -> None:
    reading = read(page(f"<h1>{heading}{INFO}<div>{paragraphs()}</div>", title=head))
    assert reading.title == ExtractedValue(title, "structure")


@pytest.mark.parametrize(
    ("heading", "head"),
    [
        (f"{TITLE} 2026-03-06 08:30", "北辰新聞 - "),
        (f"{TITLE}[2026-03-06 08:30]", "北辰网"),
        (f"{TITLE}（2026年3月6日 08:30:12）", f"{TITLE}_北辰网"),
        (f"{TITLE} (手機)", f"{TITLE} - 北辰日報"),
    ],
    ids=["glued", "in brackets", "beside the head's title", "a section"],
)
def test_a_time_of_publication_and_a_section_are_no_part_of_the_title(heading: str, head: str) -> None:
    assert read(page(f"<h4>{heading}</h4><div>{paragraphs()}</div>", title=head)).title == ExtractedValue(
        TITLE, "structure"
    )


def test_a_day_is_part_of_a_title() -> None:
    title = "杭州天气预报（2026年3月6日）"
    assert read(page(f"<h1>{title}</h1><div>{paragraphs()}</div>", title="北辰网")).title == ExtractedValue(
        title, "structure"
    )


@pytest.mark.parametrize(
    "page_of",
    [
        f"<div class=bar>{TITLE}</div><div class=menu><a href='/2.html'>旧闻一则</a></div><h1>{TITLE}</h1>{INFO}<div>{paragraphs()}</div>",
        f"<h1>{TITLE}</h1>{INFO}<div><p>{TITLE}</p>{paragraphs()}</div>",
        f"<h1><a href='/'>星河手机发布新机</a></h1><div>{TITLE}</div>{INFO}<div>{paragraphs()}</div>",
        f"<ul><li><a href='/2026/0306/7.html'>{TITLE}</a></li></ul><div>{TITLE}，首批备货已经运抵</div>{INFO}<div>{paragraphs()}</div>",
    ],
    ids=["bar", "first line of the text", "link to the home page", "menu"],
)
def test_the_title_is_the_last_of_equal_lines_before_the_text(page_of: str) -> None:
    reading = read(page(page_of))
    assert reading.title is not None
    assert reading.title.value.startswith(TITLE)
    assert (body(reading), reading.source) == (PARAGRAPHS, ExtractedValue("来源：北辰资讯", "structure"))


def test_a_short_title_in_the_element_of_the_text_is_none_of_that() -> None:
    reading = read(page(f"<div><h1>说慢</h1>{paragraphs()}</div>", title="说慢 - 霜降"))
    assert (reading.title, body(reading)) == (ExtractedValue("说慢", "structure"), PARAGRAPHS)


@pytest.mark.parametrize("heading", ["<h1>说慢</h1>", "<h1><a href='/2026/0306/7.html'>说慢</a></h1>"])
def test_a_heading_of_two_characters_is_the_title(heading: str) -> None:
    reading = read(page(f"<h1><a href='/'>霜降</a></h1>{heading}{INFO}<div>{paragraphs()}</div>", title="说慢 - 霜降"))
    assert reading.title == ExtractedValue("说慢", "structure")


@pytest.mark.parametrize(
    ("headings", "head"),
    [
        (f"<h1>霜降网</h1><h2>{TITLE}</h2>", "霜降网"),
        (f"<h1>霜降网</h1><h2>{TITLE}</h2>", f"霜降网 - {TITLE}"),
        (f"<h1>霜降网</h1><div class=t>{TITLE}</div>", "霜降网 - 智能日报"),
        (f"<h1>科技</h1><h2>{TITLE}</h2>", "科技_智能日报"),
        (f"<h1>科技</h1><div class=t>{TITLE}</div>", "科技_智能日报"),
        (f"<h1>{TITLE}</h1><h4>分享</h4>", "分享 - 智能日报"),
        (f"<h1><a href='/pc/'>霜降网</a></h1><div class=t>{TITLE}</div>", "霜降网"),
        (f"<h1><a href='/pc/'>霜降网</a></h1><h2>{TITLE}</h2>", "霜降网"),
    ],
)
def test_a_short_heading_beside_a_title_is_a_logo_or_a_section(headings: str, head: str) -> None:
    reading = read(page(f"{headings}{INFO}<div>{paragraphs()}</div>", title=head))
    assert (reading.title, reading.rejected) == (ExtractedValue(TITLE, "structure"), None)


def test_a_hidden_heading_does_not_hide_the_info_line_above_it() -> None:
    banner = f"<div>{TITLE}</div>{INFO}<article><h1 style='display: none'>{TITLE}</h1>"
    assert read(page(f"{banner}<div>{paragraphs()}</div></article>")).source == ExtractedValue(
        "来源：北辰资讯", "structure"
    )


def test_the_imprint_is_no_title_where_the_head_names_only_the_site() -> None:
    rows = f"<table><tr><td><b>{TITLE}</b></td></tr><tr><td>{INFO}</td></tr><tr><td>{'<br><br>'.join(PARAGRAPHS)}</td></tr></table>"
    foot = "<p>柳河县北辰资讯中心 版权所有</p>"
    reading = read(page(rows, title="柳河县北辰资讯中心", footer=foot))
    assert (reading.title, body(reading)) == (ExtractedValue(TITLE, "structure"), PARAGRAPHS)


def test_a_subhead_that_repeats_the_title_does_not_cut_the_text() -> None:
    reading = read(page(f"<h1>{TITLE}</h1>{INFO}<div><p>{PARAGRAPHS[0] * 2}</p><p>{TITLE}</p>{paragraphs()}</div>"))
    assert body(reading)[0] == PARAGRAPHS[0] * 2


SHORT = "续航多了三成"
LONGER = "新款旗舰的续航多了三成"
CHANNEL = "智能手机新闻频道"
INFO = "<div>2026-03-06 08:30 来源：北辰资讯</div>"
VAGUE = "掌声响起来的那个星期五"


@pytest.mark.parametrize(
    ("head", "content", "told"),
    [
        ("智能日报", f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs()}</div><div class='share'>{{told}}</div>", LONGER),
        ("智能日报", f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs()}</div><div class='share'>{{told}}</div>{INFO}", LONGER),
        ("智能日报", f"<div>{{told}}</div><div>{VAGUE}</div>{INFO}<div>{paragraphs()}</div>", "点击查看全文"),
        ("智能日报", f"<div>{{told}}</div><h1>{TITLE}</h1>{INFO}<div>{paragraphs()}</div>", "智能手机频道"),
        ("智能日报", f"<div>{{told}}</div><h1>{TITLE}</h1>{INFO}<div>{paragraphs()}</div>", CHANNEL),
        (
            VAGUE,
            f"<h1>{VAGUE}</h1>{INFO}<div>{paragraphs(PARAGRAPHS[:1])}<h3>{{told}}</h3>{paragraphs(PARAGRAPHS[1:])}</div>",
            LONGER,
        ),
        (
            "智能日报",
            f"<h2>{TITLE}</h2>{INFO}<div>{paragraphs(PARAGRAPHS[:1])}<h2>{{told}}</h2>{paragraphs(PARAGRAPHS[1:])}</div>",
            SHORT,
        ),
    ],
    ids=["behind", "above a date", "button", "channel", "long", "subhead", "short subhead"],
)
def test_a_lists_title_is_not_believed_where_it_may_be_another_line(head: str, content: str, told: str) -> None:
    document = Document(page(content.format(told=told), title=head), URL)
    alone, listed = read_article(document), read_article(document, listed=[told])
    assert alone.rejected is None
    assert (listed.rejected, listed.title, listed.body) == (None, alone.title, alone.body)
