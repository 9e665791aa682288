from __future__ import annotations

import pytest

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.markup.shapes import ListShape
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.reading import ListingReading, TeaserReading
from tests.pages.pages import OTHERS, page

URL = "http://news.example.com/phone/"
HOT = "".join(f'<li><em>{n}</em><a href="/hot/{n}.html">第{n}条被反复点击的热门旧闻标题</a></li>' for n in range(1, 11))
SIDE = f"<div class=side><h3>热门排行</h3><ul>{HOT}</ul></div>"


def read(
    html: str, url: str = URL, selectors: Selectors | None = None, shape: ListShape | None = None
) -> ListingReading:
    return read_listing(Document(html, url), selectors, shape)


def entry(number: int, title: str, summary: str | None, date: str) -> TeaserReading:
    return TeaserReading(
        url=f"http://news.example.com/2026/{number}.html", title=title, block="entries", summary=summary, published=date
    )


WHOLE = [entry(number, title, summary, date) for number, (title, summary, date) in enumerate(OTHERS, 11)]
BRIEF = [entry(number, title, None, date) for number, (title, _, date) in enumerate(OTHERS, 11)]
ENTRIES = list(enumerate(OTHERS, 11))


def each(form: str) -> str:
    return "".join(form.format(n=n, title=title, summary=summary, date=date) for n, (title, summary, date) in ENTRIES)


FORMS = {
    "li": ("ul", '<li><h4><a href="/2026/{n}.html">{title}</a></h4><p>{summary}</p><span>{date}</span></li>'),
    "link around": ("ul", '<li><a href="/2026/{n}.html"><h4>{title}</h4><p>{summary}</p><span>{date}</span></a></li>'),
    "details": (
        "div",
        '<div class="n{n}"><p><a href="/2026/{n}.html">{title}</a> <span>{date}</span></p><p>{summary}[<a href="/2026/{n}.html">详细</a>]</p></div>',
    ),
    "articles": (
        "div",
        '<article><header><a href="/phone/">手机</a><h2><a href="/2026/{n}.html">{title}</a></h2></header><p>{date} <a href="/2026/{n}.html#c">评论(0)</a></p><p>{summary}</p></article>',
    ),
    "dl": ("dl", '<dt><a href="/2026/{n}.html">{title}</a></dt><dd>{summary}</dd><dd>{date}</dd>'),
    "flat": ("div", '<p><a href="/2026/{n}.html">{title}</a></p><p>{summary}</p><p>{date}</p>'),
    "table": (
        "table",
        '<tr><td><b><a href="/2026/{n}.html">{title}</a></b><br>{summary}\n<font>{date}</font></td></tr>',
    ),
}


def main(form: str, count: int = 3, side: str = SIDE) -> str:
    tag, item = FORMS[form]
    items = "".join(
        item.format(n=n, title=title, summary=summary, date=date) for n, (title, summary, date) in ENTRIES[:count]
    )
    return page(f"<div class=main><{tag} class=news>{items}</{tag}></div>{side}")


@pytest.mark.parametrize("form", FORMS)
def test_entries_with_summaries(form: str) -> None:
    assert read(main(form)).entries == WHOLE


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 2])
def test_the_last_page_may_hold_an_entry_or_two(form: str, count: int) -> None:
    known = read(main(form)).shape
    assert read(main(form, count), shape=known).entries == WHOLE[:count]


@pytest.mark.parametrize("form", FORMS)
def test_a_page_without_the_list_has_no_entries_of_a_sidebar(form: str) -> None:
    first = read(main(form))
    last = read(main(form, 0), shape=first.shape)
    assert (last.entries, last.shape) == ([], None)


def test_an_entry_without_summary_is_of_the_same_list() -> None:
    known = read(main("li")).shape
    bare = f'<li><h4><a href="/2026/11.html">{OTHERS[0][0]}</a></h4><span>2026-03-05</span></li>'
    reading = read(page(f"<div class=main><ul class=news>{bare}</ul></div>{SIDE}"), shape=known)
    assert reading.entries == BRIEF[:1]


def test_a_category_that_is_laid_out_otherwise_has_its_own_list() -> None:
    first, other = read(main("li")), main("table")
    reading = read(other, shape=first.shape)
    assert reading.entries == WHOLE
    assert read(main("table", 1), shape=reading.shape).entries == WHOLE[:1]


@pytest.mark.parametrize("count", [1, 2])
def test_a_first_page_with_few_dated_entries(count: int) -> None:
    items = "".join(
        f'<li><a href="/2026/{n}.html">{title}</a><span>{date}</span></li>' for n, (title, _, date) in ENTRIES[:count]
    )
    assert read(page(f'<ul class="list">{items}</ul><p class="pages"></p>')).entries == BRIEF[:count]


def test_two_entries_beside_a_dated_sidebar() -> None:
    latest = "".join(
        f'<li><a href="/n/{n}.html">第{n}则最新发布的新闻标题文字</a><span>03-05</span></li>' for n in range(10)
    )
    assert read(main("table", 2, side=f"<div><h3>最新文章</h3><ul>{latest}</ul></div>{SIDE}")).entries == WHOLE[:2]


@pytest.mark.parametrize(
    ("text", "summary", "published"),
    [
        ("<p>3月4日下午,两家公司在深圳宣布合作，共同开发新款芯片</p>", "3月4日下午,两家公司在深圳宣布合作，共同开发新款芯片", None),
        ("<p>3月4日，两家公司在深圳宣布合作，共同开发…</p><i>03-05</i>", "3月4日，两家公司在深圳宣布合作，共同开发…", "03-05"),
        ("<p>两家公司宣布，合作将于<b>3月9日</b>开始，为期三年</p>", "两家公司宣布，合作将于3月9日开始，为期三年", None),
        ("<p><span>2026-03-05</span>两家公司在深圳宣布合作，共同开发…</p>", "两家公司在深圳宣布合作，共同开发…", "2026-03-05"),
        ("<p>两家公司在深圳宣布合作，共同开发… (2026-03-05)</p>", "两家公司在深圳宣布合作，共同开发…", "2026-03-05"),
        ("<p>两家公司在深圳宣布合作，共同开发（图）</p><p>发布于 3小时前</p>", "两家公司在深圳宣布合作，共同开发（图）", "3小时前"),
    ],
)  # fmt: skip
def test_a_date_of_a_sentence_stays_in_it(text: str, summary: str, published: str | None) -> None:
    items = each(f'<li><h4><a href="/2026/{{n}}.html">{{title}}</a></h4>{text}</li>')
    entries = read(page(f"<ul>{items}</ul>")).entries
    assert {(each.summary, each.published) for each in entries} == {(summary, published)}


@pytest.mark.parametrize(
    "block",
    [
        "<ul>" + each('<li><a href="/2026/{n}.html">{title}</a><span>{date}</span></li>') + "</ul>",
        "<ul>"
        + each('<li><span>{date}</span><a href="/phone/">[手机]</a><a href="/2026/{n}.html">{title}</a></li>')
        + "</ul>",
        "<table>"
        + each('<tr><td>·</td><td><a href="/2026/{n}.html">{title}</a></td><td>{date}</td></tr>')
        + "</table>",
        "<div>" + each('<a href="/2026/{n}.html">{title}</a> {date}<br>') + "</div>",
    ],
    ids=["li", "section", "table", "br"],
)
def test_entries_without_summaries(block: str) -> None:
    assert read(page(f"<div class=main>{block}</div>")).entries == BRIEF


def test_counters_may_stand_beside_a_title() -> None:
    items = each(
        '<li>[<a href="/phone/">手机</a>] <a href="/2026/{n}.html">{title}</a><small>日期：</small>{date}<small>点击：</small>12<small>好评：</small>0<p>{summary}</p></li>'
    )
    assert [entry.title for entry in read(page(f"<ul>{items}</ul>{SIDE}")).entries] == [title for title, _, _ in OTHERS]


def test_a_list_cut_into_groups_is_one() -> None:
    groups = "".join(
        "<ul>"
        + "".join(
            f'<li><a href="/g/{5 * group + n}.html">第{5 * group + n}则足够长的新闻标题文字</a></li>' for n in range(5)
        )
        + "</ul><hr>"
        for group in range(4)
    )
    assert [each.url[-7:].strip("/g") for each in read(page(f"<div>{groups}</div>{SIDE}")).entries] == [
        f"/{n}.html"[-7:].strip("/g") for n in range(20)
    ]


def test_a_cut_title_is_taken_from_the_links_attribute() -> None:
    items = "".join(f'<li><a href="/{n}.html" title="{title}">{title[:10]}...</a></li>' for n, (title, _, _) in ENTRIES)
    assert [each.title for each in read(page(f"<ul>{items}</ul>")).entries] == [title for title, _, _ in OTHERS]


def test_thumbnails() -> None:
    items = each(
        '<li><a href="/2026/{n}.html"><img src="/t{n}.png"></a><h4><a href="/2026/{n}.html">{title}</a></h4></li>'
    )
    assert [each.image_url for each in read(page(f"<ul>{items}</ul>")).entries] == [
        f"http://news.example.com/t{n}.png" for n, _ in ENTRIES
    ]


ROWS = "".join(
    f'<li><a href="/2026/{n}.html">{title}</a><span>{date}</span></li>' for n, (title, _, date) in ENTRIES * 2
)
LEAD_TITLE = "頭條：城市夜間公車今日增開三線"


@pytest.mark.parametrize(
    "lead",
    [
        '<div class=top><h2><a href="{}">{}</a>[2026-03-06 08:30]</h2><p>三條路線從今晚起運行到凌晨兩點。</p></div>',
        '<a href="{}"><img src="/a.png"></a><div><a href="{}">{}</a></div><div>三條路線從今晚起運行。</div>',
        "<table><tr><td><div><a href='{}'>{}</a></div><div>三條路線從今晚起運行到凌晨兩點。</div></td></tr></table>",
    ],
    ids=["heading and date", "picture", "table"],
)
def test_the_first_entry_may_be_set_larger(lead: str) -> None:
    urls = ["/2026/99.html"] * (lead.count("{}") - 1)
    reading = read(page(f"<div>{lead.format(*urls, LEAD_TITLE)}<ul>{ROWS}</ul></div>{SIDE}"))
    first = reading.entries[0]
    assert (first.url, first.title) == ("http://news.example.com/2026/99.html", LEAD_TITLE)
    assert len(reading.entries) == 1 + 2 * len(OTHERS)


def test_the_first_entries_may_be_set_larger() -> None:
    large = "".join(
        f'<div class=big><a href="/2026/{n}.html">{title}</a><p>{summary}</p></div>'
        for n, (title, summary, _) in enumerate(OTHERS, 21)
    )
    reading = read(page(f"<div>{large}<ul>{ROWS * 3}</ul></div>{SIDE}"))
    assert [int(entry.url[-7:-5]) for entry in reading.entries[:4]] == [21, 22, 23, 11]
    known = read(page(f"<div>{large}<ul>{ROWS}</ul></div>{SIDE}"), shape=reading.shape)
    assert len(known.entries) == len(OTHERS) + 2 * len(OTHERS)


@pytest.mark.parametrize(
    "above",
    [
        '<p><a href="/phone/">智能手機頻道今日更新一覽</a></p>',
        '<p><a href="http://ad.example.org/2026/99.html">限時特惠：九款新機一次看完</a></p>',
        '<p><a href="/topics/99/">九款新機的專題報導都在這裡</a></p><h3>最新</h3>',
    ],
    ids=["section", "other site", "other kind"],
)
def test_a_link_above_a_list_to_a_page_of_another_kind_is_no_entry(above: str) -> None:
    assert len(read(page(f"<div>{above}<ul>{ROWS}</ul></div>")).entries) == 2 * len(OTHERS)


def test_a_sidebar_with_more_titles_is_not_the_list() -> None:
    block = (
        "<ul>"
        + each('<li><h4><a href="/2026/{n}.html">{title}</a></h4><p>{summary}</p><span>{date}</span></li>') * 4
        + "</ul>"
    )
    assert len(read(page(f"<div class=main>{block}</div><aside><ul>{HOT}</ul></aside>")).entries) == 12


def test_a_page_without_list() -> None:
    assert read(page("<p>本页内容正在整理。</p>")) == ListingReading()


# The next page


@pytest.mark.parametrize(
    ("pager", "expected"),
    [
        ('<a href="index_2.html">下一页</a> <a href="index_9.html">尾页</a>', "/phone/index_2.html"),
        ('<a href="list_29_2.html">下一页</a> <a href="list_29_9.html">末页</a>', "/phone/list_29_2.html"),
        ('<a href="?page=2">下一页 &gt;</a>', "/phone/?page=2"),
        ('<ul><li class="next-page"><a href="page/2"></a></li></ul>', "/phone/page/2"),
        ('<a class="nxt" href="index.php?page=2">›</a>', "/phone/index.php?page=2"),
        ('<b>1</b> <a href="2.html">2</a> <a href="2.html">&gt;</a>', "/phone/2.html"),
        ('<strong>1</strong> <a href="2.html">2</a> <a href="2.html">»</a>', "/phone/2.html"),
        ('<b>1</b> <a href="2.html">2</a> <a href="3.html">3</a>', "/phone/2.html"),
        ('<span>1</span><a href="2.html">2</a><a href="3.html">3</a>', "/phone/2.html"),
        ('<a href="#">1</a> <em>2</em> <a href="3.html">3</a>', "/phone/3.html"),
        ('<a href="1.html">1</a> <a href="2.html">2</a> <a href="3.html">3</a> <span>2/3</span>', "/phone/3.html"),
        ('<a href="p2.html" rel="next">较旧</a>', "/phone/p2.html"),
        ('<a href="p2.html">Next</a>', "/phone/p2.html"),
        ('<a href="p2.html"><img title="" alt="">下一页</a>', "/phone/p2.html"),
        ("上一页 1 2 下一页", None),
        ("<span>下一页</span>", None),
        ('<a href="/phone/">下一页</a>', None),
        ('<a href="/phone/#">下一页</a>', None),
        ('<a href="1.html">1</a> <a href="2.html">2</a> <b>3</b>', None),
        ('<a href="javascript:void(0)" onclick="toPage(2)">下一页</a>', None),
        ('<a href="/phone/more.html">更多&gt;</a> <a href="/phone/x.html">&gt;</a>', None),
    ],
)  # fmt: skip
def test_next_page(pager: str, expected: str | None) -> None:
    block = "<ul>" + each('<li><a href="/2026/{n}.html">{title}</a> (03/10)</li>') + "</ul>"
    address = f"http://news.example.com{expected}" if expected else None
    assert read(page(f"{block}<div class=p>{pager}</div>")).next_url == address


def test_next_page_of_the_head() -> None:
    assert (
        read(page("", head='<link rel="next" href="/phone/p2.html">')).next_url
        == "http://news.example.com/phone/p2.html"
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "function toPage(n) { window.location.href = '/phone/list_' + n + '.html'; }",
            "http://news.example.com/phone/list_2.html",
        ),
        ('function toPage(n){location="/phone/?page="+n}', "http://news.example.com/phone/?page=2"),
        ("function toPage(n) { document.forms[0].submit(); }", None),
        ("function toPage(n) { location.href = build(n); }", None),
    ],
)
def test_a_script_pager_is_followed_where_the_page_says_where_it_leads(script: str, expected: str | None) -> None:
    pager = '<a href="javascript:void(0)" onclick="toPage(2)">下一页</a>'
    assert read(page(pager, head=f"<script>{script}</script>")).next_url == expected


def test_selectors() -> None:
    block = "<ul>" + each('<li class="e"><a href="/2026/{n}.html">{title}</a><span>{date}</span></li>') + "</ul>"
    selectors = Selectors(entries="li.e", next_page="a.way")
    reading = read(page(f"<ul>{HOT}</ul>{block}<a class=way href='/phone/2'>往后</a>"), selectors=selectors)
    assert reading == ListingReading(entries=BRIEF, next_url="http://news.example.com/phone/2")


def test_a_list_that_stands_beside_a_missing_one_is_told() -> None:
    rows = "".join(f'<li><a href="/a/{n}.html">{title}</a></li>' for n, title in enumerate(LATEST))
    box = f'<div class="right"><h3>最新文章</h3><ul>{rows}</ul></div>'
    shell = read(page(f'<div id="list">加载中…</div>{box}'))
    assert (len(shell.entries), shell.is_beside) == (len(LATEST), True)
    assert not read(page(f"<ul>{rows}</ul>")).is_beside


LATEST = [
    "折叠屏手机的铰链寿命翻了一番",
    "新款平板电脑续航测试出炉",
    "国产操作系统装机量突破新高",
    "智能手表加入睡眠分析功能",
    "笔记本电脑新品本周开售",
]


POST_BACK = (
    """<a href="javascript:__doPostBack('p','Page$1')">1</a><a href="javascript:__doPostBack('p','Page$2')">2</a>"""
)


@pytest.mark.parametrize(
    ("pager", "unturned"),
    [
        (POST_BACK, "pages"),
        ("""<a href="javascript:__doPostBack('p','next')">下一页</a>""", "pages"),
        ('<form method="post"><input type="submit" name="p" value="下一页"></form>', "pages"),
        ('<ul class="pagination"><li class="active"><a href="#">1</a></li><li><a href="#" data-pn="2">2</a></li></ul>', "pages"),
        ('<a href="#page=2">下一页</a>', "pages"),
        ("<p>共 5 页 60 条</p>", "pages"),
        ("<p>第1/9页</p>", "pages"),
        ('<div class="load-more">点击加载更多</div>', "more"),
        ('<a href="javascript:void(0)" class="more">查看更多</a>', "more"),
        ('<a href="/api/feed?from=20">加载更多</a>', "more"),
        ('<a href="javascript:;">下一页</a>', None),
        ('<a class="disabled" href="javascript:turn(4)">下一页</a>', None),
        ("<button disabled>下一页</button>", None),
        ('<p>第 9 页 共 9 页</p><a href="javascript:turn(9)">下一页</a>', None),
        ('<a href="/tech/">查看更多 &gt;&gt;</a>', None),
        ('<div style="display:none"><button>加载更多</button></div>', None),
        ('<ol class="slider"><li><a href="javascript:show(1)">1</a></li><li><a href="javascript:show(2)">2</a></li></ol>', None),
        ("<p>没有更多了</p>", None),
    ],
)  # fmt: skip
def test_a_pager_without_addresses_is_seen(pager: str, unturned: str | None) -> None:
    reading = read(page(f"<ul>{each(FORMS['li'][1])}</ul>{pager}"))
    assert (reading.next_url, reading.unturned) == (None, unturned)


def test_a_number_of_pages_alone_counts_until_the_walk_has_turned_them() -> None:
    shown = Document(page(f"<ul>{each(FORMS['li'][1])}</ul><p>共 2 页</p>"), URL)
    assert [read_listing(shown, page=number).unturned for number in (1, 2)] == ["pages", None]


def test_a_button_with_the_address_of_a_numbered_page_is_followed() -> None:
    reading = read(page(f"<ul>{each(FORMS['li'][1])}</ul><a class='more' href='?page=2'>加载更多</a>"))
    assert (reading.next_url, reading.unturned) == (f"{URL}?page=2", None)
