"""Items that the database rejects, and databases that fail."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from pipelines.storage.db.engine import connect
from pipelines.storage.db.errors import CodeError, StorageError, StorageUnavailable
from pipelines.storage.write.writer import write
from tests.storage.making import article, fetch, listing, outcome, read, states

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey


def test_unstorable_characters_are_removed(engine: Engine, run: RunKey) -> None:
    page = article("a", title="芯\0片\ud800", body=["\ud83d\ude00"], provenance={"title": "me\0ta"}, teases="b")
    page.teasers[0].title = "预\0告"
    assert write(engine, run, [page])[0].outcome == "stored"
    assert read(engine, "SELECT title, body FROM api.article WHERE state = 'fetched'") == [("芯片", "😀")]
    assert read(engine, "SELECT title FROM api.teaser") == ["预告"]
    assert read(engine, "SELECT provenance FROM api.revision") == [{"title": "meta"}]
    assert read(engine, "SELECT count(*) FROM crawl.dead_letter") == [0]


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (
            {"published_on": b"0000-00-00"},
            "AttributeError: 'bytes' object has no attribute 'isoformat' (article_content.py",
        ),
        ({"title": object()}, "AttributeError"),
        ({"body": 5}, "TypeError"),
        ({"provenance": {"title": object()}}, "TypeError"),
        ({"provenance": {"title": float("nan")}}, "not JSON compliant"),
    ],
)
def test_a_code_error_stops_the_run_and_the_next_run_sets_the_item_aside(
    engine: Engine, run: RunKey, spoilt: dict[str, Any], reason: str
) -> None:
    items = [article(f"a{number}", teases="b") for number in range(20)]
    items[13] = article("bad", **spoilt)
    with pytest.raises(CodeError, match="internal error"):
        write(engine, run, items)
    assert states(engine) == {}
    assert read(engine, "SELECT count(*) FROM crawl.dead_letter") == [0]
    written = write(engine, run, items, sets_faults_aside=True)
    assert [entry.outcome for entry in written] == ["stored"] * 13 + ["failed"] + ["stored"] * 6
    assert written[13].reason == "dead_letter"
    assert "bad" not in states(engine)
    url, message, payload = read(engine, "SELECT url, reason, payload FROM crawl.dead_letter")[0]
    assert url.endswith("/bad.html")
    assert reason in message
    assert payload["type"] == "Article"
    assert url in str(payload)
    assert read(engine, "SELECT outcome, reason FROM api.outcome WHERE url = :url", url=url) == [
        ("failed", "dead_letter")
    ]


@pytest.mark.parametrize(
    ("poison", "is_stored"),
    [
        (article("bad", title="芯\0片"), True),
        (article("bad", body=["\ud800。"]), True),
        (article("b" * 100_000), True),
        (article("bad", published_on="0000-03-06"), False),
        (article("bad", published_at=datetime.max.replace(tzinfo=timezone(-timedelta(hours=23)))), False),
        (article("bad", title=5), True),
        (article("bad", title=b"5"), False),
        (article("bad", parts=[fetch("part", kind="part", status="200 OK")]), False),
        (listing("手机", "c", page=10**12), False),
        (outcome("bad", "failed", elapsed_ms=10**12), False),
    ],
)
def test_one_invalid_item_among_a_hundred(engine: Engine, run: RunKey, poison: Any, *, is_stored: bool) -> None:
    items = [article(f"a{number}") for number in range(100)]
    items[67] = poison
    attempts: list[object] = []
    event.listen(engine, "begin", attempts.append)
    written = write(engine, run, items, sets_faults_aside=True)
    made = len(attempts)
    assert [entry.outcome for entry in written].count("stored") == 99 + is_stored
    assert read(engine, "SELECT count(*) FROM crawl.dead_letter") == [int(not is_stored)]
    # The batch, its halves down to the item, its dead letter, and the text queue.
    assert made <= 1 + 2 * 7 + 2
    again = write(engine, run, items, sets_faults_aside=True)
    assert [entry.outcome for entry in again].count("unchanged") == 99 + is_stored
    assert read(engine, "SELECT count(*) FROM crawl.dead_letter") == [int(not is_stored)]
    assert read(engine, "SELECT max(revision), count(*) FROM api.revision") == [(1, 99 + is_stored)]
    urls = {end.url for item in items for end in (item.fetch, *getattr(item, "parts", ()))}
    assert set(read(engine, "SELECT url FROM api.outcome")) == urls


def test_values_that_only_the_server_rejects(engine: Engine, run: RunKey) -> None:
    absurd = outcome("a", "failed", elapsed_ms=10**12)
    unknown = outcome("b", "failed")
    unknown.outcome = "perhaps"  # type: ignore[assignment]
    position = listing("手机", "c")
    position.entries[0].position = 10**12
    written = write(engine, run, [absurd, outcome("d", "failed"), unknown, position])
    assert [entry.reason for entry in written] == ["dead_letter", None, "dead_letter", "dead_letter"]
    assert read(engine, "SELECT count(*) FROM crawl.dead_letter") == [3]
    assert states(engine) == {}


def test_a_url_of_100_kb_and_a_far_date_are_stored(engine: Engine, run: RunKey) -> None:
    page = article("a" * 100_000, published_on=date.max, teases="b" * 100_000)
    assert write(engine, run, [page])[0].outcome == "stored"
    assert len(states(engine)) == 2


def test_a_write_on_a_broken_connection_is_retried(engine: Engine, run: RunKey) -> None:
    for number in range(3):
        # The pool's connections are broken without its knowledge; the next attempt opens new ones.
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert write(engine, run, [article(f"a{number}")])[0].outcome == "stored"


def test_a_database_that_stays_away(run: RunKey) -> None:
    nowhere = connect("postgresql://nobody@127.0.0.1:9/none", application_name="tests")
    with pytest.raises(StorageUnavailable, match=r"did not answer for 0.2 s: .*Connection refused") as raised:
        write(nowhere, run, [article("a")], patience=0.2)
    assert "\n" not in str(raised.value)


def test_a_database_without_tables(empty_database_url: str, run: RunKey) -> None:
    empty = connect(empty_database_url, application_name="tests")
    with pytest.raises(StorageError, match="does not exist"):
        write(empty, run, [article("a")])
    empty.dispose()


def test_a_lost_acknowledgement(engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """COMMIT arrives, its acknowledgement does not: the second attempt changes nothing."""
    driver: Any = engine.dialect.dbapi
    commit = engine.dialect.do_commit
    losses = iter([True])

    def lossy(connection: Any) -> None:
        commit(connection)
        if next(losses, False):
            raise driver.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(engine.dialect, "do_commit", lossy)
    write(engine, run, [article("a", teases="b"), outcome("c", "failed")])
    assert next(losses, "none left") == "none left"
    assert read(engine, "SELECT revision FROM api.revision") == [1]
    assert read(engine, "SELECT outcome FROM api.outcome ORDER BY url") == ["stored", "failed"]
