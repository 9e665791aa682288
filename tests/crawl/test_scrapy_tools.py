"""The project is a Scrapy project like any other: Scrapy's own commands and settings work in it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.crawl.conftest import Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_walk import HOME, TITLES, article, listing, outcomes
from tests.waiting import ROOT

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
def test_parse_needs_no_database(
    scrapy: Scrapy, site: str, path: str, arguments: tuple[str, ...], shown: str
) -> None:
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
    ("setting", "reason"),
    [
        ("CLOSESPIDER_ITEMCOUNT=2", "CLOSESPIDER_ITEMCOUNT was reached"),
        ("DEPTH_LIMIT=1", "DEPTH_LIMIT dropped 4 requests"),
    ],
)
def test_a_limit_stops_the_run(scrapy: Scrapy, site: str, engine: Engine, setting: str, reason: str) -> None:
    done = scrapy("crawl", "smartdaily", "-s", setting, SITE_URL=site)
    assert done.returncode == 4, done.stderr
    [run] = select(engine, "SELECT verdict, stats->'run/reasons' AS reasons FROM api.run")
    assert run == {"verdict": "stopped", "reasons": [reason]}
    assert {end for end, _ in outcomes(engine).values()} <= {"stored", "skipped"}


def test_other_spiders_run_beside_the_projects_own(scrapy: Scrapy, site: str, engine: Engine) -> None:
    spider = ROOT / "smartdaily_crawler" / "spiders" / "beside_ours.py"
    try:
        assert scrapy("genspider", "beside_ours", "127.0.0.1").returncode == 0
        source = spider.read_text().replace("https://127.0.0.1", site)
        spider.write_text(source.replace("pass", 'yield {"url": response.url}'))
        done = scrapy("crawl", "beside_ours", "-o", "-:jsonlines")
    finally:
        spider.unlink(missing_ok=True)
    assert "'item_scraped_count': 1" in done.stderr, done.stderr
    assert "ERROR" not in done.stderr
    assert select(engine, "SELECT 1 FROM api.run") == []


def test_shell_fetch_and_check(scrapy: Scrapy, site: str) -> None:
    shown = scrapy(
        "shell", "-c", "response.css('h1::text').get()", f"{site}a/1.html", DATABASE_URL=NO_DATABASE
    )
    assert TITLES[1] in shown.stdout, shown.stderr
    fetched = scrapy("fetch", "--nolog", f"{site}a/1.html", DATABASE_URL=NO_DATABASE)
    assert TITLES[1] in fetched.stdout
    checked = scrapy("check")
    assert checked.returncode == 0
    assert "OK" in checked.stderr
