"""The summary that a person sees: the site by its own name, and what is gone and came back."""

from __future__ import annotations

from pathlib import Path

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.test_walk import ARTICLES, HOME, numbered, page

FULL = ("crawl", "smartdaily", "-a", "mode=full", "-s", "SUMMARY_ENABLED=1")


def test_a_site_has_its_own_name_and_what_came_back_is_counted(
    scrapy: Scrapy, serve_pages: ServePages, tmp_path: Path
) -> None:
    pages: dict[str, Answer | str] = {"/": HOME, "/phone/": numbered(1, 2), "/pc/": numbered(3, 4), **ARTICLES}
    url = serve_pages(pages)
    host = url.removeprefix("http://").rstrip("/")

    done = scrapy(*FULL, SITE_URL=url)
    assert f"\n{host}  {url}\n" in done.stdout, done.stderr[-3000:]
    assert "智能日报" not in done.stdout

    pages |= {"/a/1.html": Answer(status=410)}
    (tmp_path / "site.toml").write_text('title = "例报"\n', encoding="utf-8")
    done = scrapy(*FULL, "-a", f"profile={tmp_path / 'site.toml'}", SITE_URL=url)
    assert f"\n例报  {url}\n" in done.stdout
    assert "  changes    1 gone" in done.stdout

    pages |= {"/": page("智能日报_首页", "<p>欢迎</p>"), "/a/1.html": ARTICLES["/a/1.html"]}
    done = scrapy(*FULL, SITE_URL=url)
    assert f"\n智能日报  {url}\n" in done.stdout
    assert "  changes    1 back" in done.stdout
