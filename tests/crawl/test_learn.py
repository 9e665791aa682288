"""``scrapy learn``: it writes a profile that a crawl can use, or one clear line where it learns none."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import Site
from smartdaily_crawler.cli.output import console
from smartdaily_crawler.commands.learn import _table
from smartdaily_crawler.learning.derive import Agreement, Learnt
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.sites.profile import chosen, read_profile
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import differences, stored_articles, stored_teasers, true_teasers

NAV = (
    '<ul><li><a href="/">首页</a></li><li><a href="/phone/">智能手机</a></li><li><a href="/pc/">电脑硬件</a></li></ul>'
)
PLAIN = "<html><body><h1>It works!</h1></body></html>"
LOOP = '<html><body><div class="pages"><a href="/pc/">下一页</a></div></body></html>'
OPENING = f"<html><head><title>例报 - 科技</title></head><body><div>{NAV}</div></body></html>"


@pytest.mark.parametrize("skin", ["glued", "split", "people"])
def test_a_crawl_with_the_learnt_profile_stores_what_the_site_shows(
    skin: str, scrapy: Scrapy, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "learnt.toml"
    site = Site(day=1, skin=skin)
    with serve(site) as server:
        done = scrapy("learn", server.url, "--output", str(file), "--pages", "32")
        assert done.returncode == 0, done.stderr[-3000:]
        asked = [entry.path for entry in server.log]
        crawled = scrapy("crawl", "smartdaily", "-a", f"profile={file}", SITE_URL=server.url)
    assert crawled.returncode == 0, crawled.stderr[-3000:]
    assert asked[0] == "/robots.txt"
    assert len(asked) <= 2 + 6 * 3 + 32, "it walks a few pages, not the site"
    assert_agrees(file, done.stdout)
    truth = site.truth()
    assert differences(stored_articles(engine), truth)[:20] == []
    assert stored_teasers(engine) == true_teasers(truth)


def test_the_table_shows_a_selector_by_an_attribute(capsys: pytest.CaptureFixture[str]) -> None:
    css = '[itemprop="headline"]'
    console(in_pipe=160).print(_table(Learnt(Selectors(title=css), {"title": Agreement(9, 9)}, {})))
    assert css in capsys.readouterr().out


def assert_agrees(file: Path, printed: str) -> None:
    """Expect the site's name and an agreement for each selector in the file, and the selectors in the table."""
    profile = read_profile(file)
    selectors = chosen(profile.selectors)
    assert profile.title == "智能日报"
    assert profile.name == "learnt"
    assert {"title", "body", "entries"} <= selectors.keys() == profile.agreement.keys()
    assert all(share >= 0.95 for share in profile.agreement.values())
    assert all(css in printed for css in selectors.values())
    assert str(file) in printed.replace("\n", "")


def assert_fails(done: subprocess.CompletedProcess[str], exitcode: int, *words: str) -> None:
    assert done.returncode == exitcode, done.stderr
    assert "Traceback" not in done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("scrapy learn: ")
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("news.example",), ("site_url", "news.example")),
        (("ftp://news.example/",), ("ftp",)),
        (("http://news.example/", "--pages", "3"), ("--pages", "'3'")),
        (("http://news.example/", "--pages", "many"), ("--pages", "'many'")),
        (("http://news.example/", "--name", "Ex ample"), ("'Ex ample'",)),
        (("http://127.0.0.1:9/",), ("--name",)),
        (("http://news.example/", "--output", "no-such-folder/x.toml"), ("no-such-folder",)),
        (("http://news.example/", "--name", "smartdaily"), ("smartdaily.toml", "--force")),
    ],
)
def test_bad_arguments(scrapy: Scrapy, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert_fails(scrapy("learn", *arguments), 2, *words)


def test_an_existing_file_is_kept(scrapy: Scrapy, serve_pages: ServePages, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("title = 'mine'", encoding="utf-8")
    url = serve_pages({"/": OPENING})
    assert_fails(scrapy("learn", url, "--output", str(file)), 2, str(file), "--force")
    assert_fails(scrapy("learn", url, "--output", str(file), "--force"), 1, url, "no article")
    assert file.read_text(encoding="utf-8") == "title = 'mine'"


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({"/": PLAIN}, ("no category",)),
        ({}, ("home page", "http_404")),
        ({"/": OPENING, "/robots.txt": "User-agent: *\nDisallow: /"}, ("robots_forbidden",)),
        ({"/": OPENING, "/robots.txt": Answer(status=503)}, ("robots_unreachable",)),
        ({"/": OPENING, "/phone/": PLAIN, "/pc/": Answer(status=500)}, ("no article",)),
        ({"/": OPENING, "/phone/": LOOP, "/pc/": PLAIN}, ("no article",)),
        ({"/": Answer(body="\x00", headers={"Content-Type": "image/png"})}, ("no category",)),
    ],
)
def test_a_site_without_learnable_pages(
    scrapy: Scrapy, serve_pages: ServePages, tmp_path: Path, pages: dict[str, Answer | str], words: tuple[str, ...]
) -> None:
    file = tmp_path / "x.toml"
    url = serve_pages(pages)
    assert_fails(scrapy("learn", url, "--output", str(file)), 1, url, *words)
    assert not file.exists()


def test_unreachable_site(scrapy: Scrapy, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    assert_fails(scrapy("learn", url, "--output", str(tmp_path / "x.toml")), 1, url, "cannot be read")
