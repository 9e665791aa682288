from __future__ import annotations

import pytest

from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue
from smartdaily_crawler.parsing import info_line
from tests.pages.pages import FOOTER, PARAGRAPHS, TITLE, article, body, page, paragraphs, read, teasers


def names(reading: ArticleReading) -> tuple[str | None, ...]:
    found = (reading.source, reading.author, reading.editor)
    return tuple(info_line.name(each.value) if each else None for each in found)


@pytest.mark.parametrize(
    "info",
    [
        "<div class=info>2026-03-06 08:30<span>来源：北辰资讯</span><span>作者：许知夏</span><span>编辑：谢砚</span></div>",
        "<div><span>时间：</span><span>2026-03-06 08:30</span><span>来源：</span><span>北辰资讯</span><span>作者：</span><span>许知夏</span><span>编辑：</span><span>谢砚</span></div>",
        "<div>2026-03-06 08:30　来源：北辰资讯 作者：许知夏 编辑：谢砚 背景： A- A A+</div>",
        "<div class=info><small>时间:</small>2026-03-06 08:30<small>来源:</small>北辰资讯 <small>作者:</small>许知夏 <small>编辑:</small>谢砚 <small>点击:</small><script>c()</script></div>",
        "<table><tr><td>时间:2026-03-06 08:30&nbsp;&nbsp;来源：北辰资讯&nbsp;&nbsp;作者：许知夏&nbsp;&nbsp;编辑：谢砚&nbsp;&nbsp;点击：<span>18</span></td></tr></table>",
        "<p>发布: 2026-3-6 08:30<span>|</span>来自: 北辰资讯<span>|</span>作者: 许知夏<span>|</span>编辑: 谢砚<span>|</span>查看: <em>7</em></p>",
        "<div>2026-03-06 08:30 出处：北辰资讯 作者：<a href='/u/1'>许知夏</a> 编辑：<a href='/u/2'>谢砚</a> <a href='#c'>评论(0)</a> 人气：15 次</div>",
        "<div>2026年03月06日08:30 | 来源：<a href='http://x.example.com/'>北辰资讯</a> | 作者：许知夏 | 编辑：谢砚</div>",
        "<ul><li>2026-03-06 08:30</li><li>来源：北辰资讯</li><li>作者：许知夏</li><li>编辑：谢砚</li><li>阅读：99</li></ul>",
        "<FONT>2026年3月6日 08:30　【来源：北辰资讯】【作者：许知夏】【编辑：谢砚】</FONT>",
    ],
    ids=["glued", "split", "itbear", "dedecms", "empirecms", "discuz", "出处", "people", "list", "portal"],
)
def test_info_lines_of_the_wild(info: str) -> None:
    reading = read(article(info))
    assert reading.published is not None
    assert reading.published.provenance == "structure"
    assert names(reading) == ("北辰资讯", "许知夏", "谢砚")
    assert body(reading) == PARAGRAPHS


def test_info_line_above_the_title_and_inside_the_bodys_element() -> None:
    above = read(page(f"<div>2026-03-06 来源：北辰资讯</div><h1>{TITLE}</h1><div>{paragraphs()}</div>"))
    inside = read(page(f"<h1>{TITLE}</h1><div><p>2026-03-06 来源：北辰资讯</p>{paragraphs()}</div>"))
    for reading in (above, inside):
        assert names(reading)[0] == "北辰资讯"
        assert body(reading) == PARAGRAPHS


@pytest.mark.parametrize(
    "header",
    [
        '<div class="top">2026年3月7日 星期六 北京 晴</div><div><a href="/tv/">电视</a><a href="/pc/">电脑</a></div>',
        "<p>今天是2026年3月7日 周六</p>",
        "<p>2026年3月7日</p>",
    ],
    ids=["weather", "today", "bare"],
)
def test_a_pages_own_clock_and_menu_are_no_info_line(header: str) -> None:
    silent = read(page(f"{header}<div class='main'><h1>{TITLE}</h1><div>{paragraphs()}</div></div>"))
    assert (silent.published, *names(silent)) == (None, None, None, None)
    head = '<meta property="article:published_time" content="2026-03-06T08:30:00+08:00">'
    dated = read(page(f"{header}<h1>{TITLE}</h1><div>{paragraphs()}</div>", head=head))
    assert dated.published == ExtractedValue("2026-03-06T08:30:00+08:00", "meta")


def test_the_head_outranks_a_date_above_the_title() -> None:
    head = '<meta name="pubdate" content="2026-03-05">'
    reading = read(page(f"<div><p>2026-03-06</p><h1>{TITLE}</h1><div>{paragraphs()}</div></div>", head=head))
    assert reading.published == ExtractedValue("2026-03-05", "meta")


@pytest.mark.parametrize(
    ("info", "published"),
    [("<div>2026-03-06 来源：北辰资讯</div>", "2026-03-06"), ("", None)],
    ids=["dated", "undated"],
)
def test_a_date_that_the_text_tells_is_the_texts(info: str, published: str | None) -> None:
    event = "<p>时间：2026年3月20日</p><p>地点：杭州国际会议中心</p>"
    reading = read(page(f"<div><h1>{TITLE}</h1>{info}<div>{event}{paragraphs()}</div></div>"))
    assert (reading.published.value if reading.published else None) == published
    assert body(reading) == ["时间：2026年3月20日", "地点：杭州国际会议中心", *PARAGRAPHS]


def test_a_date_that_opens_the_text_below_an_info_line_is_the_texts() -> None:
    info = "<div>2026-03-06 来源：北辰资讯</div>"
    reading = read(page(f"<h1>{TITLE}</h1>{info}<div><p>2025年3月20日</p>{paragraphs()}</div>"))
    assert body(reading) == ["2025年3月20日", *PARAGRAPHS]


def test_fields_after_the_text() -> None:
    reading = read(article("", after="<div>发布日期：2026-03-06 责任编辑：谢砚</div>"))
    assert reading.published == ExtractedValue("发布日期：2026-03-06", "structure")
    assert names(reading) == (None, None, "谢砚")


def test_the_sites_editor_outranks_the_desk_that_sent_the_text() -> None:
    reading = read(
        article(
            "<p>2026-03-06</p>",
            body=f"<div>{paragraphs()}<p>编辑 林一 校对 叶知</p></div>",
            after="<div>责任编辑：谢砚_TM01</div>",
        )
    )
    assert names(reading)[2] == "谢砚_TM01"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("本文来自微信公众号：北辰手记（ID：beichen），作者：许砚，编辑：谢砚，题图来自：视觉", None, ("许砚", "谢砚")),
        (None, "（本文首发于北辰App，作者｜许砚，编辑｜谢砚）", ("许砚", "谢砚")),
        (None, "（作者：许砚，系北辰大学软件学院副教授）", ("许砚", None)),
        ("文｜许砚", None, ("许砚", None)),
        ("他说，作者：谁都可以当，编辑：也一样。", None, (None, None)),
    ],
)  # fmt: skip
def test_a_note_beside_the_text_says_who_wrote_it(
    first: str | None, last: str | None, expected: tuple[str | None, str | None]
) -> None:
    text = [each for each in (first, *PARAGRAPHS, last) if each]
    reading = read(article("<div>2026-03-06 来源：北辰网</div>", body=f"<div>{paragraphs(text)}</div>"))
    assert names(reading)[1:] == expected


def test_a_bar_that_repeats_the_title_names_nobody() -> None:
    info = f"<div><div>{TITLE}</div><div><span>2026-03-06 09:12</span><span>临江商报</span></div></div>"
    assert names(read(article(info))) == ("临江商报", None, None)


def test_a_date_between_nodes_without_a_space_is_one() -> None:
    reading = read(article("<div><span>观察者</span><span>3天前</span><span>1.3万阅读</span></div>"))
    assert names(reading) == ("观察者", None, None)
    assert reading.published == ExtractedValue("3天前", "structure")


def test_an_abstract_names_nobody() -> None:
    info = "<div>2026-03-06 来源：北辰网</div><div>记者连走三家门店，得到的答复几乎一致。</div>"
    assert names(read(article(info))) == ("北辰网", None, None)


@pytest.mark.parametrize(
    ("author", "info", "expected"),
    [
        ("木下三分", "<span>木下三分</span> <span>慢行手记</span> <em>2026-03-06 20:30</em>", ("慢行手记", "木下三分", None)),
        ("木下三分", "<span>木下三分</span> <em>2026-03-06 20:30</em>", (None, "木下三分", None)),
        ("北辰财经", "<span>北辰财经</span> <em>2026-03-06 20:30</em>", ("北辰财经", None, None)),
        ("admin", "<span>慢行手记</span> <em>2026-03-06 20:30</em>", ("慢行手记", None, None)),
    ],
)  # fmt: skip
def test_a_name_without_label_is_the_authors_where_the_head_says_so(
    author: str, info: str, expected: tuple[str | None, ...]
) -> None:
    head = f'<meta name="author" content="{author}">'
    assert names(read(article(f"<div>{info}</div>", head=head))) == expected


def test_published_and_updated() -> None:
    reading = read(article("<div>2026-03-06 08:30 来源：北辰</div><div>最后更新: 2026-03-06 09:00</div>"))
    assert reading.published == ExtractedValue("2026-03-06 08:30", "structure")
    assert reading.updated == ExtractedValue("最后更新: 2026-03-06 09:00", "structure")


def test_no_date_is_taken_from_teasers_sidebars_or_the_footer() -> None:
    side = '<aside><h3>最新</h3><ul><li><a href="/1.html">一则侧栏里的新闻标题文字</a> 2026-03-01</li></ul></aside>'
    reading = read(article("", after=f"<ul>{teasers()}</ul>{side}{FOOTER}"))
    assert reading.published is None


def test_the_head_says_when_where_the_page_does_not() -> None:
    meta = '<meta property="article:published_time" content="2026-03-06T08:30:00+08:00"><meta name="source" content="来源：北辰资讯">'
    reading = read(article("", head=meta))
    assert reading.published == ExtractedValue("2026-03-06T08:30:00+08:00", "meta")
    assert names(reading)[0] == "北辰资讯"


def test_json_ld() -> None:
    good = '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "datePublished": "2026-03-06T08:30:00+08:00"}]}</script>'
    broken = '<script type="application/ld+json">{"datePublished": </script>'
    assert read(article("", head=broken + good)).published == ExtractedValue("2026-03-06T08:30:00+08:00", "meta")


def test_the_page_wins_over_the_head() -> None:
    head = '<meta property="article:published_time" content="2020-01-01T00:00:00+08:00">'
    assert read(article(head=head)).published == ExtractedValue("2026-03-06 08:30", "structure")


def test_a_date_without_year_takes_it_from_the_head_where_both_agree() -> None:
    agreeing, other = (
        '<meta itemprop="dateUpdate" content="2024-10-08 12:00">',
        '<meta itemprop="dateUpdate" content="2024-10-09 12:00">',
    )
    info = "<div>发布时间：<span>10-08</span><span>12:00</span></div>"
    assert read(article(info, head=agreeing)).published == ExtractedValue("2024-10-08 12:00", "meta")
    assert (read(article(info, head=other)).published or ExtractedValue("", "meta")).provenance == "structure"


def test_a_gallerys_date_stands_under_its_text() -> None:
    reading = read(
        page(
            f"<div><h2>{TITLE}</h2><div><a href='/u/7'>去远方</a></div><div>关注</div><div>{PARAGRAPHS[0]}</div><div>2026-03-06 11:42:03</div></div>"
        )
    )
    assert reading.published == ExtractedValue("2026-03-06 11:42:03", "structure")
    assert names(reading)[0] == "去远方"


def test_the_head_outranks_a_date_under_the_text() -> None:
    head = '<meta property="article:published_time" content="2026-03-05T08:30:00+08:00">'
    reading = read(article("", after="<div>2026-03-06 11:42:03</div>", head=head))
    assert reading.published == ExtractedValue("2026-03-05T08:30:00+08:00", "meta")


@pytest.mark.parametrize(
    "after",
    [
        "<div>网友评论</div><div>2026-03-06 11:42</div>",
        "<div>网友评论</div><div>去远方</div><div>发表于 2026-03-06 11:42</div><div>更新时间：2026-03-06</div>",
        "<div>全部评论(1)</div><div>时间：2026-03-06 11:42</div>",
        "<div>Copyright 2026-03-06</div>",
        "<div>版权所有 2026-03-06</div><div>2026-03-06</div>",
        "<div>版权所有 智能日报</div><div>更新时间：2026-03-06 20:00</div>",
    ],
)
def test_no_date_is_taken_from_comments_or_the_imprint(after: str) -> None:
    reading = read(article("", after=after))
    assert (reading.published, reading.updated) == (None, None)


def test_a_modification_is_no_publication() -> None:
    head = '<meta itemprop="dateUpdate" content="2026-03-06 12:00">'
    assert read(article("", head=head)).published is None


@pytest.mark.parametrize("kind", ['"NewsArticle"', '"Article"', '["Thing", "BlogPosting"]'])
def test_json_ld_of_the_article_outranks_that_of_the_site(kind: str) -> None:
    site = '{"@type": "WebSite", "datePublished": "2010-01-01"}'
    own = f'{{"@type": {kind}, "datePublished": "2026-03-06"}}'
    head = f'<script type="application/ld+json">[{site}, {own}, {site}]</script>'
    assert read(article("", head=head)).published == ExtractedValue("2026-03-06", "meta")


@pytest.mark.parametrize(
    ("first", "last", "author"),
    [
        ("北辰报讯（记者 许知夏）三月六日，新机在杭州亮相，起售价公布。", "", "许知夏"),
        ("北辰报三月六日讯（记者许知夏 整合）新机在杭州亮相，起售价公布。", "", "许知夏"),
        ("北辰新闻记者 许知夏 谢砚", "", "许知夏 谢砚"),
        ("", "采写：北辰见习记者 许知夏", "许知夏"),
        ("", "用户可以在周末到店体验这款新机。（张巨石）", "张巨石"),
        ("", "用户可以在周末到店体验这款新机。（北辰网）", None),
        ("", "记者通过邮件联系了公司，截至发稿时尚未收到回应。", None),
        ("记者：您怎么看这款新机的定价？", "", None),
        ("北辰社杭州3月6日电（记者许知夏、谢砚）三月六日，新机在杭州亮相，起售价公布。", "", "许知夏、谢砚"),
        ("〔記者許知夏／台北報導〕三月六日，新機在杭州亮相，起售價公佈。", "", "許知夏"),
        ("许知夏/文 三月六日，新机在杭州亮相，起售价公布。", "", "许知夏"),
        ("三月六日，新机在杭州亮相，起售价公布。（北辰晚报记者成长）", "", "成长"),
        ("三月六日，新机在杭州亮相，起售价公布。（许知夏）", "", None),
        ("", "用户可以在周末到店体验这款新机。（总台记者 许知夏 谢砚）", "许知夏 谢砚"),
        ("", "用户可以在周末到店体验这款新机。（许知夏 杭州报道）", "许知夏"),
        ("", "北辰报记者 许知夏 浙江临安报道", "许知夏"),
        ("许知夏", "", "许知夏"),
        ("", "许知夏", "许知夏"),
        ("", "（許知夏／綜合外電報導）", "許知夏"),
    ],
)
def test_a_byline_inside_the_text(first: str, last: str, author: str | None) -> None:
    text = [paragraph for paragraph in (first, *PARAGRAPHS, last) if paragraph]
    assert names(read(article("<div>2026-03-06 来源：北辰</div>", body=f"<div>{paragraphs(text)}</div>")))[1] == author


def info(*lines: str, head: str = "") -> ArticleReading:
    return read(article("".join(f"<div>{line}</div>" for line in lines), head=head))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["2026-03-06 08:30 作者：北辰报"], ("北辰报", None, None)),
        (["2026-03-06 08:30 来源：北辰报 作者：北辰报"], ("北辰报", None, None)),
        (["2026-03-06 08:30 来源：临江网 作者：北辰报"], ("临江网", "北辰报", None)),
        (["2026-03-06 08:30 来源：北辰报 作者：许知夏"], ("北辰报", "许知夏", None)),
    ],
)
def test_an_organisation_printed_as_the_author_is_the_source(
    lines: list[str], expected: tuple[str | None, ...]
) -> None:
    assert names(info(*lines)) == expected


def test_an_organisation_does_not_hide_the_reporter_in_the_text() -> None:
    text = [*PARAGRAPHS, "（北辰报记者 许知夏）"]
    reading = read(article("<div>2026-03-06 作者：北辰报</div>", body=f"<div>{paragraphs(text)}</div>"))
    assert names(reading) == ("北辰报", "许知夏", None)


def test_an_organisation_in_json_ld_is_no_author() -> None:
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"@type": "Organization", "name": "去远方"}}</script>'
    assert names(info("<span>去远方</span>", "2026-03-06 08:30", head=head)) == ("去远方", None, None)


@pytest.mark.parametrize(
    ("lines", "head", "published"),
    [
        # an order of day and month that only the head tells
        (["06/03/2026 - 13:48"], "2026-03-06T13:48:00+08:00", ("2026-03-06T13:48:00+08:00", "meta")),
        (["06/03/2026 - 13:48"], None, ("06/03/2026 - 13:48", "structure")),
        (["更新时间：2026-03-06 10:41"], None, ("更新时间：2026-03-06 10:41", "structure")),
        (["更新时间：2026-03-06 10:41"], "2026-03-05T08:30:00+08:00", ("2026-03-05T08:30:00+08:00", "meta")),
        (["3天前 2026-03-06 08:30"], None, ("2026-03-06 08:30", "structure")),
        (["11小时前"], "2019-01-01T08:30:00+08:00", ("11小时前", "structure")),
        (["11小时前"], None, ("11小时前", "structure")),
        (["2026-03-06 08:30", "本文最后更新于 2026-03-07"], None, ("2026-03-06 08:30", "structure")),
        (["<i>2026</i> <b><i>03</i>/<i>06</i></b> <i>08:30:12</i>"], None, ("2026 03/06 08:30:12", "structure")),
    ],
)
def test_which_date_is_that_of_publication(lines: list[str], head: str | None, published: tuple[str, str]) -> None:
    meta = f'<meta property="article:published_time" content="{head}">' if head else ""
    assert info(*lines, head=meta).published == published


@pytest.mark.parametrize("name", ["dcterms.created", "date", "publishtime", "weibo: article:create_at"])
def test_names_of_the_heads_date(name: str) -> None:
    reading = read(article("", head=f'<meta name="{name}" content="2026-03-06 08:30">'))
    assert reading.published == ExtractedValue("2026-03-06 08:30", "meta")


def test_a_date_beside_the_title_in_its_line() -> None:
    reading = read(page(f"<h1><b>{TITLE}</b> <span>2026-03-06 08:30</span></h1><div>{paragraphs()}</div>"))
    assert reading.published is not None
    assert reading.published.value.strip() == "2026-03-06 08:30"


def test_a_date_alone_above_the_title_of_a_print_edition() -> None:
    top = "<div><div><ul><li>上一版</li><li>下一版</li></ul></div><form><div><div>2026年03月06日</div></div></form>"
    reading = read(
        page(f"<div>{top}<div><div><div><h2>{TITLE}</h2></div></div><div>{paragraphs()}</div></div></div></div>")
    )
    assert reading.published == ExtractedValue("2026年03月06日", "structure")


def test_a_breadcrumb_without_a_title_names_nobody() -> None:
    crumbs = "<p><a href='/auto/'>汽车</a> &gt;&gt; <a href='/auto/x/'>车坛动态</a> &gt;&gt; 业界新闻</p>"
    content = f"<div>{crumbs}<p>2026-03-06 08:30</p></div><div>{paragraphs()}<p>来源：北辰报</p></div>"
    assert names(read(page(content, title="")))[0] == "北辰报"


def test_a_line_of_the_poster_below_the_text() -> None:
    reading = read(
        article("", after="<div>标签：手机</div><div>posted @ 2026-03-06 14:45 慢行手记 阅读(430) 评论(2)</div>")
    )
    assert reading.published == ExtractedValue("posted @ 2026-03-06 14:45", "structure")


TRADITIONAL = [
    "三月六日上午，星河手機在台北舉行發表會，帶來了面向年輕用戶的新款旗艦，起售價為三千九百九十九元。",
    "據現場介紹，新機的電池容量提高到六千毫安時，配合重新設計的散熱結構，連續使用時間比上一代延長約三成。",
    "發表會結束後，產品負責人許硯對媒體表示，首批備貨已經運抵各地門市，用戶可以在週末到店體驗。",
]


def test_lines_of_traditional_labels_are_read_and_cut_from_the_text() -> None:
    lines = ["責任編輯：謝硯", "核稿編輯：林一", "發布時間：2026/03/06 下午10:37"]
    reading = read(article("<div>來源：北辰報</div>", body=f"<div>{paragraphs([*TRADITIONAL, *lines])}</div>"))
    assert body(reading) == TRADITIONAL
    assert names(reading) == ("北辰報", None, "謝硯")


def test_an_update_in_the_head_does_not_stand_for_an_unreadable_date() -> None:
    head = '<meta property="article:modified_time" content="2026-06-03T08:30:00+08:00">'
    assert info("06/03/2026 - 13:48", head=head).published == ("06/03/2026 - 13:48", "structure")
