"""Texts, readers and writers that would hold others up. ``make hostile`` tries larger ones, and more often."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bench.harness import scratch_server
from bench.storage_crawlers import crawl
from pipelines.storage.write.writer import write
from tests.storage.making import article, new_run, read, states

if TYPE_CHECKING:
    from sqlalchemy import Engine

HOSTILE = bool(os.environ.get("HOSTILE"))
PARAGRAPH = 950_000 if HOSTILE else 60_000
TRIALS, CRAWLERS, PAGES = (20, 8, 160) if HOSTILE else (1, 4, 16)
IDEOGRAPHS = [chr(code) for code in range(0x4E00, 0x9FA5)]


@pytest.mark.parametrize("paragraphs", [["x" * PARAGRAPH], None, ["长" * PARAGRAPH] * 5, ["\u0f73" * PARAGRAPH]])
def test_a_text_that_is_a_burden(engine: Engine, paragraphs: list[str] | None) -> None:
    rng = Random("burden")
    burden = paragraphs or ["".join(rng.choices(IDEOGRAPHS, k=PARAGRAPH)) for _ in range(5)]
    run, other = new_run(engine), new_run(engine, site="other.example")
    pages = [article("burden", body=burden), *(article(f"n{number}") for number in range(20))]
    assert {written.outcome for written in write(engine, run, pages)} == {"stored"}
    assert {written.outcome for written in write(engine, other, [article("next")])} == {"stored"}
    assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [0]
    assert read(engine, "SELECT count(*) FROM api.search('第一段', 50)") == [20 + 1]
    assert read(engine, "SELECT count(*) FROM crawl.text_fault") == [1]
    assert read(engine, "SELECT sum(length(body)) FROM api.article WHERE title = '题目 burden'") == [
        sum(map(len, burden)) + 2 * (len(burden) - 1)
    ]


def test_a_text_that_became_a_burden_is_no_longer_found(engine: Engine) -> None:
    """A search would normalise it for minutes."""
    heap = "\u0f73" * PARAGRAPH
    write(engine, new_run(engine), [article("a", body=["潮汐电站"])])
    write(engine, new_run(engine), [article("a", body=["潮汐电站", heap], minute=1)])
    assert read(engine, "SELECT count(*) FROM api.search('潮汐')") == [0]
    assert read(engine, "SELECT reason LIKE '%combining characters in a row%' FROM crawl.text_fault") == [True]


def test_a_reader_that_takes_what_it_can(engine: Engine) -> None:
    """Every lock that the role may take, held in an open transaction."""
    write(engine, new_run(engine), [article("a", teases="m-b")])
    with engine.connect() as connection:
        connection.execute(text("SET ROLE smartdaily_reader"))
        connection.execute(text("SELECT pg_advisory_lock(key) FROM generate_series(7316400000, 7316400010) AS key"))
        connection.execute(text("SELECT * FROM api.article_change"))
        connection.execute(text("LOCK TABLE api.article, api.teaser, api.run IN ACCESS SHARE MODE"))
        # Also one that merges: it needs its site alone.
        assert write(engine, new_run(engine), [article("b", at="m-b", final="b")])[0].outcome == "stored"
    assert states(engine) == {"a": "fetched", "b": "fetched"}


def test_crawlers_into_one_database() -> None:
    with scratch_server(None, fsync=False) as server:
        assert [crawl(server, CRAWLERS, PAGES, 0.0, seed).deadlocks for seed in range(TRIALS)] == [0] * TRIALS
