"""The project is a Scrapy project like any other: Scrapy's own commands and settings work in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.crawl.conftest import Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_walk import HOME, TITLES, article, listing, outcomes

NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
LINKS = tuple((f"/a/{n}.html", TITLES[n]) for n in range(4))


@pytest.fixture
def site(serve_pages: ServePages) -> str:
    pages = {path: article(title) for path, title in LINKS}
    return serve_pages({"/": HOME, "/phone/": listing(*LINKS), "/pc/": listing(*reversed(LINKS)), **pages})


@pytest.mark.parametrize(
    ("path", "arguments", "shown"),
    [
        ("", (), "phone/>"),
        ("phone/", (), "a/3.html>"),
        ("a/1.html", (), f"'title': '{TITLES[1]}'"),
        ("a/1.html", ("-c", "parse_article"), f"'title': '{TITLES[1]}'"),
        ("phone/", ("-c", "parse_listing"), "a/3.html>"),
    ],
)
def test_parse_needs_no_database(scrapy: Scrapy, site: str, path: str, arguments: tuple[str, ...], shown: str) -> None:
    command = ("parse", "--nocolour", "--spider", "smartdaily", *arguments, f"{site}{path}")
    done = scrapy(*command, DATABASE_URL=NO_DATABASE)
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout
    assert "ERROR" not in done.stderr


def test_a_walk_without_pipelines_needs_no_database(scrapy: Scrapy, site: str) -> None:
    arguments = ("-s", "ITEM_PIPELINES={}", "-s", "SUMMARY_ENABLED=1")
    done = scrapy("crawl", "smartdaily", *arguments, SITE_URL=site, DATABASE_URL=NO_DATABASE)
    assert done.returncode == 0, done.stderr
    assert "healthy" in done.stdout
    assert "4 articles, 2 list pages, 2 categories" in done.stdout
    assert "ERROR" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (("CLOSESPIDER_ITEMCOUNT=2",), "CLOSESPIDER_ITEMCOUNT was reached"),
        (("CLOSESPIDER_PAGECOUNT=3",), "CLOSESPIDER_PAGECOUNT was reached"),
        # Eight pages, half a second apart at the least.
        (
            ("CLOSESPIDER_TIMEOUT=1", "DOWNLOAD_DELAY=1", "CONCURRENT_REQUESTS_PER_DOMAIN=1"),
            "CLOSESPIDER_TIMEOUT was reached",
        ),
        (("DEPTH_LIMIT=1",), "DEPTH_LIMIT dropped 4 requests"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_limit_stops_the_run(
    scrapy: Scrapy, site: str, engine: Engine, settings: tuple[str, ...], reason: str
) -> None:
    given = (part for setting in settings for part in ("-s", setting))
    done = scrapy("crawl", "smartdaily", *given, SITE_URL=site)
    assert done.returncode == 4, done.stderr
    [run] = select(engine, "SELECT verdict, stats->'run/reasons' AS reasons FROM api.run")
    assert run == {"verdict": "stopped", "reasons": [reason]}
    assert {end for end, _ in outcomes(engine).values()} <= {"stored", "skipped"}


def test_other_spiders_run_beside_the_projects_own(scrapy: Scrapy, site: str, engine: Engine, tmp_path: Path) -> None:
    # A folder of its own: other tests list the project's spiders meanwhile.
    spider = tmp_path / "more_spiders" / "beside_ours.py"
    spider.parent.mkdir()
    (spider.parent / "__init__.py").touch()
    path = {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    modules = ("-s", "SPIDER_MODULES=smartdaily_crawler.spiders,more_spiders")
    made = scrapy("genspider", "-s", "NEWSPIDER_MODULE=more_spiders", "beside_ours", "127.0.0.1", **path)
    assert made.returncode == 0, made.stderr
    source = spider.read_text().replace("https://127.0.0.1", site)
    spider.write_text(source.replace("pass", 'yield {"url": response.url}'))
    assert scrapy("list", *modules, **path).stdout.split() == ["beside_ours", "smartdaily"]
    done = scrapy("crawl", "beside_ours", *modules, "-o", "-:jsonlines", **path)
    extension = "scrapy.extensions.debug.Debugger"
    setting = f'EXTENSIONS={{"{extension}": 1}}'
    parsed = scrapy("parse", "--spider", "beside_ours", *modules, "-s", setting, site, **path)
    assert "'item_scraped_count': 1" in done.stderr, done.stderr
    assert f"'{extension}'" in parsed.stderr, "parse leaves another spider its extensions"
    assert "ERROR" not in done.stderr
    assert "Enabled extensions:" in done.stderr
    assert "Overridden settings:" in done.stderr
    assert select(engine, "SELECT 1 FROM api.run") == []


def test_shell_fetch_and_check(scrapy: Scrapy, site: str) -> None:
    shown = scrapy("shell", "-c", "response.css('h1::text').get()", f"{site}a/1.html", DATABASE_URL=NO_DATABASE)
    assert TITLES[1] in shown.stdout, shown.stderr
    fetched = scrapy("fetch", "--nolog", f"{site}a/1.html", DATABASE_URL=NO_DATABASE)
    assert TITLES[1] in fetched.stdout
    checked = scrapy("check")
    assert checked.returncode == 0
    assert "OK" in checked.stderr


@pytest.mark.parametrize("verb", [("shell", "-c", "1"), ("fetch",), ("view",)], ids=lambda value: value[0])
@pytest.mark.parametrize(
    ("spider", "complaint"),
    [
        ("smartdaily", "the spider 'smartdaily' needs a site: set SITE_URL, or give -s SITE_URL=https://…"),
        ("nobody", "there is no spider 'nobody'; `scrapy list` shows them"),
    ],
)
def test_a_spider_that_cannot_be_made_is_one_line(
    scrapy: Scrapy, site: str, verb: tuple[str, ...], spider: str, complaint: str
) -> None:
    done = scrapy(*verb, "--nolog", "--spider", spider, site)
    assert done.returncode == 2
    assert done.stderr == f"scrapy {verb[0]}: {complaint}\n"


def test_shell_and_fetch_take_our_spider_without_a_run(scrapy: Scrapy, site: str, engine: Engine) -> None:
    page = ("--spider", "smartdaily", f"{site}a/1.html")
    shown = scrapy("shell", "-c", "spider.name + response.css('h1::text').get()", *page, SITE_URL=site)
    assert f"smartdaily{TITLES[1]}" in shown.stdout, shown.stderr
    fetched = scrapy("fetch", *page, SITE_URL=site)
    assert TITLES[1] in fetched.stdout, fetched.stderr
    for done in (shown, fetched):
        assert done.returncode == 0
        assert "ERROR" not in done.stderr
    assert select(engine, "SELECT 1 FROM api.run") == []


def test_view_opens_the_page_in_a_browser(scrapy: Scrapy, site: str, tmp_path: Path) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen.html"
    browser.write_text(f'#!/bin/sh\ncp "${{1#file://}}" {seen}\n')
    browser.chmod(0o755)
    done = scrapy("view", f"{site}a/1.html", BROWSER=f"{browser} %s", DATABASE_URL=NO_DATABASE)
    assert done.returncode == 0, done.stderr
    assert TITLES[1] in seen.read_text(encoding="utf-8")


def test_bench_runs(scrapy: Scrapy, engine: Engine) -> None:
    done = scrapy("bench", "-s", "CLOSESPIDER_TIMEOUT=1")
    assert done.returncode == 0, done.stderr
    assert "Spider closed (closespider_timeout)" in done.stderr
    assert select(engine, "SELECT 1 FROM api.run") == []


def test_runspider_runs_a_plain_spider(scrapy: Scrapy, site: str, tmp_path: Path, engine: Engine) -> None:
    file, output = tmp_path / "plain.py", tmp_path / "out.jsonl"
    file.write_text(
        "import scrapy\n\n\n"
        "class Plain(scrapy.Spider):\n"
        '    name = "plain"\n'
        f'    start_urls = ["{site}a/1.html"]\n\n'
        "    def parse(self, response):\n"
        '        yield {"title": response.css("h1::text").get()}\n'
    )
    done = scrapy("runspider", str(file), "-O", str(output))
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    assert json.loads(output.read_text(encoding="utf-8")) == {"title": TITLES[1]}
    assert select(engine, "SELECT 1 FROM api.run") == []


def test_errors_up_to_a_limit_stop_the_run(scrapy: Scrapy, site: str, tmp_path: Path, engine: Engine) -> None:
    file = tmp_path / "broken.py"
    file.write_text(
        "from smartdaily_crawler.spiders.smartdaily import SmartDailySpider\n\n\n"
        "class Broken(SmartDailySpider):\n"
        '    name = "broken"\n\n'
        "    async def parse_article(self, response):\n"
        '        raise ValueError("broken")\n'
        "        yield\n"
    )
    scrapy("runspider", str(file), "-a", f"site_url={site}", "-s", "CLOSESPIDER_ERRORCOUNT=1")
    [run] = select(engine, "SELECT verdict, reason, stats->'run/reasons' AS reasons FROM api.run")
    assert (run["verdict"], run["reason"]) == ("stopped", "closespider_errorcount")
    assert run["reasons"][0] == "CLOSESPIDER_ERRORCOUNT was reached"
