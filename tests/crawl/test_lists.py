"""Lists whose pager has no addresses, and lists that are not in the order of their dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select, stats
from tests.crawl.test_walk import ARTICLES, HOME, TITLES, article, listing, numbered, page

PLACES = ("东城", "西岭", "南湾", "北坡", "云桥", "石浦", "青塘", "白鹭", "长滩", "金沙")
VERBS = ("开出首班夜车", "试点共享书房", "修好百年老桥", "公布用水账本")
STORIES = [f"{place}{verb}，街坊连夜来看" for verb in VERBS for place in PLACES]
DAY = date(2026, 3, 6)


def verdict(engine: Engine) -> tuple[str, str]:
    """Return the latest run's verdict, and its reasons as one text."""
    run = select(engine, "SELECT verdict, stats FROM api.run ORDER BY run_id DESC LIMIT 1")[0]
    return run["verdict"], "; ".join(run["stats"]["run/reasons"])


@pytest.mark.parametrize(
    "pager",
    [
        """<a href="javascript:__doPostBack('list','Page$2')">2</a><a href="javascript:__doPostBack('list','Page$3')">3</a>""",
        '<button class="btn" data-next="/feed.json?offset=4">点击加载更多</button>',
        '<a href="javascript:;" onclick="turn(2)">下一页</a>',
        "<span>第 1 页</span><span>共 7 页</span>",
    ],
    ids=["post-back", "button", "script", "count"],
)
def test_a_pager_without_addresses_is_told_and_leaves_the_category_open(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, pager: str
) -> None:
    shown = [(f"/a/{n}.html", TITLES[n - 1]) for n in (1, 2, 3, 4)]
    url = serve_pages({"/": HOME, "/phone/": listing(*shown, more=pager), "/pc/": numbered(1, 2, 3, 4), **ARTICLES})
    for _ in range(2):
        assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 4
        what, why = verdict(engine)
        assert what == "degraded"
        assert "智能手机" in why
        assert "电脑硬件" not in why
        assert "render=auto" in why
        assert "next_page" in why
        assert stats(engine)["pager/unturned"] == 1
    walked = select(engine, "SELECT name FROM crawl.category WHERE caught_up_at IS NOT NULL")
    assert [row["name"] for row in walked] == ["电脑硬件"]
    assert len(select(engine, "SELECT 1 FROM api.article WHERE state = 'fetched'")) == 4


def test_the_last_page_of_a_pager_is_not_told(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    last = '<a href="/phone/">1</a><b>2</b><a class="disabled" href="javascript:;">下一页</a> 共 2 页'
    shown = [(f"/a/{n}.html", TITLES[n - 1]) for n in (3, 4)]
    url = serve_pages({
        "/": HOME,
        "/phone/": numbered(1, 2, more="/phone/2.html"),
        "/phone/2.html": listing(*shown, more=last),
        "/pc/": numbered(1, 2, 3, 4),
        **ARTICLES,
    })  # fmt: skip
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    assert verdict(engine) == ("healthy", "")


def test_max_pages_ends_a_walk_before_the_pager_does(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    shown = [(f"/a/{n}.html", TITLES[n - 1]) for n in (1, 2, 3)]
    pager = '<button data-page="2">加载更多</button>'
    url = serve_pages({"/": HOME, "/phone/": listing(*shown, more=pager), "/pc/": numbered(1, 2, 3), **ARTICLES})
    assert scrapy("crawl", "smartdaily", "-a", "max_pages=1", SITE_URL=url).returncode == 0
    assert verdict(engine) == ("healthy", "")
    assert stats(engine)["pager/limit"] == 1
    assert "pager/unturned" not in stats(engine)


def dated(path: str, stories: list[tuple[int, date]], size: int = 10) -> dict[str, Answer | str]:
    """Return the pages of a list of stories, each with its day, and those of the stories."""
    pages: dict[str, Answer | str] = {}
    for first in range(0, len(stories), size):
        items = "".join(
            f'<li><a href="/s/{n}.html">{STORIES[n]}</a><span>{day}</span></li>'
            for n, day in stories[first : first + size]
        )
        following = first // size + 2
        more = f'<p><a href="{path}{following}.html">下一页</a></p>' if first + size < len(stories) else ""
        pages[f"{path}{following - 1}.html" if first else path] = page("列表", f'<ul class="list">{items}</ul>{more}')
    pages |= {f"/s/{n}.html": article(STORIES[n]).replace("2026-03-06", str(day)) for n, day in stories}
    return pages


def site(stories: list[tuple[int, date]]) -> dict[str, Answer | str]:
    """Return the pages of a site whose list 智能手机 shows *stories*, and another list two of them."""
    return {
        "/": HOME,
        "/pc/": listing(("/s/0.html", STORIES[0]), ("/s/1.html", STORIES[1])),
        **dated("/phone/", stories),
    }


def by_heat(count: int) -> list[tuple[int, date]]:
    return [(n, DAY - timedelta(days=n * 7 % 29)) for n in range(count)]


def by_date(count: int, pinned: int) -> list[tuple[int, date]]:
    return [(n, DAY - timedelta(days=40 if n < pinned else n)) for n in range(count)]


def found(engine: Engine, number: int) -> bool:
    rows = select(engine, "SELECT url FROM api.article WHERE state = 'fetched'")
    return f"/s/{number}.html" in {path_of(row["url"]) for row in rows}


def test_a_list_by_popularity_is_read_to_its_end_and_named(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    pages = site(by_heat(34))
    url = serve_pages(pages)
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    pages |= dated("/phone/", [*by_heat(34), (39, DAY)])
    done = scrapy("crawl", "smartdaily", SITE_URL=url, SUMMARY_ENABLED="1")
    assert done.returncode == 0, done.stderr
    assert found(engine, 39)
    assert stats(engine)["listing/unordered/智能手机"] == 1
    assert "智能手机: not listed by date" in done.stderr
    assert verdict(engine) == ("healthy", "")


def test_a_list_that_was_by_date_and_is_not_any_more_is_read_to_its_end(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    pages = site(by_date(34, 0))
    url = serve_pages(pages)
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    shuffled = sorted(by_date(34, 0), key=lambda story: story[0] * 7 % 34)
    pages |= dated("/phone/", [*shuffled, (39, DAY)])
    for mode in ("full", "incremental"):
        assert scrapy("crawl", "smartdaily", "-a", f"mode={mode}", SITE_URL=url).returncode == 0
    assert found(engine, 39)
    pages |= dated("/phone/", [*shuffled, (39, DAY), (38, DAY)])
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    assert found(engine, 38)


def test_pinned_entries_do_not_make_the_next_run_read_more(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    pages = site(by_date(34, 4))
    url = serve_pages(pages)
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    pages |= dated("/phone/", [*by_date(34, 4)[:4], (39, DAY + timedelta(days=1)), *by_date(34, 4)[4:]])
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    assert found(engine, 39)
    lists = select(
        engine, "SELECT url FROM api.outcome WHERE run_id = (SELECT max(run_id) FROM api.run) AND url LIKE '%/phone/%'"
    )
    assert {path_of(row["url"]) for row in lists} == {"/phone/", "/phone/2.html"}
    assert not [name for name in stats(engine) if name.startswith("listing/unordered")]
