from __future__ import annotations

import pytest

from smartdaily_crawler.cleaning.text import paragraphs as clean_paragraphs
from smartdaily_crawler.pages.reading import TeaserReading
from tests.pages.pages import OTHERS, PARAGRAPHS, article, paragraphs, read, teasers

EXPECTED = [
    TeaserReading(
        url=f"http://news.example.com/2026/{date[5:].replace('-', '')}/{number}.html",
        title=title,
        block="teasers",
        summary=summary,
        published=date,
    )
    for number, (title, summary, date) in enumerate(OTHERS, 11)
]
HOT = "".join(f'<li><a href="/hot/{n}.html">第{n}条被反复点击的热门旧闻标题</a></li>' for n in range(1, 6))


def unit(form: str) -> str:
    return "".join(
        form.format(href=f"/2026/{date[5:].replace('-', '')}/{number}.html", title=title, summary=summary, date=date)
        for number, (title, summary, date) in enumerate(OTHERS, 11)
    )


@pytest.mark.parametrize(
    "block",
    [
        "<ul>" + unit('<li><h4><a href="{href}">{title}</a></h4><p>{summary}</p><span>{date}</span></li>') + "</ul>",
        "<ul>" + unit('<li><a href="{href}"><h4>{title}</h4><p>{summary}</p><span>{date}</span></a></li>') + "</ul>",
        unit('<div><a href="{href}"><div>{title}</div><div>{summary}</div><div>{date}</div></a></div>'),
        "<dl>" + unit('<dt><a href="{href}">{title}</a></dt><dd>{summary}</dd><dd>{date}</dd>') + "</dl>",
        unit('<p><a href="{href}">{title}</a></p><p>{summary}</p><p>{date}</p>'),
        unit('<h3><a href="{href}">{title}</a></h3><p>{summary}</p><time>{date}</time>'),
        "<div>"
        + unit('<div><div><a href="{href}">{title}</a></div><div>{summary}</div><div>{date}</div></div>')
        + "</div>",
        "<table>"
        + unit('<tr><td><b><a href="{href}">{title}</a></b><br>{summary}<br><font>{date}</font></td></tr>')
        + "</table>",
    ],
    ids=["li", "link around", "link around blocks", "dl", "p", "h3", "div", "table"],
)
@pytest.mark.parametrize("inside", [True, False], ids=["inside the body", "after the body"])
def test_teasers_are_told_from_the_body_by_their_shape(block: str, inside: bool) -> None:
    html = article(body=f"<div>{paragraphs()}{block}</div>") if inside else article(after=f"<div>{block}</div>")
    reading = read(html)
    assert reading.teasers == EXPECTED
    assert clean_paragraphs(reading.body) == PARAGRAPHS


@pytest.mark.parametrize(
    "ranking",
    [
        f"<div><h3>热门排行</h3><ul>{HOT}</ul></div>",
        f"<aside><ul>{HOT}</ul></aside>",
        "<ul>"
        + "".join(
            f'<li><em>{n}</em><a href="/hot/{n}.html">第几条被反复点击的热门旧闻标题</a></li>' for n in range(1, 6)
        )
        + "</ul>",
        f"<div><h3>最新文章</h3><ul>{HOT}</ul></div>",
    ],
    ids=["headed", "aside", "numbered", "titles only"],
)
def test_hot_lists_are_another_block(ranking: str) -> None:
    reading = read(article(after=f"<ul>{teasers()}</ul>{ranking}"))
    assert [each.url for each in reading.teasers if each.block == "teasers"] == [each.url for each in EXPECTED]
    assert sum(each.block == "ranking" for each in reading.teasers) == 5


def test_teasers_may_be_called_hot() -> None:
    reading = read(article(after=f"<div><h3>更多热门内容</h3><ul>{teasers()}</ul></div>"))
    assert reading.teasers == EXPECTED


def test_titles_alone_are_teasers_where_they_are_headed_so() -> None:
    reading = read(article(after=f"<div><h3>相关阅读</h3><ul>{HOT}</ul></div>"))
    assert {each.block for each in reading.teasers} == {"teasers"}
    assert len(reading.teasers) == 5


@pytest.mark.parametrize("heading", ["", "<h3>深度观察</h3>"])
def test_titles_alone_are_the_sites_where_they_are_not(heading: str) -> None:
    reading = read(article(after=f"<div>{heading}<ul>{HOT}</ul></div>"))
    assert {each.block for each in reading.teasers} == {"ranking"}


def test_lists_above_the_title_are_the_sites() -> None:
    assert read(f"<div><ul>{HOT}</ul></div>" + article()).teasers == []


def test_links_inside_running_text_are_no_teasers() -> None:
    linked = [
        text.replace("星河手机", '<a href="/t/1.html">星河手机发布会</a>').replace(
            "新机", '<a href="/t/2.html">新款旗舰手机</a>'
        )
        for text in PARAGRAPHS
    ]
    reading = read(article(body=f"<div>{paragraphs(linked)}</div>"))
    assert reading.teasers == []
    assert len(reading.body) == 3
