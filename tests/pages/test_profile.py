from __future__ import annotations

import pytest

from smartdaily_crawler.cleaning.text import paragraphs as clean_paragraphs
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue
from tests.pages.pages import PARAGRAPHS, TITLE, URL, article, page, paragraphs, read, teasers

INFO = '<div class="i">2026-03-06 08:30 <b>来源：北辰资讯</b> <i>编辑：许砚</i></div>'


def test_selectors_win_where_they_match() -> None:
    html = article('<div class="i">2026-03-06 来源：北辰</div><p id="d">2026-03-05</p><em id="s">晨星网</em>')
    selectors = Selectors(title="h1", published="#d", source="#s", body="h1 ~ div:nth-of-type(2)")
    reading = read(html, selectors=selectors)
    assert reading.title == ExtractedValue(TITLE, "selector")
    assert reading.published == ExtractedValue("2026-03-05", "selector")
    assert reading.source == ExtractedValue("晨星网", "selector")
    assert reading.body_provenance == "selector"
    assert clean_paragraphs(reading.body) == PARAGRAPHS
    assert reading.conflicts == ["differs/published", "differs/source"]


def test_a_selector_for_the_whole_info_line_gives_its_own_part() -> None:
    selectors = Selectors(published=".i", source=".i", editor=".i")
    reading = read(article(INFO), selectors=selectors)
    assert reading.published == ExtractedValue("2026-03-06 08:30", "selector")
    assert reading.source == ExtractedValue("来源：北辰资讯", "selector")
    assert reading.editor == ExtractedValue("编辑：许砚", "selector")


def test_the_profiles_info_line_and_teasers() -> None:
    html = article(
        '<div>2026-03-06 来源：北辰</div><p id="i">2026-03-05 <span>来源：晨星网</span><span>编辑：许砚</span></p>',
        after=f"<ul class=t>{teasers()}</ul>",
    )
    reading = read(html, selectors=Selectors(info_line="#i", teasers=".t li"))
    assert reading.published == ExtractedValue("2026-03-05", "selector")
    assert reading.source == ExtractedValue("来源：晨星网", "selector")
    assert reading.teasers == read(html).teasers
    assert len(reading.teasers) == 3
    assert reading.conflicts == []  # an info line is compared by its fields' own rules


def test_the_profiles_teasers_leave_the_ranking_beside_them() -> None:
    ranking = "".join(
        f'<li><a href="/2026/0301/{number}.html">澄光排行：第{number}位的新机为何热销</a></li>'
        for number in range(21, 29)
    )
    html = article(
        "<div>2026-03-06 来源：北辰</div>",
        after=f"<ul class=t>{teasers()}</ul><div class=hot><h3>热门排行</h3><ol>{ranking}</ol></div>",
    )
    assert {teaser.block for teaser in read(html).teasers} == {"teasers", "ranking"}
    assert read(html, selectors=Selectors(teasers=".t li")).teasers == read(html).teasers


# Drift: the structure answers, and the field is named


def test_a_selector_that_is_empty_where_the_structure_is_not() -> None:
    none = Selectors(
        title=".x",
        published=".x",
        source=".x",
        author=".x",
        editor=".x",
        body=".x",
        summary=".x",
        teasers=".x",
        info_line=".x",
    )
    html = article(INFO, after=f"<ul>{teasers()}</ul>")
    reading, plain = read(html, selectors=none), read(html)
    assert reading.conflicts == [
        "drift/title",
        "drift/body",
        "drift/info_line",
        "drift/published",
        "drift/source",
        "drift/editor",
        "drift/teasers",
    ]
    assert plain.conflicts == []
    reading.conflicts = []
    assert reading == plain


@pytest.mark.parametrize(
    "selectors",
    [
        {"body": ".foot"},
        {"published": "h1"},
        {"source": ".i i"},
        {"source": ".i span"},
        {"source": ".para"},
        {"editor": ".i b"},
    ],
    ids=lambda selectors: "{} {}".format(*next(iter(selectors.items()))),
)
def test_a_selector_that_finds_no_such_value_after_a_redesign(selectors: dict[str, str]) -> None:
    reading, plain = redesigned(**selectors), redesigned()
    assert reading.conflicts == [f"drift/{name}" for name in selectors]
    reading.conflicts = []
    assert reading == plain


@pytest.mark.parametrize(
    ("selectors", "value"),
    [
        ({"title": ".site"}, "智能日报"),
        ({"title": ".crumb"}, "业界资讯"),
        ({"published": ".t li:first-child span"}, "2026-03-05"),
    ],
)
def test_a_rule_is_believed_and_compared(selectors: dict[str, str], value: str) -> None:
    """A page cannot tell a wrong rule from a wrong structure: many such pages may."""
    [name] = selectors
    reading = redesigned(**selectors)
    assert getattr(reading, name) == ExtractedValue(value, "selector")
    assert reading.conflicts == [f"differs/{name}"]


def test_a_body_of_the_sites_rule_is_believed() -> None:
    reading = redesigned(body=".side")
    assert reading.body == [SIDE] * 4
    assert reading.conflicts == ["differs/body"]


SIDE = "侧栏里的一段介绍，与这篇文章没有关系，每一页都有它的位置，读者早已熟悉。"


def redesigned(**selectors: str) -> ArticleReading:
    info = '<div class="i"><span>2026-03-06 08:30</span> <b>来源：北辰资讯</b> <i>编辑：许砚</i></div>'
    side = f"<div class=side>{f'<p>{SIDE}</p>' * 4}</div>"
    text = f"<div>{paragraphs(PARAGRAPHS * 3)}</div>".replace("<p>", "<p class=para>")
    content = f"<h1 class=site>智能日报</h1><p class=crumb>业界资讯</p><div><h2>{TITLE}</h2>{info}{text}<ul class=t>{teasers()}</ul></div>{side}"
    return read(page(content, title=f"{TITLE}_业界资讯_智能日报"), selectors=Selectors(**selectors))


def test_a_field_that_neither_finds_is_no_drift() -> None:
    reading = read(article("<div>2026-03-06</div>"), selectors=Selectors(author=".x", editor=".x"))
    assert reading.conflicts == []


def test_a_rule_finds_a_title_that_the_pages_head_does_not_know() -> None:
    html = page(f"<div><h1>{TITLE}</h1>{INFO}<div>{paragraphs()}</div></div>", title="年度旗舰续航实测_智能日报")
    reading = read(html, selectors=Selectors(title="h1"))
    assert reading.title == ExtractedValue(TITLE, "selector")


# The page's head against the page


@pytest.mark.parametrize(
    ("printed", "head", "expected"),
    [
        ("2026-03-06 08:30", "2026-03-06T08:30:00+08:00", []),
        ("2026-03-06 08:30", "2026-03-06T00:30:00Z", []),
        ("2026-03-06 00:30", "2026-03-05T16:30:00Z", []),
        ("2026-03-06", "2026-03-05", ["meta/published"]),
        ("2026-03-06", "2025-03-06", ["meta/published"]),
        ("03-06 08:30", "2026-03-06", []),
        ("03-06 08:30", "2026-03-05", ["meta/published"]),
        ("昨天 21:05", "2026-03-05", []),
        ("2026-03-06", "today", []),
    ],
)
def test_the_head_may_name_another_day(printed: str, head: str, expected: list[str]) -> None:
    meta = f'<meta property="article:published_time" content="{head}">'
    reading = read(article(f"<div>{printed} 来源：北辰资讯</div>", head=meta))
    assert reading.conflicts == expected
    if expected:
        assert reading.published == ExtractedValue(printed, "structure")


# Lists


def test_a_lists_selectors_that_find_nothing() -> None:
    html = page(f"<ul>{teasers()}</ul><p><a href='/2'>下一页</a></p>")
    document = Document(html, URL)
    drifted = read_listing(document, Selectors(entries=".x", next_page=".x"))
    assert drifted.conflicts == ["drift/entries", "drift/next_page"]
    assert drifted.entries == read_listing(document).entries
    assert read_listing(document, Selectors(entries="li", next_page="p a")).conflicts == []
