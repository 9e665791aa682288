"""The operator's commands, run as an operator types them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, text

from demo.server import serve
from demo.site import SMALL, Site
from pipelines.storage.db.site_lock import SiteLock
from pipelines.storage.write.runs import RunEnd, start_run
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_walk import ARTICLES, HOME, PARAGRAPHS, TITLES, article, numbered
from tests.waiting import HANGS, ROOT, wait_for
from tests.warm import start_warm

KEYS = [
    "file", "title", "published_on", "published_at", "source", "author", "editor", "summary", "updated_at",
    "body", "images", "teasers", "categories", "provenance", "rejected", "silent",
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
    for arguments in (
        ["vacuum"],
        ["move", "http://a.example/"],
        ["move", "a", "b"],
        ["prune"],
        ["prune", "--keep-days", "0"],
        ["check", "--keep-days", "9"],
    ):
        assert db(*arguments).returncode == 2
    assert db().returncode == 2


def test_runs_are_listed_newest_first(scrapy: Scrapy) -> None:
    assert "No run yet" in scrapy("runs").stdout
    with serve(Site(day=1)) as server:
        for categories in ("笔记本", "平板电脑"):
            arguments = ("-a", f"categories={categories}", "-a", "follow_teasers=false")
            assert scrapy("crawl", "smartdaily", *arguments, SITE_URL=server.url).returncode == 0
    lines, site = scrapy("runs").stdout.splitlines(), urlsplit(server.url).netloc
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    printed = [line for page in pages for line in page.read_text(encoding="utf-8").splitlines() if line[:6] == " run  "]
    assert len(printed) >= 3
    assert [line.split() for line in printed] == [lines[0].split()] * len(printed)
    assert [line.split()[:4] for line in lines[1:]] == [[number, site, "smartdaily", "-"] for number in "21"]
    assert all(line.endswith("healthy") and "+08:00" in line for line in lines[1:])
    assert len(scrapy("runs", "-n", "1").stdout.splitlines()) == 2
    assert scrapy("runs", "-n", "0").returncode == 2


SITES = ("news.example", "other.example")
OVERLAP = "another run of the site is under way"


@pytest.fixture
def recorded(engine: Engine) -> Engine:
    """Five ended runs: a healthy and a refused one of each site, and one of a scrapyd job that was degraded."""
    for site in SITES:
        for verdict, reason, stats in (
            ("healthy", "finished", {"outcome/article/stored": 3, "outcome/part/stored": 1, "run/reasons": []}),
            ("refused", "overlap", {"run/reasons": [OVERLAP]}),
        ):
            record(engine, site, RunEnd(reason, verdict, stats))
    told = {"run/reasons": ["1 list page failed", "robots.txt could not be read"]}
    record(engine, SITES[0], RunEnd("finished", "degraded", told), job="a1")
    return engine


def record(engine: Engine, site: str, end: RunEnd, *, job: str | None = None) -> None:
    start_run(
        engine, spider="smartdaily", site=site, base_url=f"http://{site}/", timezone="Asia/Shanghai", job=job,
        version="1", arguments={"mode": "full"}, ended=end,
    )  # fmt: skip


def test_runs_tell_why_in_words(scrapy: Scrapy, recorded: Engine) -> None:
    del recorded
    lines = scrapy("runs").stdout.splitlines()
    assert len(lines) == 6
    assert lines[1].split()[:4] == ["5", SITES[0], "smartdaily", "a1"]
    assert lines[1].endswith("degraded  1 list page failed; robots.txt could not be read")
    assert lines[2].endswith(f"refused   {OVERLAP}")


def test_runs_as_json(scrapy: Scrapy, recorded: Engine) -> None:
    rows = [json.loads(line) for line in scrapy("runs", "--json").stdout.splitlines()]
    assert [row["run"] for row in rows] == [5, 4, 3, 2, 1]
    stored = select(recorded, "SELECT started_at, finished_at FROM api.run WHERE run_id = 1")[0]
    times = {name: datetime.fromisoformat(rows[-1].pop(name)) for name in ("started", "finished")}
    assert times == {
        "started": stored["started_at"].replace(microsecond=0),
        "finished": stored["finished_at"].replace(microsecond=0),
    }
    none = dict.fromkeys(("read", "unchanged", "not_modified", "duplicate", "gone", "rejected", "failed", "skipped"), 0)
    assert rows[-1] == {
        "run": 1, "site": SITES[0], "spider": "smartdaily", "job": None, "version": "1", "arguments": {"mode": "full"},
        "verdict": "healthy", "reason": "finished", "reasons": [], "new_in": None,
            "outcomes": {"stored": 4, **none},
    }  # fmt: skip
    assert (rows[0]["job"], rows[0]["verdict"], rows[0]["reason"]) == ("a1", "degraded", "finished")
    assert rows[0]["reasons"] == ["1 list page failed", "robots.txt could not be read"]


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        (("--site", SITES[1]), [4, 3]),
        (("--verdict", "healthy"), [3, 1]),
        (("--verdict", "degraded,refused"), [5, 4, 2]),
        (("--verdict", "refused", "--site", SITES[0]), [2]),
        (("--since", "2000-01-01", "--limit", "2"), [5, 4]),
        (("--since", "2999-01-01T00:00+08:00"), []),
        (("--verdict", "running"), []),
    ],
)
def test_runs_can_be_filtered(scrapy: Scrapy, recorded: Engine, arguments: tuple[str, ...], runs: list[int]) -> None:
    del recorded
    done = scrapy("runs", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["run"] for line in done.stdout.splitlines()] == runs
    if not runs:
        assert scrapy("runs", *arguments).stdout == "No such run\n"


def test_a_day_without_a_zone_is_one_of_the_site(scrapy: Scrapy, recorded: Engine) -> None:
    """17:00 UTC is 01:00 of the next day there."""
    with recorded.begin() as connection:
        connection.execute(text("UPDATE crawl.crawl_run SET started_at = '2026-03-05T17:00Z' WHERE run_id = 1"))
        connection.execute(text("UPDATE crawl.crawl_run SET started_at = '2026-03-05T15:00Z' WHERE run_id > 1"))
    for since in ("2026-03-06", "2026-03-06T00:30", "2026-03-05T16:30+00:00"):
        lines = scrapy("runs", "--json", "--since", since).stdout.splitlines()
        assert [json.loads(line)["run"] for line in lines] == [1], since


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--verdict", "ill"), ("--verdict", "healthy", "running", "'ill'")),
        (("--since", "yesterday"), ("--since", "2026-03-06", "'yesterday'")),
        (("--since", ""), ("--since", "''")),
        (("--site", "no.example"), ("--site", "'no.example'", *SITES)),
        (("--limit", "many"), ("--number", "'many'")),
        (("--limit", "-1"), ("--number", "'-1'")),
        (("5",), ("options", "'5'")),
    ],
)
def test_a_bad_filter_is_one_line(
    scrapy: Scrapy, recorded: Engine, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    del recorded
    done = scrapy("runs", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert all(word in line for word in words), line


def test_a_killed_run_is_shown_as_aborted_at_once(
    scrapy: Scrapy, database_url: str, engine: Engine, tmp_path: Path
) -> None:
    def shown() -> list[tuple[object, ...]]:
        rows = [json.loads(line) for line in scrapy("runs", "--json").stdout.splitlines()]
        return [(row["verdict"], row["reason"], row["reasons"]) for row in rows]

    aborted = ("failed", "aborted", ["aborted: its process is gone"])
    with serve(Site(day=10)) as server:
        environment = {"DATABASE_URL": database_url, "SITE_URL": server.url, "DATA_DIR": str(tmp_path)}
        with start_warm("scrapy", "crawl", "smartdaily", environment=os.environ | environment) as run:
            wait_for(lambda: len(server.log) >= 50 or run.poll() is not None)
            assert shown() == [("running", None, [])]
            run.send_signal(signal.SIGKILL)
            run.wait()
        wait_for(lambda: shown() == [aborted])  # the server notices at its next look at the connection
        assert [json.loads(line)["run"] for line in scrapy("runs", "--json", "--verdict", "failed").stdout.splitlines()]
        assert "aborted: its process is gone" in scrapy("runs").stdout
        assert select(engine, "SELECT finished_at, reason FROM api.run") == [{"finished_at": None, "reason": None}]

        server.site = Site(day=1, categories=SMALL)
        assert scrapy("crawl", "smartdaily", "-a", "max_pages=1", SITE_URL=server.url).returncode in (0, 4)
    assert shown()[1] == aborted
    assert select(engine, "SELECT reason FROM api.run ORDER BY run_id")[0]["reason"] == "aborted"


def test_only_the_last_open_run_of_a_site_can_be_running(scrapy: Scrapy, engine: Engine) -> None:
    """A run that died leaves an open row, and the site's lock is held by the next one."""
    sites = {"one": "a.example", "other": "b.example"}
    for name in ("one", "one", "other"):
        start_run(
            engine, spider="smartdaily", site=sites[name], base_url="http://x/", timezone="Asia/Shanghai", job=None,
            version="1", arguments={},
        )  # fmt: skip
    lock = SiteLock(engine, sites["one"])
    lock.take()
    rows = [json.loads(line) for line in scrapy("runs", "--json").stdout.splitlines()]
    lock.release()
    assert [(row["run"], row["verdict"]) for row in rows] == [(3, "failed"), (2, "running"), (1, "failed")]


def test_a_terminated_run_is_recorded(database_url: str, engine: Engine, tmp_path: Path) -> None:
    with serve(Site(day=10)) as server:
        environment = {"DATABASE_URL": database_url, "SITE_URL": server.url, "DATA_DIR": str(tmp_path)}
        with start_warm("scrapy", "crawl", "smartdaily", environment=os.environ | environment) as run:
            wait_for(lambda: len(server.log) >= 60 or run.poll() is not None)
            assert run.poll() is None
            run.send_signal(signal.SIGTERM)
            done = run.wait()
    assert done.returncode == 4, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
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


PAGES: dict[str, Answer | str] = {"/": HOME, "/phone/": numbered(1, 2), "/pc/": numbered(3, 4), **ARTICLES}
BROKEN: dict[str, Answer | str] = {**PAGES, "/pc/": Answer(status=404)}


@pytest.mark.parametrize(
    ("pages", "mailed"),
    [
        (PAGES, []),
        (BROKEN, ["scrapy crawl: degraded: 1 list page failed; only 1 of 2 categories showed articles"]),
        ({}, ["scrapy crawl: failed: {url}: its home page could not be fetched (http_404)"]),
    ],
)
def test_cron_mails_the_reasons(
    scrapy: Scrapy, serve_pages: ServePages, tmp_path: Path, pages: dict[str, Answer | str], mailed: list[str]
) -> None:
    """A crontab mails what a command prints, on either stream."""
    url = serve_pages(pages)
    done = scrapy("crawl", "smartdaily", "-s", f"LOG_FILE={tmp_path / 'crawl.log'}", SITE_URL=url)
    assert (done.stdout, done.stderr.splitlines()) == ("", [line.format(url=url) for line in mailed])
    assert bool(done.returncode) == bool(mailed)
    assert f"verdict: {'degraded' if pages is BROKEN else 'healthy' if pages else 'failed'}" in (
        tmp_path / "crawl.log"
    ).read_text(encoding="utf-8")


def test_the_line_comes_last_where_the_log_is_on_standard_error(scrapy: Scrapy, serve_pages: ServePages) -> None:
    done = scrapy("crawl", "smartdaily", SITE_URL=serve_pages(BROKEN))
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("scrapy crawl: degraded: 1 list page failed")


def test_a_crawl_on_a_terminal_ends_with_its_summary(
    serve_pages: ServePages, database_url: str, tmp_path: Path
) -> None:
    here, there = pty.openpty()
    log = tmp_path / "stderr"
    with log.open("w") as stderr:
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", "smartdaily"],
            cwd=ROOT,
            env=os.environ
            | {"DATABASE_URL": database_url, "SITE_URL": serve_pages(PAGES), "DATA_DIR": str(tmp_path), "TERM": "dumb"},
            stdin=subprocess.DEVNULL,
            stdout=there,
            stderr=stderr,
            timeout=HANGS,
            check=False,
        )
    os.close(there)
    shown = os.read(here, 65_536).decode()  # a summary is far smaller than a terminal's buffer
    os.close(here)
    assert done.returncode == 0, log.read_text()
    assert shown.split("\r\n")[2].split() == ["verdict", "healthy"]
    assert "4 articles, 2 list pages, 2 categories" in shown


def test_the_log_starts_without_components_unless_asked(scrapy: Scrapy, serve_pages: ServePages) -> None:
    url = serve_pages(PAGES)
    before, _, _ = scrapy("crawl", "smartdaily", SITE_URL=url).stderr.partition("Spider opened")
    assert len(before.splitlines()) <= 5, before
    everything = scrapy("crawl", "smartdaily", "-L", "DEBUG", SITE_URL=url).stderr
    for words in ("Enabled extensions:", "Enabled downloader middlewares:", "Enabled item pipelines:", "Overridden"):
        assert words not in before
        assert words in everything
