"""``scrapy export``, run like an operator does."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import stat
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Engine, text

from pipelines.storage.write.writer import write
from tests.crawl.conftest import Scrapy
from tests.export.conftest import FORMULA, MARKUP
from tests.storage.making import article, new_run, url
from tests.waiting import wait_for
from tests.warm import start_warm

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("stored")
def test_tables_as_text(scrapy: Scrapy, tmp_path: Path) -> None:
    file = tmp_path / "articles.csv"
    file.touch(mode=0o640)
    done = scrapy("export", "articles", "-o", str(file), "-s", "FEED_EXPORT_ENCODING=utf-8-sig")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"4 articles; go on with --after [0-9a-f]{12}-\d+-\d+\n", done.stdout)
    assert (stat.S_IMODE(file.stat().st_mode), list(tmp_path.iterdir())) == (0o640, [file])
    with file.open(encoding="utf-8-sig", newline="") as opened:
        a, b, c, d = csv.DictReader(opened)
    assert (a["title"], b["title"], b["body"].splitlines()[0]) == (f"'{FORMULA}", MARKUP, "'＝1+1")
    assert (a["published_on"], d["published_at"]) == ("2026-03-05", "2026-03-06T20:00:00+08:00")
    assert (b["published_on"], c["state"], c["revision"], c["body"]) == ("", "discovered", "0", "")
    assert (a["categories"], d["site"], json.loads(d["images"])) == ("手机", "other", [])

    done = scrapy("export", "articles", "--format", "jsonl", "--site", "smartdaily", "--since", "2026-03-06")
    assert done.stderr.startswith("2 articles; go on with")
    found = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    assert [each["title"] for each in found] == [MARKUP, "题目 c"]  # without dates, and first seen then
    assert (found[0]["categories"], found[0]["published_on"]) == (["手机"], None)


def test_going_on_after_an_export(stored: Engine, scrapy: Scrapy, tmp_path: Path) -> None:
    file = tmp_path / "x.ndjson"
    cursor = scrapy("export", "changes", "-o", str(file)).stdout.split()[-1]
    all_changes = lines(file)
    assert len(all_changes) == 4
    assert all_changes[-1]["cursor"] == cursor
    printed = [json.loads(line) for line in scrapy("changes").stdout.split("\n")[:-1]]
    assert printed == all_changes
    write(stored, new_run(stored), [article("b", title="新题", body=["＝1+1", MARKUP], published_on=None, minute=3)])
    for subject, expected in (("articles", [("b", 2)]), ("changes", [("b", 2)]), ("revisions", [("b", 1), ("b", 2)])):
        done = scrapy("export", subject, "--after", cursor, "-o", str(file))
        assert done.returncode == 0, done.stderr
        assert [(row["url"], row["revision"]) for row in lines(file)] == [(url(n), number) for n, number in expected]
    done = scrapy("export", "teasers", "-o", str(file))
    assert done.stdout == "2 teasers\n"
    assert [row["removed_at"] is None for row in lines(file)] == [True, False]


def test_a_feed(stored: Engine, scrapy: Scrapy, tmp_path: Path) -> None:
    with stored.begin() as connection:
        connection.execute(text("UPDATE crawl.article SET published_on = '2026-03-04' WHERE url = :b"), {"b": url("b")})
    file = tmp_path / "feed.xml"
    done = scrapy("export", "feed", "--category", "手机", "--address", "https://feeds.example/1", "-o", str(file))
    assert (done.returncode, done.stdout) == (0, "2 articles\n"), done.stderr
    feed = etree.parse(file).getroot()
    etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng"))).assertValid(feed)
    names = {"a": "http://www.w3.org/2005/Atom"}
    first, second = feed.findall("a:entry", names)
    assert [link.get("href") for link in feed.findall("a:link", names)] == [url("手机-1"), "https://feeds.example/1"]
    assert first.findtext("a:published", None, names) == "2026-03-05T00:00:00+08:00"
    assert first.findtext("a:title", None, names) == FORMULA
    assert second.findtext("a:published", None, names) == "2026-03-04T00:00:00+08:00"
    assert second.findtext("a:title", None, names) == MARKUP.replace("\x0b", "")
    content = second.findtext("a:content", None, names)
    assert content == "<p>＝1+1</p><p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; ]]&gt;</p>"
    assert len({each.text for each in feed.iter("{*}id")}) == 3


@pytest.mark.usefixtures("stored")
def test_a_graph(scrapy: Scrapy, tmp_path: Path) -> None:
    file = tmp_path / "graph.graphml"
    assert scrapy("export", "graph", "-o", str(file)).stdout == "1 edges\n"
    graph = etree.parse(file).getroot()
    assert [node.get("id") for node in graph.iter("{*}node")] == ["1", "2"]
    data = {each.get("key"): each.text for each in graph.iter("{*}data")}
    assert (data["node-title"], data["edge-last_seen_at"]) == (MARKUP.replace("\x0b", ""), "2026-03-06T20:00:00+08:00")
    networkx = pytest.importorskip("networkx", reason="the libraries that read exports are not installed: make exports")
    read = networkx.read_graphml(file, node_type=int)
    assert read.edges[1, 2]["position"] == 1
    done = scrapy("export", "graph", "--format", "edgelist", "--since", "2026-03-06")
    assert done.stdout == "1 2 teasers 1\n1 3 teasers 2\n"  # with the one that was removed since


BAD = [
    (("nothing",), "name one of articles, teasers, revisions, changes, graph, feed"),
    (("articles",), "articles takes --format parquet, csv, jsonl, and - does not tell which"),
    (("articles", "--format", "xml"), "articles takes --format parquet, csv, jsonl, not 'xml'"),
    (("articles", "-o", "/nowhere/a.csv"), "/nowhere/a.csv cannot be written: No such file or directory"),
    (("articles", "-o", "/tmp", "--format", "csv"), "/tmp is a folder"),
    (("articles", "--format", "csv", "--site", "none.example"), "there is no site 'none.example'"),
    (("articles", "--format", "csv", "--since", "gestern"), "--since takes a day or a time"),
    (("articles", "--format", "csv", "--after", "7"), "--after: '7' is no cursor of the feed"),
    (("teasers", "--format", "csv", "--after", "7"), "teasers takes no --after: teasers change without"),
    (("changes", "--format", "csv", "--since", "2026"), "changes takes no --since: a change has no time"),
    (("articles", "--category", "手机"), "articles takes no --category: it is for feed"),
    (("feed",), "feed takes --category NAME"),
    (("feed", "--category", "无"), "there is no category '无'; the database has: 手机"),
    (("feed", "--category", "手机", "-n", "501"), "--number takes a whole number from 1 to 500, not '501'"),
    (("feed", "--category", "手机", "--address", "x"), "--address takes a URL such as"),
    (("articles", "--format", "csv", "-s", "FEED_EXPORT_ENCODING=gbk9"), "there is no encoding 'gbk9'"),
    (("articles", "--format", "csv", "-s", "FEED_EXPORT_ENCODING=ascii"), "FEED_EXPORT_ENCODING: 'ascii' codec"),
]


@pytest.mark.usefixtures("stored")
def test_bad_options(scrapy: Scrapy) -> None:
    for arguments, message in BAD:
        done = scrapy("export", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), (arguments, done.stderr)
        assert message in done.stderr.splitlines()[-1]
        assert done.stderr.startswith(("scrapy export: ", "Usage")), done.stderr


@pytest.mark.usefixtures("stored")
def test_without_pyarrow(scrapy: Scrapy, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    for arguments, what in ((("-o", "a.parquet"), "parquet"), (("-o", "s3://bucket/a.csv"), "s3://")):
        done = scrapy("export", "articles", *arguments, PYTHONPATH=str(tmp_path))
        assert done.returncode == 2
        assert done.stderr.startswith(f"scrapy export: {what} needs pyarrow: in a checkout .venv/bin/pip install -r")


@pytest.mark.usefixtures("stored")
def test_a_disk_that_is_full(scrapy: Scrapy) -> None:
    done = scrapy("export", "articles", "--format", "csv", "-o", "/dev/full")
    assert (done.returncode, done.stderr) == (1, "scrapy export: /dev/full: No space left on device\n")
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("cut", ["stopped", "without its database"])
def test_an_export_that_is_cut_off(stored: Engine, database_url: str, tmp_path: Path, cut: str) -> None:
    """It waits for a lock while it is cut off; what was there before stays, and nothing else does."""
    file = tmp_path / "a.csv"
    file.write_text("former")
    environment = {**os.environ, "DATABASE_URL": database_url}
    with (
        stored.connect().execution_options(isolation_level="AUTOCOMMIT") as other,
        stored.connect() as connection,
        start_warm("scrapy", "export", "articles", "-o", str(file), environment=environment) as started,
    ):
        connection.execute(text("LOCK TABLE crawl.article"))
        wait_for(lambda: other.scalar(text(BLOCKED)))
        if cut == "stopped":
            started.send_signal(signal.SIGTERM)
        else:
            other.execute(text(BLOCKED.replace("count(*)", "pg_terminate_backend(pid)")))
        connection.rollback()
        done = started.wait()
    assert (done.returncode, done.stderr.count("\n")) == (130 if cut == "stopped" else 1, 1), done.stderr
    assert (done.stdout, file.read_text(), list(tmp_path.iterdir())) == ("", "former", [file])
