from __future__ import annotations

import pytest

from smartdaily_crawler.pages.reading import ExtractedValue
from tests.pages.pages import TITLE, page, paragraphs, read


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
