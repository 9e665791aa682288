"""The archive: what a crawl writes, what other tools say of it, and what reading it again changes."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from warcio.archiveiterator import ArchiveIterator

from demo.server import Server
from smartdaily_crawler.cli.page.reading import LoadedPage, Rules, read
from smartdaily_crawler.pages.article_page import ArticlePage
from smartdaily_crawler.sites.profile import read_profile
from smartdaily_crawler.spiders.smartdaily import SmartDailySpider
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import BEIJING, path_of, select, stats
from tests.crawl.test_walk import HOME, TITLES, article, listing

ALWAYS_DUE = ("-s", "REVISIT_SCHEDULE=9000d:0m")
RULE = "title = '例报'\n[selectors]\nbody = '.content > p:nth-of-type(-n+5)'\n"
ABSENT = "import sys\nsys.modules['warcio'] = None\n"


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.warc.gz"))


def records(folder: Path) -> list[dict[str, str]]:
    """Return the headers of all records, each with its place and, of a response, its status."""
    found = []
    for path in files(folder):
        with path.open("rb") as file:
            iterator = ArchiveIterator(file)
            for record in iterator:
                place = f"{path.relative_to(folder)}:{iterator.get_record_offset()}"
                status = record.http_headers.get_statuscode() if record.rec_type in ("response", "revisit") else ""
                found.append({**dict(record.rec_headers.headers), "place": place, "status": status})
    return found


def check(folder: Path) -> None:
    """Check the files by warcio's own command."""
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", *files(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "digest fail" not in done.stdout


def revisions(engine: Engine) -> list[dict[str, Any]]:
    return select(engine, "SELECT * FROM api.revision ORDER BY article_id, revision")


def check_counts(kept: list[dict[str, str]], counted: dict[str, Any], crawled: Server) -> Counter[str]:
    """Check that each response has a record; return the number of records by type."""
    kinds = Counter(record["WARC-Type"] for record in kept)
    # A page is requested twice if two URLs redirect to it at the same time.
    assert kinds["response"] + kinds["revisit"] == kinds["request"] == counted["archive/written"]
    revisited = [path_of(record["WARC-Target-URI"]) for record in kept if record["WARC-Type"] == "revisit"]
    assert len(revisited) == counted.get("archive/revisit", 0)
    requested = Counter(entry.path for entry in crawled.log)
    assert all(requested[path] > 1 for path in revisited)
    return kinds


def test_bundled_site(crawled: Server, scrapy: Scrapy, engine: Engine, tmp_path: Path) -> None:
    """A crawl into an archive; reading it again changes nothing; a changed rule revises what it touches, once."""
    folder = tmp_path / "archive"
    done = scrapy(
        *("crawl", "smartdaily", "-a", "mode=full", "-s", "ARCHIVE_FILE_SIZE=60000"),
        SITE_URL=crawled.url,
        ARCHIVE=str(folder),
    )
    assert done.returncode == 0, done.stderr
    counted = stats(engine)
    check(folder)
    kept = records(folder)
    kinds = check_counts(kept, counted, crawled)
    assert kinds["warcinfo"] == len(files(folder)) > 2
    assert f"{crawled.url}robots.txt" in {record["WARC-Target-URI"] for record in kept if "WARC-Target-URI" in record}
    assert all(path.stat().st_size < 100_000 for path in files(folder))
    places = {record["place"]: record["WARC-Target-URI"] for record in kept if record["WARC-Type"] == "response"}
    found = select(engine, "SELECT url, record FROM crawl.article WHERE state = 'fetched'")
    assert all(places[row["record"].split()[0]] == row["url"] for row in found)
    assert any(" " in row["record"] for row in found)  # with further pages

    before, crawled.log[:] = revisions(engine), []
    done = scrapy("reread", "--all", ARCHIVE=str(folder))
    assert done.returncode == 0, done.stderr
    assert f"{len(found)} pages read again" in done.stdout
    assert revisions(engine) == before
    assert "0 pages read again" in scrapy("reread", ARCHIVE=str(folder)).stdout  # all by this version

    (tmp_path / "site.toml").write_text(RULE, encoding="utf-8")
    profiles = (SmartDailySpider.profile, read_profile(tmp_path / "site.toml"))
    rules = [Rules(each.selectors, ArticlePage, BEIJING, each.language) for each in profiles]

    def is_touched(url: str) -> bool:
        page = LoadedPage({}, crawled.site.render(path_of(url)).body, "text/html; charset=utf-8", url)
        old, new = (read(page, each)["body"] for each in rules)
        return bool(old != new)

    touched = {row["url"] for row in found if any(is_touched(places[place]) for place in row["record"].split())}
    assert 0 < len(touched) < len(found)
    rule = ("-a", f"profile={tmp_path / 'site.toml'}")
    done = scrapy("reread", *rule, "--workers", "2", ARCHIVE=str(folder))
    assert done.returncode == 0, done.stderr
    assert f"body: {len(touched)}\n" in done.stdout
    again = select(
        engine,
        "SELECT a.url, v.* FROM api.revision v JOIN api.article a USING (article_id) WHERE reread_at IS NOT NULL",
    )
    assert {row["url"] for row in again} == touched
    assert len(again) == len(touched)
    assert all(row["changed_fields"] == ["body"] and row["parser_version"].startswith("1+") for row in again)
    assert {row["url"]: row["record"] for row in again}.items() <= {row["url"]: row["record"] for row in found}.items()
    after = revisions(engine)
    assert "0 revised" in scrapy("reread", *rule, "--all", ARCHIVE=str(folder)).stdout
    assert revisions(engine) == after
    assert crawled.log == []

    # Without the rule they would be read otherwise again; with it they are known, and no page is sent.
    done = scrapy("crawl", "smartdaily", *rule, *ALWAYS_DUE, SITE_URL=crawled.url, ARCHIVE=str(folder))
    assert done.returncode == 0, done.stderr
    assert revisions(engine) == after
    check(folder)
    kinds = Counter(record["WARC-Profile"].rpartition("/")[2] for record in records(folder) if "WARC-Profile" in record)
    assert kinds["server-not-modified"] >= stats(engine)["outcome/article/not_modified"] > len(touched) / 2
    assert "0 revised" in scrapy("reread", *rule, "--all", ARCHIVE=str(folder)).stdout


def test_hand_made_site(serve_pages: ServePages, scrapy: Scrapy, engine: Engine, tmp_path: Path) -> None:
    """Redirects, errors and bodies as they came; unchanged bytes; a crawl without the archive; a cut file; a folder that takes nothing."""
    zipped = Answer(body=gzip.compress(article(TITLES[1]).encode(), mtime=0), headers={"Content-Encoding": "gzip"})
    pages = {
        "/": HOME,
        "/phone/": listing(("/a/1.html", TITLES[0]), ("/a/2.html", TITLES[1]), ("/a/gone.html", TITLES[2])),
        "/pc/": listing(("/old/3.html", TITLES[3])),
        "/a/1.html": article(TITLES[0]),
        "/a/2.html": zipped,
        "/a/gone.html": Answer(status=404),
        "/old/3.html": Answer(status=301, headers={"Location": "/a/3.html"}),
        "/a/3.html": article(TITLES[3]),
    }
    url, folder = serve_pages(pages), tmp_path / "archive"
    given = {"SITE_URL": url, "ARCHIVE": str(folder)}
    assert scrapy("crawl", "smartdaily", **given).returncode == 0
    shown = {
        (record["WARC-Target-URI"].removeprefix(url), record["status"])
        for record in records(folder)
        if record["status"]
    }
    assert {
        ("robots.txt", "404"),
        ("a/1.html", "200"),
        ("a/gone.html", "404"),
        ("old/3.html", "301"),
        ("a/3.html", "200"),
    } <= shown
    assert "0 revised" in scrapy("reread", "--all", **given).stdout
    assert scrapy("crawl", "smartdaily", *ALWAYS_DUE, **given).returncode == 0
    check(folder)
    revisits = {
        record["WARC-Target-URI"].removeprefix(url) for record in records(folder) if record["WARC-Type"] == "revisit"
    }
    assert {"a/1.html", "a/2.html"} <= revisits

    # What a run without the archive has read is not in it: an older page must not come back.
    pages["/a/1.html"] = article(TITLES[0], "换了一段完全不同的话，说的是另一件事情，足够长。" * 3)
    assert scrapy("crawl", "smartdaily", *ALWAYS_DUE, SITE_URL=url).returncode == 0
    before = revisions(engine)
    done = scrapy("reread", "--all", **given)
    assert "not_archived 1" in done.stdout
    assert "2 pages read again" in done.stdout
    assert revisions(engine) == before
    # The record behind which no other article's is cut off.
    places = [row["record"] for row in select(engine, "SELECT record FROM crawl.article WHERE record IS NOT NULL")]
    cut = max(places, key=lambda place: int(place.rpartition(":")[2]))
    name, _, offset = cut.rpartition(":")
    os.truncate(folder / name, int(offset) + 200)
    done = scrapy("reread", "--all", **given)
    assert done.returncode == 4
    assert cut in done.stderr
    assert "no_record 1" in done.stdout
    assert "Traceback" not in done.stderr

    # Its folder for the site is a file.
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / f"127.0.0.1_{url.rpartition(':')[2].strip('/')}").touch()
    pages["/a/1.html"] = article(TITLES[0])
    done = scrapy("crawl", "smartdaily", *ALWAYS_DUE, SITE_URL=url, ARCHIVE=str(blocked))
    assert done.returncode == 4
    assert "not in the archive" in done.stderr
    assert len(revisions(engine)) == len(before) + 1


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (("crawl", "smartdaily"), {"ARCHIVE": "s3://bucket/pages"}, "ARCHIVE takes a folder"),
        (("crawl", "smartdaily"), {"ARCHIVE": "/dev/null/x"}, "ARCHIVE: no file can be written"),
        (("reread",), {}, "ARCHIVE is not set"),
        (("reread", "--workers", "no"), {"ARCHIVE": "/tmp"}, "--workers takes"),
        (("reread", "--since", "soon"), {"ARCHIVE": "/tmp"}, "--since takes a day"),
        (("reread", "--site", "none.example"), {"ARCHIVE": "/tmp"}, "there is no site"),
        (("reread", "-a", "profile"), {"ARCHIVE": "/tmp"}, "-a takes NAME=VALUE"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], environment: dict[str, str], told: str, scrapy: Scrapy
) -> None:
    done = scrapy(*arguments, **{"SITE_URL": "http://127.0.0.1:9/", **environment})
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra(scrapy: Scrapy, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(ABSENT)
    given = {"SITE_URL": "http://127.0.0.1:9/", "ARCHIVE": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    done = scrapy("crawl", "smartdaily", **given)
    assert done.returncode == 2
    assert "ARCHIVE needs the extra archive" in done.stderr
