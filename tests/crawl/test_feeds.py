"""Scrapy's feeds of a crawl of the bundled site, read in each format."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import SMALL, Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select

COLUMNS = {
    "url", "title", "published_on", "published_at", "source", "author", "editor", "summary", "body", "categories",
    "published_raw", "source_raw", "author_raw", "editor_raw", "updated_at", "updated_raw", "provenance", "parser_version",
    "image_url", "image_urls", "image_captions",
    "requested_url", "final_url", "status", "fetched_at", "renderer", "pages",
}  # fmt: skip
BEIJING = timedelta(hours=8)


def _json_text(value: Any) -> str:
    """Return a value of the JSON feed in the form that CSV has."""
    if isinstance(value, list):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else "" if value is None else str(value)


def test_every_format_holds_the_stored_articles(scrapy: Scrapy, engine: Engine, tmp_path: Path) -> None:
    files = {name: tmp_path / f"out.{name}" for name in ("jsonl", "json", "csv", "xml")}
    with serve(Site(day=1, categories=SMALL)) as server:
        done = scrapy(
            "crawl", "smartdaily", *(part for file in files.values() for part in ("-O", str(file))), SITE_URL=server.url
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    stored = {row["url"]: row for row in select(engine, "SELECT * FROM api.article WHERE state = 'fetched'")}
    rows = [json.loads(line) for line in files["jsonl"].read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(stored) > 0
    for row in rows:
        article = stored[row["url"]]
        assert set(row) == COLUMNS
        for name in ("title", "source", "author", "editor", "body"):
            assert row[name] == article[name], name
        # Without one on the page, the view takes that of a teaser.
        for name in ("summary", "image_url"):
            assert row[name] in (None, article[name]), name
        assert any(row["image_url"] for row in rows)
        assert row["published_on"] == (article["published_on"] and article["published_on"].isoformat())
        for name in ("published_at", "fetched_at"):
            if row[name] is not None:
                assert datetime.fromisoformat(row[name]).utcoffset() == BEIJING
        if row["published_at"]:
            assert datetime.fromisoformat(row["published_at"]) == article["published_at"]
        else:
            assert article["published_at"] is None
    assert any(row["published_at"] for row in rows)
    assert json.loads(files["json"].read_text(encoding="utf-8")) == rows

    text = files["csv"].read_text(encoding="utf-8")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert table == [{name: _json_text(value) for name, value in row.items()} for row in rows]

    items = ET.parse(files["xml"]).getroot().findall("item")
    assert [item.findtext("url") for item in items] == [row["url"] for row in rows]
    for item, row in zip(items, rows, strict=True):
        assert {field.tag for field in item} == {name for name, value in row.items() if value is not None}
        assert item.findtext("title") == row["title"]
        assert [value.text for value in item.findall("image_urls/value")] == row["image_urls"]
        assert {field.tag: field.text for field in item.find("provenance") or ()} == row["provenance"]


def test_appending_to_csv_keeps_one_header(scrapy: Scrapy, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    with serve(Site(day=1, categories=SMALL)) as server:
        for _ in range(2):
            done = scrapy("crawl", "smartdaily", "-a", "mode=full", "-o", str(file), SITE_URL=server.url)
            assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
    assert set(rows[0]) == COLUMNS
    assert rows.count(rows[0]) == 1


def test_a_feed_may_include_the_records_of_the_walk(scrapy: Scrapy, tmp_path: Path) -> None:
    feeds = {
        str(tmp_path / "lists.jsonl"): {"format": "jsonl", "item_classes": ["smartdaily_crawler.items.Navigation"]}
    }
    with serve(Site(day=1, categories=SMALL)) as server:
        done = scrapy("crawl", "smartdaily", "-s", f"FEEDS={json.dumps(feeds)}", SITE_URL=server.url)
    assert done.returncode == 0, done.stderr
    [row] = map(json.loads, (tmp_path / "lists.jsonl").read_text(encoding="utf-8").splitlines())
    assert row["categories"]


@pytest.mark.parametrize("output", ["file/out.csv", "."], ids=["no folder", "a folder"])
def test_a_feed_that_cannot_be_opened_fails_the_run_at_once(
    scrapy: Scrapy, engine: Engine, tmp_path: Path, output: str
) -> None:
    (tmp_path / "file").touch()
    with serve(Site(day=1, categories=SMALL)) as server:
        done = scrapy("crawl", "smartdaily", "-O", f"{tmp_path / output}:csv", SITE_URL=server.url)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    [run] = select(engine, "SELECT verdict, stats FROM api.run")
    assert run["verdict"] == "failed"
    [reason] = run["stats"]["run/reasons"]
    assert reason.startswith(f"feed {tmp_path / output} could not be written: ")
    assert select(engine, "SELECT * FROM api.article") == []


def test_a_feed_that_fails_later_fails_the_run_and_no_other_feed(
    scrapy: Scrapy, engine: Engine, tmp_path: Path
) -> None:
    good = tmp_path / "good.jsonl"
    with serve(Site(day=1, categories=SMALL)) as server:
        done = scrapy("crawl", "smartdaily", "-O", "/dev/full:jsonl", "-O", str(good), SITE_URL=server.url)
    assert done.returncode == 1
    stored = select(engine, "SELECT * FROM api.article WHERE state = 'fetched'")
    assert len(good.read_text(encoding="utf-8").splitlines()) == len(stored) > 0
    [run] = select(engine, "SELECT verdict, stats FROM api.run")
    assert run["verdict"] == "failed"
    assert [reason.partition(":")[0] for reason in run["stats"]["run/reasons"]] == [
        "feed /dev/full could not be written"
    ]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("uri", "options", "reason"),
    [
        ("out.foo", {"format": "foo"}, "there is no format 'foo'; known: csv, jl, json, jsonl, "),
        ("nowhere://host/out.csv", {"format": "csv"}, "there is no storage 'nowhere'; known: "),
        ("ftp:///out.csv", {"format": "csv"}, "Got a storage URI without a hostname: ftp:///out.csv"),
        ("out.csv", {"format": "csv", "batch_item_count": 2}, "batch_item_count needs %(batch_id)d or "),
    ],
)
def test_a_feed_that_nothing_can_write_fails_the_run_at_once(
    scrapy: Scrapy, engine: Engine, uri: str, options: dict[str, Any], reason: str
) -> None:
    with serve(Site(day=1, categories=SMALL)) as server:
        done = scrapy("crawl", "smartdaily", "-s", f"FEEDS={json.dumps({uri: options})}", SITE_URL=server.url)
        assert server.log == []
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if " ERROR: " in line]
    assert f"feed {uri} could not be written: {reason}" in line
    [run] = select(engine, "SELECT verdict, stats FROM api.run")
    assert run["verdict"] == "failed"
    [message] = run["stats"]["run/reasons"]
    assert message.startswith(f"feed {uri} could not be written: {reason}")


def test_a_storage_that_fails_is_one_line(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1, categories=SMALL)) as server:
        done = scrapy(
            "crawl", "smartdaily", "-a", "max_pages=1", "-O", "ftp://me:secret@127.0.0.1:1/out.csv:csv", SITE_URL=server.url
        )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if " ERROR: " in line]
    assert "feed ftp://127.0.0.1:1/out.csv could not be written: [Errno 111] Connection refused" in line
    [run] = select(engine, "SELECT verdict, stats FROM api.run")
    assert run["verdict"] == "failed"
    assert run["stats"]["feedexport/failed_count/FTPFeedStorage"] == 1
