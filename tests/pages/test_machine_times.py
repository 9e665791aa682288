"""Times in attributes beside the words that a page shows."""

from __future__ import annotations

import pytest

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.listing import read_listing
from tests.pages.pages import OTHERS, PARAGRAPHS, TITLE, URL, article, body, page, paragraphs, read

AT = "2026-03-05T08:30:00+08:00"


def published(info: str) -> str | None:
    found = read(article(info)).published
    return found.value if found else None


@pytest.mark.parametrize(
    "info",
    [
        f'<p><time datetime="{AT}">5天前</time> 来源：北辰资讯</p>',
        f'<p><time datetime="{AT}">2周前</time>来源：北辰资讯</p>',
        f'<p>来源：北辰资讯 <time datetime="{AT}"></time></p>',
        f'<p><relative-time datetime="{AT}">Mar 5</relative-time></p><p>来源：北辰资讯</p>',
        f'<p><abbr title="{AT}">上上周五</abbr> 来源：北辰资讯</p>',
        f'<p><span data-publish-time="{AT}">03-05</span> 来源：北辰资讯</p>',
        f'<p><time datetime="{AT}">2026年3月5日</time> 来源：北辰资讯</p>',
        f'<div data-date="{AT}">3个月前</div><div>来源：北辰资讯</div>',
        f'<div data-date="{AT}"><em>3个月前</em></div><div>来源：北辰资讯</div>',
        f'<div><span data-time="{AT}"></span></div><div>来源：北辰资讯</div>',
        f'<span title="{AT}"><time datetime="{AT}">5天前</time></span> 来源：北辰资讯',
        f'<p><time datetime="{AT}"><b>5</b><i>天前</i></time><br>来源：北辰资讯</p>',
    ],
)
def test_an_attribute_counts_where_less_is_shown(info: str) -> None:
    reading = read(article(info))
    assert reading.published is not None
    assert (reading.published.value.strip(), reading.published.provenance) == (AT, "structure")
    assert reading.source is not None
    assert reading.source.value == "来源：北辰资讯"
    assert (body(reading), reading.conflicts) == (PARAGRAPHS, [])


@pytest.mark.parametrize("value", ["1772670600", "1772670600000"])
@pytest.mark.parametrize("shown", ["", "--", "刚刚"])
def test_seconds_and_milliseconds_since_1970(value: str, shown: str) -> None:
    info = f'<div>来源：北辰资讯 <span data-timestamp="{value}">{shown}</span></div>'
    assert published(info) == "2026-03-05T00:30:00+00:00"


@pytest.mark.parametrize(
    ("info", "shown"),
    [
        (f'<time datetime="{AT}">2026-03-04 09:00</time>', "2026-03-04 09:00"),
        (f'<time datetime="{AT}">2025-03-05</time>', "2025-03-05"),
        (f'<time datetime="{AT}">03-04 09:00</time>', "03-04 09:00"),
    ],
)
def test_what_is_shown_wins_and_the_disagreement_is_counted(info: str, shown: str) -> None:
    reading = read(article(f"<div>{info} 来源：北辰资讯</div>"))
    assert reading.published is not None
    assert reading.published.value == shown
    assert reading.conflicts == ["meta/published"]


@pytest.mark.parametrize(
    "info",
    [
        f'<time datetime="{AT}">2026-03-05 09:00</time>',
        '<time datetime="2026-03-05T00:00:00+08:00">2026-03-05</time>',
        '<time datetime="2026-03">3天前</time>',
        '<span title="2026年手机盘点">3天前</span>',
        '<span data-id="1772670600">3天前</span>',
        '<span data-update-time="2026-03-05 08:30">3天前</span>',
        '<del datetime="2026-03-05 08:30">3天前</del>',
        '<a href="/x" title="2026-03-05 08:30">3天前</a>',
        '<span data-time="9999999999999999">3天前</span>',
        '<span data-time="2026-13-45 08:30">3天前</span>',
    ],
)
def test_an_attribute_that_adds_nothing_is_not_read(info: str) -> None:
    shown = info[info.index(">") + 1 : info.rindex("<")]
    reading = read(article(f"<div>{info} 来源：北辰资讯</div>"))
    assert reading.published is not None
    assert reading.published.value == shown
    assert reading.conflicts == []


def test_an_updates_label_stays_with_its_time() -> None:
    info = f'<div>2026-03-04 09:00 <time datetime="{AT}">更新于 2天前</time></div>'
    reading = read(article(info))
    assert reading.published is not None
    assert reading.updated is not None
    assert (reading.published.value, reading.updated.value) == ("2026-03-04 09:00", f"更新于 {AT}")


def test_the_text_stays_as_shown() -> None:
    told = f'新机将在<time datetime="{AT}">下周三</time>开卖，首批备货已经运抵<span title="{AT}">各地门店</span>，店员这样介绍。'
    shown = "新机将在下周三开卖，首批备货已经运抵各地门店，店员这样介绍。"
    reading = read(article(body=f"<div><p>{told}</p>{paragraphs()}</div>"))
    assert body(reading) == [shown, *PARAGRAPHS]


def test_a_profiles_selector_reads_the_attribute_too() -> None:
    html = article(f'<div class="info"><time datetime="{AT}">2周前</time> 来源：北辰资讯</div>')
    for selectors in (Selectors(published=".info time"), Selectors(info_line=".info")):
        reading = read_article(Document(html, URL), selectors)
        assert reading.published is not None
        assert (reading.published.value, reading.published.provenance) == (AT, "selector")


def test_list_items_are_dated_by_attributes() -> None:
    items = "".join(
        f'<li><h3><a href="/{number}.html">{title}</a></h3><p>{text}</p><time datetime="{AT}">2周前</time></li>'
        for number, (title, text, _) in enumerate(OTHERS)
    )
    reading = read_listing(Document(page(f"<ul>{items}</ul>", title=TITLE), URL))
    assert [entry.published for entry in reading.entries] == [AT] * len(OTHERS)
