"""The edition that is asked for, pages in another language, and home pages that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select
from tests.crawl.test_lists import verdict
from tests.crawl.test_walk import ARTICLES, HOME, TITLES, article, numbered, outcomes, page

ENGLISH = (
    "The council decided on Tuesday to keep the old bridge open while the new one is being built next to it.",
    "Shopkeepers on both banks had asked for this, since most of their customers still come over on foot.",
    "Work on the new bridge begins in spring, and the mayor expects that it will take less than two years.",
)
QUOTE = "她在会后引用了设计师的原话，并说这句话决定了项目的走向：“" + ENGLISH[0] + "”，台下的工程师随即鼓起掌来。"


def foreign(number: int) -> str:
    return article(f"The old bridge stays open for another winter {number}", *ENGLISH)


def contents(engine: Engine) -> list[dict[str, object]]:
    return select(engine, "SELECT url, state, title, body, revision FROM api.article ORDER BY url")


def test_pages_in_another_language_are_rejected_and_overwrite_nothing(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    pages: dict[str, Answer | str] = {"/": HOME, "/phone/": numbered(1, 2, 3, 4), "/pc/": numbered(4, 3, 2), **ARTICLES}
    pages["/a/4.html"] = article("Mi Pad 9", TITLES[3] + "。", QUOTE)
    url = serve_pages(pages)
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    before = contents(engine)
    assert [row["state"] for row in before] == ["fetched"] * 4
    pages |= {f"/a/{n}.html": foreign(n) for n in (1, 2, 3)}
    for _ in range(2):
        assert scrapy("crawl", "smartdaily", "-a", "mode=full", SITE_URL=url).returncode == 4
        assert verdict(engine) == ("degraded", "3 of 4 article pages were no articles")
        assert contents(engine) == before
    latest = select(
        engine, "SELECT url, outcome, reason FROM api.outcome WHERE run_id = (SELECT max(run_id) FROM api.run)"
    )
    assert {path_of(row["url"]): row["reason"] for row in latest if row["outcome"] == "rejected"} == {
        f"/a/{n}.html": "other_language" for n in (1, 2, 3)
    }
    pages |= ARTICLES
    assert scrapy("crawl", "smartdaily", "-a", "mode=full", SITE_URL=url).returncode == 0
    assert [row["title"] for row in contents(engine)][:3] == list(TITLES[:3])


def test_another_edition_of_the_home_page_is_not_walked(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    pages: dict[str, Answer | str] = {"/": HOME, "/phone/": numbered(1, 2, 3), "/pc/": numbered(1, 2, 3), **ARTICLES}
    url = serve_pages(pages)
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    nav = '<nav><a href="/en/phone/">Phones</a><a href="/en/pc/">Laptops</a><a href="/en/car/">Vehicles</a></nav>'
    pages["/"] = f"<html><body>{nav}<p>{' '.join(ENGLISH)}</p></body></html>"
    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert done.returncode == 1
    assert "its home page is not in zh-CN" in done.stderr
    assert verdict(engine)[0] == "failed"
    assert {row["name"] for row in select(engine, "SELECT name FROM api.category")} == {"智能手机", "电脑硬件"}


@pytest.mark.parametrize("language", [None, "en"])
def test_the_edition_is_asked_for_by_the_profiles_language(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, tmp_path: Path, language: str | None
) -> None:
    english = numbered(1, 2, 3).replace("智能手机", "Phones").replace("电脑硬件", "Laptops")
    editions = {path: Answer(body=text, headers={"Vary": "Accept-Language"}) for path, text in ARTICLES.items()}
    chinese: dict[str, Answer | str] = {"/": HOME, "/phone/": numbered(1, 2, 3), "/pc/": numbered(1, 2, 3), **editions}
    other: dict[str, Answer | str] = {**chinese, "/phone/": english, **{f"/a/{n}.html": foreign(n) for n in (1, 2, 3)}}
    other["/"] = HOME.replace("智能手机", "Phones").replace("电脑硬件", "Laptops")
    url = serve_pages(chinese, other_language=other)
    arguments = []
    if language:
        (tmp_path / "other.toml").write_text(f'title = "桥报"\nlanguage = "{language}"\n', encoding="utf-8")
        arguments = ["-a", f"profile={tmp_path / 'other.toml'}"]
    assert scrapy("crawl", "smartdaily", *arguments, SITE_URL=url).returncode == 0
    rows = select(engine, "SELECT title FROM api.article WHERE url LIKE '%/a/1.html'")
    assert rows == [{"title": "The old bridge stays open for another winter 1" if language else TITLES[0]}]


@pytest.mark.parametrize(
    ("home", "words"),
    [
        (Answer(body='{"code": 0, "channels": ["手机"]}', headers={"Content-Type": "application/json"}), "JSON"),
        ("<html><head><title>x</title></head><body></body></html>", "is empty"),
        ('<html><body><div id="app"></div><script src="/static/app.js"></script></body></html>', "render=auto"),
        ("<title>安全验证</title><body><p>请拖动滑块完成验证</p></body>", "captcha"),
        (page("首页", "<p>欢迎</p>").replace("href", "data-to"), "no category found in its navigation"),
    ],
    ids=["json", "empty", "shell", "captcha", "other"],
)
def test_a_home_page_without_categories_is_named(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, home: Answer | str, words: str
) -> None:
    url = serve_pages({"/": home})
    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (run,) = select(engine, "SELECT reason, stats FROM api.run")
    assert run["reason"] == "no_category"
    assert words in run["stats"]["run/error"]
    assert outcomes(engine) == {"/": ("rejected", "no_category")}
