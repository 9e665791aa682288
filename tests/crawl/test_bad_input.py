"""Bad input gives one clear line and a non-zero exit: no traceback, no silent success."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import Site
from pipelines.storage.write.runs import start_run
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select

PLAIN = "<html><body><h1>It works!</h1></body></html>"


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def assert_one_line(done: object, *words: str) -> None:
    """Expect one line of the crawler's with ``words``, and at most Scrapy's own two on the failed request."""
    stderr: str = done.stderr  # type: ignore[attr-defined]
    assert done.returncode != 0  # type: ignore[attr-defined]
    assert "Traceback" not in stderr
    lines = [line for line in stderr.splitlines() if all(word in line for word in words)]
    assert lines, stderr
    errors = [line for line in stderr.splitlines() if "] ERROR:" in line]
    assert len(errors) <= 3, errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("crawl", "smartdaily"), ("SITE_URL",)),
        (("crawl", "smartdaily", "-a", "site_url=news.example"), ("site_url", "news.example")),
        (("crawl", "smartdaily", "-a", "site_url=ftp://news.example/"), ("site_url", "ftp")),
        (("crawl", "smartdaily", "-a", "site_url=http://127.0.0.1:99999/"), ("site_url", "99999")),
        (("crawl", "smartdaily", "-a", "site_url=http://x/", "-a", "max_pages=0"), ("max_pages", "'0'")),
        (("crawl", "smartdaily", "-a", "site_url=http://x/", "-a", "follow_teasers=maybe"), ("follow_teasers",)),
        (("crawl", "smartdaily", "-a", "site_url=http://x/", "-a", "catgories=a"), ("catgories",)),
        (("crawl", "smartdaily", "-a", "site_url=http://x/", "-a", "profile=no.toml"), ("no.toml",)),
        (("crawl", "smartdaily", "-a", "site_url=http://x/", "-O", "out.foo:foo"), ("format", "foo")),
        (("crawl", "nobody", "-a", "site_url=http://x/"), ("nobody",)),
        (("inspect", "no-such-file.html"), ("no-such-file.html",)),
        (("inspect", "--at", "yesterday", "x.html"), ("--at", "yesterday")),
        (("inspect", "--url", "news", "x.html"), ("news",)),
    ],
)
def test_bad_arguments(scrapy: Scrapy, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = scrapy(*arguments)
    assert done.returncode == (1 if arguments[-1].endswith("-file.html") else 2)
    assert "Traceback" not in done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert all(word in line for word in words), done.stderr


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("CAUGHT_UP_AFTER=ten", ("CAUGHT_UP_AFTER", "'ten'")),
        ("REVISIT_SCHEDULE=often", ("REVISIT_SCHEDULE", "'often'")),
        ("PERSIST_BATCH_SIZE=0", ("PERSIST_BATCH_SIZE", "'0'")),
        ("CRAWL_DELAY_MAX=-1", ("CRAWL_DELAY_MAX", "'-1'")),
        ("DATABASE_TIMEOUT=0", ("DATABASE_TIMEOUT", "'0'")),
    ],
)
def test_a_bad_setting_is_one_line(scrapy: Scrapy, tmp_path: Path, setting: str, words: tuple[str, ...]) -> None:
    log = tmp_path / "job.log"
    done = scrapy("crawl", "smartdaily", "-s", setting, SITE_URL="http://x/", SCRAPY_JOB="1", LOG_FILE=str(log))
    assert done.returncode == 2
    for lines in (done.stderr.strip().splitlines(), log.read_text().strip().splitlines()):
        assert all(word in lines[-1] for word in words), lines
        assert not [line for line in lines if "Traceback" in line]


def test_a_bad_setting_of_an_operators_command_is_one_line(scrapy: Scrapy) -> None:
    done = scrapy("db", "check", "-s", "DATABASE_TIMEOUT=soon")
    assert done.returncode == 2
    assert done.stderr == "scrapy db: DATABASE_TIMEOUT takes a number of seconds from 0.001 up, not 'soon'\n"


def test_a_misspelt_setting_gives_a_warning(scrapy: Scrapy, closed_port: int) -> None:
    arguments = ("-s", "CAUGHT_UP_AFTR=3", "-s", "REVISIT_LADDER=", "-s", "MY_OWN=1", "-s", "RETRY_TIMES=0")
    done = scrapy("crawl", "smartdaily", *arguments, SITE_URL=f"http://127.0.0.1:{closed_port}/")
    warnings = [line for line in done.stderr.splitlines() if "Unknown setting" in line]
    assert len(warnings) == 2, done.stderr
    assert warnings[0].endswith("CAUGHT_UP_AFTR; did you mean CAUGHT_UP_AFTER?")
    assert warnings[1].endswith("REVISIT_LADDER; did you mean REVISIT_SCHEDULE?")


def test_unreachable_site(scrapy: Scrapy, closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}/"
    assert_one_line(scrapy("crawl", "smartdaily", SITE_URL=url), url, "cannot be reached")


def test_unknown_host(scrapy: Scrapy) -> None:
    # Each lookup of the name takes some seconds.
    done = scrapy("crawl", "smartdaily", "-s", "RETRY_TIMES=0", SITE_URL="http://nosuchhost.invalid/")
    assert_one_line(done, "nosuchhost.invalid", "cannot")


def test_site_without_categories(scrapy: Scrapy, serve_pages: ServePages) -> None:
    url = serve_pages({"/": PLAIN})
    assert_one_line(scrapy("crawl", "smartdaily", SITE_URL=url), url, "no category")


def test_home_page_is_missing(scrapy: Scrapy, serve_pages: ServePages) -> None:
    url = serve_pages({})
    assert_one_line(scrapy("crawl", "smartdaily", SITE_URL=url), url, "http_404")


def test_forbidden_by_robots(scrapy: Scrapy, serve_pages: ServePages) -> None:
    url = serve_pages({"/": PLAIN, "/robots.txt": "User-agent: *\nDisallow: /"})
    assert_one_line(scrapy("crawl", "smartdaily", SITE_URL=url), url, "robots.txt forbids")


def test_robots_txt_with_a_server_error_allows_nothing(scrapy: Scrapy, serve_pages: ServePages) -> None:
    url = serve_pages({"/": PLAIN, "/robots.txt": Answer(status=503)})
    assert_one_line(scrapy("crawl", "smartdaily", SITE_URL=url), f"{url}robots.txt", "503")


def test_unknown_category(scrapy: Scrapy) -> None:
    with serve(Site(day=1)) as server:
        done = scrapy("crawl", "smartdaily", "-a", "categories=天气", SITE_URL=server.url)
    assert_one_line(done, "天气", "业界资讯")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://nobody@127.0.0.1:{port}/news", ("127.0.0.1", "{port}", "refused")),
        ("postgresql://nobody:secret@nosuchhost.invalid/news", ("nosuchhost.invalid",)),
        ("mysql://nobody@127.0.0.1/news", ("postgresql://user",)),
        ("not an address", ("postgresql://user",)),
    ],
)
def test_database_refuses(scrapy: Scrapy, closed_port: int, url: str, words: tuple[str, ...]) -> None:
    address = url.format(port=closed_port)
    done = scrapy("crawl", "smartdaily", SITE_URL=f"http://127.0.0.1:{closed_port}/", DATABASE_URL=address)
    assert_one_line(done, *(word.format(port=closed_port) for word in words))
    assert "secret" not in done.stderr
    done = scrapy("db", "check", DATABASE_URL=address)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_empty_database_is_reported(scrapy: Scrapy, empty_database_url: str) -> None:
    done = scrapy("crawl", "smartdaily", SITE_URL="http://127.0.0.1:9/", DATABASE_URL=empty_database_url)
    assert_one_line(done, "scrapy db upgrade")


@pytest.mark.parametrize(
    ("arguments", "environment"), [(("-a", "_job=1"), {}), (("-s", "JOB=1"), {}), ((), {"SCRAPY_JOB": "1"})]
)
def test_scrapyd_needs_a_database(scrapy: Scrapy, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    done = scrapy("crawl", "smartdaily", *arguments, SITE_URL="http://127.0.0.1:9/", DATABASE_URL="", **environment)
    assert_one_line(done, "DATABASE_URL", "scrapyd")


def test_a_refused_job_has_a_row(scrapy: Scrapy, engine: Engine) -> None:
    scrapy("crawl", "smartdaily", "-a", "_job=7", "-a", "mode=all", SITE_URL="http://news.example/")
    [run] = select(engine, "SELECT * FROM api.run")
    assert (run["job"], run["reason"], run["verdict"]) == ("7", "bad_argument", "failed")
    assert run["arguments"] == {"mode": "all", "site_url": "http://news.example/"}
    shown = scrapy("runs").stdout
    assert "mode takes incremental, full, backfill, not 'all'" in shown


@pytest.mark.parametrize(
    ("arguments", "environment", "warns"),
    [
        (("-a", "_job=7", "-a", "site_url=news.example"), {}, True),  # a row is one of a site
        (("-a", "mode=all"), {}, False),  # no job: its operator reads standard error
        (("-a", "_job=7", "-a", "mode=all"), {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, True),
        (("-a", "_job=7", "-a", "mode=all"), {"DATABASE_URL": ""}, False),
        (("-a", "_job=7", "-s", "DATABASE_TIMEOUT=soon"), {}, True),
    ],
)
def test_a_refused_run_without_a_row(
    scrapy: Scrapy, engine: Engine, arguments: tuple[str, ...], environment: dict[str, str], *, warns: bool
) -> None:
    done = scrapy("crawl", "smartdaily", *arguments, **{"SITE_URL": "http://news.example/", **environment})
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert ("has no row in api.run" in done.stderr) is warns
    assert select(engine, "SELECT 1 FROM api.run") == []


def test_a_refused_job_leaves_the_site_as_it_is(scrapy: Scrapy, engine: Engine) -> None:
    start_run(
        engine, spider="smartdaily", site="news.example", base_url="https://news.example/", timezone="Asia/Taipei",
        job=None, version="1", arguments={},
    )  # fmt: skip
    scrapy("crawl", "smartdaily", "-a", "_job=7", "-a", "mode=all", SITE_URL="http://news.example/")
    assert len(select(engine, "SELECT 1 FROM api.run")) == 2
    assert select(engine, "SELECT base_url, timezone FROM api.site") == [
        {"base_url": "https://news.example/", "timezone": "Asia/Taipei"}
    ]
