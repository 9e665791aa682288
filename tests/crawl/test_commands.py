"""The operator's commands, run as an operator types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import Site
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_walk import PARAGRAPHS, TITLES, article
from tests.waiting import HANGS, ROOT, wait_for

KEYS = [
    "file", "title", "published_on", "published_at", "source", "author", "editor", "summary", "updated_at",
    "body", "images", "teasers", "categories", "provenance", "rejected",
]  # fmt: skip


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    page = tmp_path / "saved.html"
    page.write_text(article(TITLES[0]).replace("2026-03-06 08:30", "昨天 21:05"), encoding="utf-8")
    return page


def test_inspect_gives_one_json_object_a_file(scrapy: Scrapy, saved: Path) -> None:
    done = scrapy(
        "inspect", "--json", "--url", "https://news.example/a/1.html", "--at", "2026-03-06T20:00:00+08:00",
        str(saved), str(saved),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts, again = (json.loads(line) for line in done.stdout.splitlines())
    assert facts == again
    assert list(facts) == KEYS
    assert facts["file"] == str(saved)
    assert facts["title"] == TITLES[0]
    assert facts["published_on"] == "2026-03-05"
    assert facts["published_at"] == "2026-03-05T21:05:00+08:00"
    assert (facts["source"], facts["author"], facts["editor"]) == ("测试台", None, "小林")
    assert facts["body"] == list(PARAGRAPHS)
    assert facts["rejected"] is None
    assert facts["provenance"]["title"] == "structure"


def test_inspect_reads_and_prints_times_in_the_profiles_zone(scrapy: Scrapy, saved: Path, tmp_path: Path) -> None:
    profile = tmp_path / "overseas.toml"
    profile.write_text('title = "海外报"\ntimezone = "America/New_York"\n', encoding="utf-8")
    done = scrapy("inspect", "--json", "--profile-file", str(profile), "--at", "2026-03-06T00:30:00", str(saved))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["published_at"] == "2026-03-05T21:05:00-05:00"


def test_inspect_fetches_a_url(scrapy: Scrapy, serve_pages: ServePages) -> None:
    url = serve_pages({"/a/1.html": article(TITLES[1]), "/a/2.html": Answer(status=404)})
    done = scrapy("inspect", "--json", "-L", "ERROR", f"{url}a/1.html", f"{url}a/2.html")
    assert done.returncode == 1
    assert "http_404" in done.stderr
    assert "Traceback" not in done.stderr
    [facts] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (facts["url"], facts["title"]) == (f"{url}a/1.html", TITLES[1])


def test_inspect_reports_why_a_page_is_no_article(scrapy: Scrapy, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<html></html>")
    done = scrapy("inspect", "--json", str(tmp_path / "empty.html"))
    assert json.loads(done.stdout)["rejected"]


def test_inspect_prints_a_table_for_a_person(scrapy: Scrapy, saved: Path) -> None:
    done = scrapy("inspect", str(saved))
    assert TITLES[0] in done.stdout
    assert "structure" in done.stdout


def test_inspect_prints_brackets_and_colons_of_a_page_as_they_are(scrapy: Scrapy, tmp_path: Path) -> None:
    title = "[b]新机[/i]首发 :cn:"
    page = tmp_path / "page[b].html"
    page.write_text(article(title), encoding="utf-8")
    done = scrapy("inspect", str(page))
    assert done.returncode == 0, done.stderr
    assert title in done.stdout
    assert page.name in done.stdout.replace("\n", "")


def test_db_commands(scrapy: Scrapy, empty_database_url: str) -> None:
    def db(*arguments: str) -> subprocess.CompletedProcess[str]:
        return scrapy("db", *arguments, DATABASE_URL=empty_database_url)

    assert db("check").returncode == 1
    assert db("upgrade").returncode == 0
    assert db("upgrade").returncode == 0
    assert db("check").returncode == 0
    assert db("url").stdout.strip().startswith("postgresql://")
    assert db("psql", "-Atc", "SELECT count(*) FROM api.article").stdout == "0\n"
    assert db("psql", "-c", "SELECT nothing").returncode == 1
    assert db("prune", "--keep-days", "30").stdout == "0 outcomes deleted\n"
    for arguments in (["vacuum"], ["prune"], ["prune", "--keep-days", "0"], ["check", "--keep-days", "9"]):
        assert db(*arguments).returncode == 2
    assert db().returncode == 2


def test_runs_are_listed_newest_first(scrapy: Scrapy) -> None:
    assert "No run yet" in scrapy("runs").stdout
    with serve(Site(day=1)) as server:
        for categories in ("笔记本", "平板电脑"):
            arguments = ("-a", f"categories={categories}", "-a", "follow_teasers=false")
            assert scrapy("crawl", "smartdaily", *arguments, SITE_URL=server.url).returncode == 0
    lines = scrapy("runs").stdout.splitlines()
    assert lines[0].split()[:3] == ["run", "spider", "started"]
    assert [line.split()[0] for line in lines[1:]] == ["2", "1"]
    assert all("healthy" in line and "+08:00" in line for line in lines[1:])
    assert len(scrapy("runs", "-n", "1").stdout.splitlines()) == 2
    assert scrapy("runs", "-n", "0").returncode == 2


def test_a_terminated_run_is_recorded(database_url: str, engine: Engine, tmp_path: Path) -> None:
    log = tmp_path / "crawl.log"
    with serve(Site(day=10)) as server, log.open("w") as stderr:
        run = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "smartdaily"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": database_url, "SITE_URL": server.url, "DATA_DIR": str(tmp_path)},
            stderr=stderr,
        )
        wait_for(lambda: len(server.log) >= 150 or run.poll() is not None)
        assert run.poll() is None
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=HANGS)
    assert run.returncode == 4, log.read_text()[-2000:]
    assert "Traceback" not in log.read_text()
    [ended] = select(engine, "SELECT reason, verdict, finished_at FROM api.run")
    assert (ended["reason"], ended["verdict"]) == ("shutdown", "stopped")
    assert ended["finished_at"]
    ends = select(engine, "SELECT outcome, reason, count(*) AS n FROM api.outcome GROUP BY 1, 2")
    skipped = {row["reason"]: row["n"] for row in ends if row["outcome"] == "skipped"}
    assert skipped["run_stopped"] > 0
    assert not [row for row in ends if row["outcome"] == "failed"], ends
    assert select(engine, "SELECT min(published_on) AS day FROM api.article WHERE state = 'fetched'")[0]["day"] > date(
        2026, 2, 1
    )
