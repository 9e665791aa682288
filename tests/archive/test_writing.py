"""The files of the archive by themselves: what a cut, a full disk and a repeated response leave."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from random import Random
from typing import Any

import pytest

from smartdaily_crawler.archive import writing
from smartdaily_crawler.archive.places import NoRecordError, Place, record_at
from smartdaily_crawler.archive.writing import ArchiveWriter, Exchange

CUTS = 20
AT = datetime(2026, 3, 6, 4, 30, 0, 123456, tzinfo=UTC)
INFO = {"software": "tests", "run": "7"}


def exchange(number: int, body: bytes, **others: Any) -> Exchange:
    made = Exchange(
        url=f"http://news.example/a/{number}.html?x=1",
        at=AT + timedelta(seconds=number),
        method="GET",
        request_headers=[("User-Agent", "tests")],
        request_body=b"",
        status=200,
        headers=[
            ("Content-Type", "text/html"),
            ("Transfer-Encoding", "chunked"),
            ("Set-Cookie", "a"),
            ("Set-Cookie", "b"),
        ],
        body=body,
        evidence={"kind": "article", "listed": [["铰链又轻了", None, False]]},
    )
    return replace(made, **others)


def is_whole(folder: Path, place: Place, sent: Exchange) -> bool:
    """Return whether a record is there, and tells what was sent; an absent one is told by its place."""
    try:
        record = record_at(folder, place)
    except NoRecordError as error:
        return str(place) not in str(error)
    cookies = [value for name, value in record.headers if name == "Set-Cookie"]
    found = (record.url, record.at, record.body, record.evidence, cookies)
    return found == (sent.url, sent.at, sent.body, sent.evidence, ["a", "b"])


def test_cut_anywhere_costs_the_record_that_is_cut(tmp_path: Path) -> None:
    random = Random(17)
    writer = ArchiveWriter(tmp_path, "news.example:80", INFO, most=10**9)
    sent = [exchange(n, random.randbytes(random.randrange(4000))) for n in range(30)]
    kept = [writer.write(each) for each in sent]
    writer.close()
    places = [Place.parse(each.place or "") for each in kept]
    [path] = tmp_path.rglob("*.warc.gz")
    whole = path.read_bytes()
    ends = [place.offset for place in places[1:]] + [len(whole)]
    for cut in random.sample(range(places[0].offset, len(whole)), CUTS):
        path.write_bytes(whole[:cut])
        read = [n for n, place in enumerate(places) if is_whole(tmp_path, place, sent[n])]
        complete = [n for n, end in enumerate(ends) if end <= cut]
        # A cut behind the response, within its request, costs the request.
        assert read in (complete, [*complete, len(complete)])


def test_no_place_leads_out_of_the_folder(tmp_path: Path) -> None:
    for place in ("", "a.warc.gz", "a.warc.gz:x", "/etc/passwd:0", "../a.warc.gz:0"):
        with pytest.raises(NoRecordError):
            record_at(tmp_path, Place.parse(place))


def test_unchanged_pages_are_revisits_of_the_first(tmp_path: Path) -> None:
    first, second = (ArchiveWriter(tmp_path, "news.example", {**INFO, "run": run}, most=10**9) for run in "12")
    page = exchange(1, b"<p>page</p>")
    place = first.write(page).place
    same, unchanged = replace(page, known=place), replace(page, known=place, status=304, body=b"")
    assert [(kept.place, kept.is_revisit) for kept in map(second.write, (same, unchanged))] == [(place, True)] * 2
    kept = second.write(replace(page, known=place, body=b"<p>another</p>"))
    assert kept.place != place
    assert not kept.is_revisit
    kept = second.write(exchange(2, b"", status=304, known="news.example/lost.warc.gz:0"))
    assert (kept.place, kept.is_revisit) == (None, True)
    for writer in (first, second):
        writer.close()


def test_full_disk_leaves_whole_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes half of the second response, then nothing, then all again."""
    writer = ArchiveWriter(tmp_path, "news.example", INFO, most=10**9)
    pages = [exchange(n, os.urandom(3000)) for n in range(4)]
    first, whole = writer.write(pages[0]), writing._write_whole

    def half(file: Any, content: bytes) -> None:
        whole(file, content[:1000])
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    monkeypatch.setattr(writing, "_write_whole", half)
    for page in pages[1:3]:
        with pytest.raises(OSError, match="No space"):
            writer.write(page)
    monkeypatch.setattr(writing, "_write_whole", whole)
    last = writer.write(pages[3])
    writer.close()
    assert [record_at(tmp_path, Place.parse(str(kept.place))).body for kept in (first, last)] == [
        pages[0].body,
        pages[3].body,
    ]
    assert len(list(tmp_path.rglob("*.warc.gz"))) == 2


def test_a_record_without_its_fields_is_told(tmp_path: Path) -> None:
    header = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"
    (tmp_path / "other.warc.gz").write_bytes(gzip.compress(header))
    with pytest.raises(NoRecordError, match="the record lacks a field"):
        record_at(tmp_path, Place("other.warc.gz", 0))
