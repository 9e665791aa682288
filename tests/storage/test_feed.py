"""The change feed: no change is missed or repeated, and all consumers see one order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bench.storage_feed import race
from pipelines.storage.db.engine import connect
from pipelines.storage.db.errors import SchemaMismatch, StorageError
from pipelines.storage.read import feed
from pipelines.storage.read.feed import Cursor, Feed
from pipelines.storage.schema import migrate
from pipelines.storage.write.writer import write
from tests.storage.making import article, new_run, read, url
from tests.waiting import ROOT

if TYPE_CHECKING:
    from sqlalchemy import Engine

LOOP = (ROOT / "docs" / "consuming.md").read_text(encoding="utf-8")


def test_eight_writers_and_a_consumer(engine: Engine) -> None:
    raced = race(engine, seconds=3)
    assert raced.written > 0
    assert raced.seen > 0
    assert (raced.missed, raced.twice, raced.disordered) == (0, 0, 0)


def test_reading_continues_after_a_cursor(engine: Engine) -> None:
    run = new_run(engine)
    write(engine, run, [article("a"), article("b")])
    first = Feed(engine)
    assert [change.article["url"] for change in first.read(1)] == [url("a")]
    kept = Cursor.parse(str(first.cursor))
    assert [change.article["url"] for change in Feed(engine, kept).read()] == [url("b")]
    assert [change.article["url"] for change in first.read()] == [url("b")]
    assert first.read() == []
    write(engine, run, [article("a", title="改", minute=1)])
    change = first.read()[0].article
    assert (change["title"], change["revision"]) == ("改", 2)
    assert change["last_changed_at"].isoformat() == "2026-03-06T20:01:00+08:00"
    assert {"change_xid", "change_seq", "timezone"} & set(change) == set()


def test_a_cursor_of_another_database(engine: Engine) -> None:
    with pytest.raises(StorageError, match="of another database"):
        Feed(engine, Cursor("0123456789ab", 1, 1))


def test_each_database_has_an_epoch_of_its_own(engine: Engine, empty_database_url: str) -> None:
    other = connect(empty_database_url, application_name="tests")
    migrate.upgrade(other)
    here, there = (read(one, "SELECT api.feed_epoch()")[0] for one in (engine, other))
    other.dispose()
    assert here != there
    assert re.fullmatch("[0-9a-f]{12}", here)


def test_a_database_that_was_restored_from_a_dump(engine: Engine) -> None:
    """Its rows have transaction ids of a cluster with more transactions."""
    write(engine, new_run(engine), [article("a"), article("b")])
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE crawl.article DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE crawl.article SET change_xid = '99999999999' WHERE url = :a"), {"a": url("a")})
        connection.execute(text("ALTER TABLE crawl.article ENABLE TRIGGER USER"))
    with pytest.raises(StorageError, match="run `scrapy db upgrade`"):
        Feed(engine)
    assert feed.stamp_anew(engine) == 1
    assert {change.article["url"] for change in Feed(engine).read()} == {url("a"), url("b")}
    assert feed.stamp_anew(engine) == 0


def test_a_long_transaction_is_reported(engine: Engine) -> None:
    assert feed.lag(engine).waiting == 0
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_current_xact_id()"))
        process = connection.scalar(text("SELECT pg_backend_pid()"))
        write(engine, new_run(engine), [article("a", teases="b")])
        assert Feed(engine).read() == []
        lag = feed.lag(engine)
        assert (lag.waiting, lag.process, lag.application, lag.foreign_stamps) == (2, process, "tests", 0)
        assert lag.since is not None
    assert len(Feed(engine).read()) == 2


def test_a_reader_needs_schema_api_only(engine: Engine) -> None:
    write(engine, new_run(engine), [article("a")])
    with engine.connect() as connection:
        connection.execute(text("SET ROLE smartdaily_reader"))
        assert connection.scalar(feed.EPOCH)
        assert connection.execute(feed.LAG).one().waiting == 0
        assert len(connection.execute(feed.READ, {"xid": "0", "seq": 0, "most": 9}).all()) == 1


def test_a_schema_without_a_feed(engine: Engine) -> None:
    migrate.downgrade(engine)
    with pytest.raises(SchemaMismatch, match="no change feed of this version: run `scrapy db upgrade`"):
        Feed(engine)


def test_the_loop_in_the_docs(engine: Engine, database_url: str) -> None:
    found = re.search(r"```python\n(.*?)```", LOOP, re.DOTALL)
    assert found
    documented: dict[str, Any] = {}
    exec(found[1], documented)
    write(engine, new_run(engine), [article("a", teases="b c")])
    seen: list[tuple[str, Any]] = []

    def follow(cursor: Any, wanted: int) -> None:
        over = iter([False] * wanted + [True])
        documented["follow"](
            database_url, cursor, lambda change, at: seen.append((change["url"], at)), lambda: next(over)
        )

    follow(None, 2)
    assert sorted(place for place, _ in seen) == [url("a"), url("b"), url("c")]
    follow(seen[0][1], 1)
    assert seen[3:] == seen[1:3]
    with pytest.raises(ValueError, match="of another database"):
        follow(("elsewhere", "0", 0), 1)
