"""Answers that are not what they seem: parts of pages, bombs, 304 without a question, wrong headers."""

from __future__ import annotations

import gzip
import zlib

import brotli  # type: ignore[import-untyped]
from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select
from tests.crawl.test_budgets import headline, text
from tests.crawl.test_walk import HOME, listing, outcomes

NO_RETRY = ("-s", "RETRY_TIMES=0")


def encoded(coding: str, body: bytes) -> Answer:
    return Answer(body=body, headers={"Content-Encoding": coding})


def long_text(number: int) -> bytes:
    return text(number, "".join(f"<!-- {n * number * 7919} -->" for n in range(400))).encode()


def unfinished(page: bytes) -> bytes:
    stream = zlib.compressobj(wbits=31)
    return stream.compress(page) + stream.flush(zlib.Z_SYNC_FLUSH)


def raw_deflate(page: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(page) + stream.flush()


def bodies() -> dict[str, tuple[Answer, tuple[str, str | None]]]:
    """Answers by name, with the outcome that each should have."""
    pages = {n: long_text(n) for n in range(1, 17)}
    half = len(pages[3]) // 2
    stored, cut, large = ("stored", None), ("failed", "cut_short"), ("failed", "too_large")
    return {
        "gzip": (encoded("gzip", gzip.compress(pages[1])), stored),
        "gzip-cut": (encoded("gzip", gzip.compress(pages[2])[:-400]), cut),
        "gzip-members": (encoded("gzip", gzip.compress(pages[3][:half]) + gzip.compress(pages[3][half:])), stored),
        "gzip-second-cut": (encoded("gzip", gzip.compress(pages[4][:half]) + gzip.compress(pages[4][half:])[:-400]), cut),
        "gzip-damaged": (encoded("gzip", gzip.compress(pages[5])[:600] + b"\xff" * 400 + gzip.compress(pages[5])[1000:]), cut),
        "gzip-open": (encoded("gzip", unfinished(pages[6])), stored),
        "gzip-not": (encoded("gzip", pages[7]), stored),
        "deflate": (encoded("deflate", zlib.compress(pages[8])), stored),
        "deflate-raw": (encoded("deflate", raw_deflate(pages[9])), stored),
        "deflate-cut": (encoded("deflate", zlib.compress(pages[10])[:-400]), cut),
        "br": (encoded("br", brotli.compress(pages[11])), stored),
        "br-cut": (encoded("br", brotli.compress(pages[12])[:-400]), cut),
        "bomb": (encoded("gzip", gzip.compress(pages[13] + bytes(11 * 2**20))), large),
        "bomb-br": (encoded("br", brotli.compress(pages[14] + bytes(11 * 2**20))), large),
        "range": (Answer(body=pages[15][:2000], status=206, headers={"Content-Range": f"bytes 0-1999/{len(pages[15])}"}), cut),
        "range-all": (
            Answer(body=pages[16], status=206, headers={"Content-Range": f"bytes 0-{len(pages[16]) - 1}/{len(pages[16])}"}),
            stored,
        ),
    }  # fmt: skip


def site(answers: dict[str, Answer]) -> dict[str, Answer | str]:
    entries = [(f"/a/{name}.html", headline(n)) for n, name in enumerate(answers, 1)]
    pages = {f"/a/{name}.html": answer for name, answer in answers.items()}
    return {"/": HOME, "/phone/": listing(*entries), "/pc/": listing(*entries), **pages}


def test_only_whole_pages_are_stored(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    expected = bodies()
    url = serve_pages(site({name: answer for name, (answer, _) in expected.items()}))
    done = scrapy("crawl", "smartdaily", *NO_RETRY, SITE_URL=url)
    assert "Traceback" not in done.stderr, done.stderr
    ends = outcomes(engine)
    assert {name: ends[f"/a/{name}.html"] for name in expected} == {name: end for name, (_, end) in expected.items()}
    assert select(engine, "SELECT 1 FROM api.article WHERE state = 'fetched' AND length(body) < 100") == []


def test_304_without_a_question_is_no_answer(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    """The second run has no validators to send, as the server sends none."""
    pages = site({str(n): Answer(body=text(n)) for n in range(1, 5)})
    url = serve_pages(pages)
    scrapy("crawl", "smartdaily", SITE_URL=url)
    for path in [path for path in pages if path != "/"]:
        pages[path] = Answer(status=304)
    done = scrapy("crawl", "smartdaily", "-s", "REVISIT_SCHEDULE=9d:0m", SITE_URL=url)
    assert done.returncode in (1, 4), done.stderr[-2000:]
    rows = select(
        engine, "SELECT url, outcome, reason FROM api.outcome WHERE run_id = (SELECT max(run_id) FROM api.run)"
    )
    ends = {path_of(row["url"]): (row["outcome"], row["reason"]) for row in rows}
    assert {ends[path] for path in pages if path != "/" and path in ends} == {("failed", "http_304")}


def test_headers_that_are_wrong_or_missing(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    answers = {
        "untyped": (Answer(body=text(1), headers={"Content-Type": ""}), ("stored", None)),
        "octets": (Answer(body=text(2), headers={"Content-Type": "text/plain; charset=nonsense"}), ("stored", None)),
        "empty": (Answer(body=""), ("rejected", "empty")),
        "203": (Answer(body=text(3), status=203), ("stored", None)),
        "204": (Answer(status=204), ("rejected", "empty")),
        "300": (Answer(body=text(4), status=300), ("failed", "http_300")),
        "410": (Answer(status=410), ("gone", "http_410")),
        "good": (Answer(body=text(5), headers={"Content-Type": "text/html"}), ("stored", None)),
    }
    url = serve_pages(site({key: answer for key, (answer, _) in answers.items()}))
    done = scrapy("crawl", "smartdaily", *NO_RETRY, SITE_URL=url)
    assert "Traceback" not in done.stderr, done.stderr
    ends = outcomes(engine)
    assert {key: ends[f"/a/{key}.html"] for key in answers} == {key: end for key, (_, end) in answers.items()}
