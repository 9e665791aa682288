"""A first run judges by itself what it read: there is no earlier run to compare it with."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.crawl.conftest import Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_walk import HOME, PARAGRAPHS, article, listing, page

NUMBERS = range(1, 25)
DATE = "2026-03-06"
UNITS = "零一二三四五六七八九"


def title(number: int) -> str:
    return f"第{UNITS[number // 10]}{UNITS[number % 10]}号样机通过了跌落测试"


def told(number: int) -> str:
    return article(title(number), f"{title(number)}，实验室周三公布了结果。", *PARAGRAPHS)


def undated(number: int) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in (f"{title(number)}。", *PARAGRAPHS))
    return page(title(number), f"<h1>{title(number)}</h1><div>来源：测试台 编辑：小林</div><div>{body}</div>")


def notice(number: int) -> str:
    del number
    return article("系统维护公告", *PARAGRAPHS)


def site(serve_pages: ServePages, pages: dict[str, str]) -> str:
    """Serve articles, half of them in each of two categories. The lists print dates if articles do."""
    links = [(path, title(number % 24 or 24)) for number, path in enumerate(pages, 1)]
    half = len(links) // 2
    lists = {"/phone/": listing(*links[:half]), "/pc/": listing(*links[half:])}
    if not any(DATE in page for page in pages.values()):
        lists = {path: page.replace(DATE, "") for path, page in lists.items()}
    return serve_pages({"/": HOME, **lists, **pages})


@pytest.mark.parametrize(
    ("pages", "reasons"),
    [
        pytest.param({f"/a/{n}.html": told(n) for n in NUMBERS}, [], id="well"),
        pytest.param(
            {f"/a/{n}.html": notice(n) for n in NUMBERS},
            ["23 of 24 articles have the text of another one"],
            id="a notice in place of every article",
        ),
        pytest.param(
            {f"/{folder}/{n}.html": told(n) for folder in "ab" for n in NUMBERS},
            ["24 of 48 articles have the text of another one"],
            id="each article at two addresses",
        ),
        pytest.param(
            {f"/a/{n}.html": undated(n) for n in NUMBERS}, ["published_on on 0 of 24 articles only"], id="undated"
        ),
        pytest.param(
            {f"/a/{n}.html": (undated if n <= 9 else told)(n) for n in NUMBERS}, [], id="some pages without a date"
        ),
        pytest.param(
            {f"/a/{n}.html": (notice if n <= 5 else told)(n) for n in NUMBERS}, [], id="some texts published again"
        ),
    ],
)
def test_a_first_run_judges_by_itself(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, pages: dict[str, str], reasons: list[str]
) -> None:
    url = site(serve_pages, pages)
    for settings in ((), ("-s", "ITEM_PIPELINES={}")):  # stored, and not stored
        done = scrapy("crawl", "smartdaily", *settings, SITE_URL=url)
        assert done.returncode == (4 if reasons else 0), done.stderr[-3000:]
        assert "Traceback" not in done.stderr
        reported = [line for line in done.stderr.splitlines() if line.startswith("scrapy crawl:")]
        assert reported == ([f"scrapy crawl: degraded: {'; '.join(reasons)}"] if reasons else [])
    [run] = select(engine, "SELECT verdict, stats FROM api.run")
    assert run["verdict"] == ("degraded" if reasons else "healthy")
    assert run["stats"]["run/reasons"] == reasons
    assert run["stats"]["article/compared"] == len(pages)
