"""A site's own rules: a selector and a method are believed, stored pages are read again by them, recorded pages test them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.crawl.conftest import Scrapy, ServePages
from tests.crawl.rows import select, stats
from tests.crawl.test_walk import HOME, PARAGRAPHS, TITLES, article, numbered, page

FULL = ("-a", "mode=full")
# Labels that no reader could know, and a text in a form that looks like a list of links.
INFO = '<div class="who">转自北辰资讯</div><div class="desk">值班：许砚</div>'
LINES = "".join(f'<li><a href="/t/{number}.html">{text}</a></li>' for number, text in enumerate(PARAGRAPHS))


def misread(title: str) -> str:
    return page(title, f'<h1>{title}</h1><div>2026-03-06</div>{INFO}<ul class="story">{LINES}</ul>')


PAGES = {"/": HOME, "/phone/": numbered(1, 2), "/pc/": numbered(2, 1), "/a/2.html": article(TITLES[1])}


def profile(folder: Path, **selectors: str) -> str:
    file = folder / "site.toml"
    rules = "\n".join(f"{name} = '{css}'" for name, css in selectors.items())
    file.write_text(f"title = '例报'\n[selectors]\n{rules}\n", encoding="utf-8")
    return f"profile={file}"


def rows(engine: Engine) -> list[tuple[object, ...]]:
    query = "SELECT source, editor, body, revision FROM api.article WHERE url LIKE '%/a/1.html'"
    return [(row["source"], row["editor"], row["body"], row["revision"]) for row in select(engine, query)]


def test_selectors_mend_a_page_that_was_refused(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, tmp_path: Path
) -> None:
    url = serve_pages({**PAGES, "/a/1.html": misread(TITLES[0])})
    scrapy("crawl", "smartdaily", *FULL, SITE_URL=url)
    assert rows(engine) == [(None, None, None, 0)]
    rules = profile(tmp_path, body=".story li", source=".who")
    done = scrapy("crawl", "smartdaily", *FULL, "-a", rules, SITE_URL=url)
    assert done.returncode == 0, done.stderr[-2000:]
    assert rows(engine) == [("北辰资讯", None, "\n\n".join(PARAGRAPHS), 1)]


OWN_SPIDER = """
from smartdaily_crawler.crawl.news_spider import NewsSpider
from smartdaily_crawler.pages.article_page import ArticlePage
from smartdaily_crawler.sites.profile import SiteProfile


class Page(ArticlePage):
    def source(self):
        return self.css(".who::text").re_first("转自(.+)")

    def editor(self):
        return self.css(".desk::text").re_first("值班：(.+)")

    def body(self):
        return self.css(".story a::text").getall()

    def is_article(self):
        return False if self.url.endswith("/a/2.html") else None


class OwnSpider(NewsSpider):
    name = "own"
    profile = SiteProfile(name="own", title="例报")
    article_page = Page
"""


def test_methods_are_believed_and_read_unchanged_pages_again(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine, tmp_path: Path
) -> None:
    url = serve_pages(
        {**PAGES, "/a/1.html": article(TITLES[0], after=f'{INFO}<div class="story"><a>一句话新闻</a></div>')}
    )
    scrapy("crawl", "smartdaily", *FULL, SITE_URL=url)
    assert [row[0] for row in rows(engine)] == ["测试台"]
    file = tmp_path / "own.py"
    file.write_text(OWN_SPIDER, encoding="utf-8")
    done = scrapy("runspider", str(file), *FULL, SITE_URL=url)
    assert "Traceback" not in done.stderr
    assert rows(engine) == [("北辰资讯", "许砚", "一句话新闻", 2)]
    changed = select(engine, "SELECT changed_fields, provenance FROM api.revision WHERE revision = 2")
    assert set(changed[0]["changed_fields"]) == {"source", "editor", "body"}
    assert changed[0]["provenance"]["source"] == "method"
    assert stats(engine)["differs/source"] == 1
    assert stats(engine)["reason/by_rule"] == 1


@pytest.fixture
def recorded(scrapy: Scrapy, serve_pages: ServePages, tmp_path: Path) -> Path:
    url = serve_pages({"/a/1.html": article(TITLES[0])})
    done = scrapy("record", "-L", "ERROR", "-s", f"RECORDED_DIR={tmp_path}", f"{url}/a/1.html".replace("//a", "/a"))
    assert done.returncode == 0, done.stderr
    [file] = (tmp_path / "smartdaily").glob("*.json")
    assert f"recorded in {file}" in done.stdout
    return file


def test_a_recorded_page_is_a_test_of_the_rules(scrapy: Scrapy, recorded: Path) -> None:
    folder = f"RECORDED_DIR={recorded.parent.parent}"
    passed = scrapy("check", "-s", folder)
    assert (passed.returncode, passed.stdout.splitlines()[-1]) == (0, "Read 1 recorded page: OK")
    facts = json.loads(recorded.read_text(encoding="utf-8"))
    assert facts["expected"]["title"] == TITLES[0]
    assert recorded.with_suffix(".page").read_bytes().decode() == article(TITLES[0])
    facts["expected"]["source"] = "另一家报社"
    recorded.write_text(json.dumps(facts), encoding="utf-8")
    failed = scrapy("check", "-s", folder)
    assert failed.returncode == 1
    assert f"{recorded}: source: expected '另一家报社', read '测试台'" in failed.stderr
    recorded.with_suffix(".page").unlink()
    broken = scrapy("check", "-s", folder)
    assert broken.returncode == 1
    assert f"{recorded} is no recorded page" in broken.stderr
    assert str(recorded) in scrapy("check", "-l", "-s", folder).stdout


def test_a_record_is_replaced_only_on_demand(scrapy: Scrapy, recorded: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_text(article(TITLES[1]), encoding="utf-8")
    url = json.loads(recorded.read_text(encoding="utf-8"))["url"]
    arguments = ("record", "-L", "ERROR", "-s", f"RECORDED_DIR={tmp_path}", "--url", url, str(saved))
    refused = scrapy(*arguments)
    assert (refused.returncode, refused.stderr) == (
        2,
        f"scrapy record: {recorded} exists already; --update replaces it\n",
    )
    assert scrapy(*arguments, "--update").returncode == 0
    assert json.loads(recorded.read_text(encoding="utf-8"))["expected"]["title"] == TITLES[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("record", "page.html"), "scrapy record: a page given as a file needs --url\n"),
        (
            ("record", "--spider", "x", "http://127.0.0.1:9/"),
            "scrapy record: there is no spider 'x'; `scrapy list` shows them\n",
        ),
        (
            ("inspect", "--spider", "x", "http://127.0.0.1:9/"),
            "scrapy inspect: there is no spider 'x'; `scrapy list` shows them\n",
        ),
        (("check", "x"), "scrapy check: there is no spider 'x'; `scrapy list` shows them\n"),
    ],
)
def test_bad_arguments_are_one_line(scrapy: Scrapy, arguments: tuple[str, ...], message: str) -> None:
    done = scrapy(*arguments, "-L", "ERROR")
    assert (done.returncode, done.stderr) == (2, message)
