"""A known date gives way to another one or to its withdrawal, not to what cannot be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.storage.write.contents import read_dates_again
from pipelines.storage.write.writer import write
from tests.storage.making import article, listing, new_run, read

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey

ON, AT = date(2026, 3, 6), datetime(2026, 3, 6, 1, 5, tzinfo=UTC)


def day(number: int) -> date:
    return date(2026, 3, number)


def page(raw: str | None, on: date | None, at: datetime | None = None, **more: Any) -> Any:
    return article("a", published_raw=raw, published_on=on, published_at=at, **more)


def stored(engine: Engine) -> list[Any]:
    return read(engine, "SELECT published_on, published_at, revision FROM api.article")


@pytest.mark.parametrize(
    ("raw", "on"),
    [
        ("2个月前", None),
        ("1周前", None),
        ("03-06 09:05", None),  # that day has not come yet, by the clock
        ("2026-02-30", None),
        ("2026-03-06", ON),
        ("今天", ON),
        ("昨天", day(5)),
        ("6天前", day(7)),
        ("刚刚", day(20)),
        ("9天前", date(2026, 2, 20)),
        ("03-06", date(2027, 3, 6)),
    ],
)
def test_a_vaguer_date_is_no_change(engine: Engine, run: RunKey, raw: str, on: date | None) -> None:
    write(engine, run, [page("2026-03-06 09:05", ON, AT)])
    assert write(engine, new_run(engine), [page(raw, on, minute=1)])[0].outcome == "unchanged"
    assert stored(engine) == [(ON, AT, 1)]
    # The page that was kept counts as the stored one.
    assert write(engine, new_run(engine), [page("2026-03-06 09:05", ON, AT, minute=2)])[0].outcome == "unchanged"


@pytest.mark.parametrize(
    ("raw", "on"),
    [("2026-03-09", day(9)), ("03-09", day(9)), ("2025-03-06", date(2025, 3, 6)), (None, None), (None, day(7))],
)
def test_another_date_and_a_withdrawal_are_changes(engine: Engine, run: RunKey, raw: str | None, on: Any) -> None:
    write(engine, run, [page("2026-03-06 09:05", ON, AT)])
    assert write(engine, run, [page(raw, on, minute=1)])[0].outcome == "stored"
    assert stored(engine) == [(on, None, 2)]
    assert read(engine, "SELECT changed_fields FROM api.revision WHERE revision = 2") == [["published"]]


def test_a_relative_date_counts_beside_another_text(engine: Engine, run: RunKey) -> None:
    write(engine, run, [page("昨天", ON)])
    write(engine, run, [page("刚刚", day(20), body=["再次发布的一段"], minute=1)])
    assert stored(engine) == [(day(20), None, 2)]
    assert read(engine, "SELECT changed_fields FROM api.revision WHERE revision = 2") == [["published", "body"]]


def test_an_edit_beside_a_vague_date_keeps_the_known_one(engine: Engine, run: RunKey) -> None:
    write(engine, run, [page("2026-03-06 09:05", ON, AT)])
    write(engine, run, [page("2个月前", None, title="改", minute=1)])
    assert stored(engine) == [(ON, AT, 2)]
    query = "SELECT changed_fields, published_on, published_at FROM api.revision WHERE revision = 2"
    assert read(engine, query) == [(["title"], ON, AT)]


def test_what_was_unknown_gives_way_to_a_relative_date(engine: Engine, run: RunKey) -> None:
    write(engine, run, [page("1周前", None)])
    write(engine, run, [page("昨天", ON, minute=1)])
    assert stored(engine) == [(ON, None, 2)]


FETCHED = datetime(2026, 3, 6, 12, tzinfo=UTC)  # the evening of the 6th in Beijing


@pytest.mark.parametrize(
    ("printed", "then", "expected"),
    [
        (("2026-03-07 06:30", day(7)), 7, (day(7), datetime(2026, 3, 6, 22, 30, tzinfo=UTC))),
        (("2026-03-06 23:30", day(6)), 7, (day(6), datetime(2026, 3, 6, 15, 30, tzinfo=UTC))),
        (("03-07 06:30", None), 9, (day(7), datetime(2026, 3, 6, 22, 30, tzinfo=UTC))),
        (("03-07", None), 300, (day(7), None)),
        (("2026-03-07 06:30", day(7)), 6, (day(7), None)),
        (("2026-05-07", None), 300, (None, None)),
        (("1周前", None), 300, (None, None)),
        (("昨天", day(5)), 300, (day(5), None)),
        (("2026-03-06", day(6)), 300, (day(6), None)),
    ],
)
def test_a_date_that_lay_ahead_is_read_again(
    engine: Engine, run: RunKey, printed: tuple[str, date | None], then: int, expected: tuple[Any, ...]
) -> None:
    raw, on = printed
    write(engine, run, [page(raw, on)])
    now = FETCHED + timedelta(days=then - 6)
    with engine.begin() as connection:
        known = read_dates_again(connection, run, now)
    assert known == (expected != (on, None))
    assert stored(engine) == [(*expected, 1)]
    assert read(engine, "SELECT published_on, published_at FROM api.revision") == [expected]
    with engine.begin() as connection:
        assert read_dates_again(connection, run, now) == 0
    assert write(engine, run, [page(raw, *expected, minute=1)])[0].outcome == "unchanged"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ((None, None), ON),
        (("2周前", None), ON),
        (("昨天", day(5)), ON),
        (("2026-03-01", day(1)), day(1)),
        (("3天前", day(16)), day(16)),
    ],
)
def test_a_lists_date_counts_until_the_page_tells_another(
    engine: Engine, run: RunKey, printed: tuple[str, date | None], expected: date
) -> None:
    shown = listing("手机", "a")
    shown.entries[0].published_on = ON
    write(engine, run, [shown])
    written = write(engine, run, [page(*printed, minute=1)])[0]
    assert written.counts == {"article/new": 1, "revision": 1}
    assert stored(engine) == [(expected, None, 1)]
    assert read(engine, "SELECT published_on, changed_fields FROM api.revision") == [(expected, [])]
    assert write(engine, run, [page(*printed, minute=2)])[0].outcome == "unchanged"


def test_the_date_of_a_list_is_not_withdrawn_and_only_an_earlier_one_replaces_it(engine: Engine, run: RunKey) -> None:
    told: dict[str, Any] = {"provenance": {"published": "list"}}
    write(engine, run, [page(None, ON, **told)])
    later = [page(None, None, minute=1), page(None, day(7), minute=2, **told), page("1周前", None, minute=3)]
    assert {written.outcome for written in write(engine, new_run(engine), later)} == {"unchanged"}
    write(engine, new_run(engine), [page(None, None, title="改", minute=4)])
    assert stored(engine) == [(ON, None, 2)]
    assert read(engine, "SELECT provenance ->> 'published' FROM api.revision") == ["list", "list"]
    # The list was corrected; the one that was not leads to the page again.
    write(engine, new_run(engine), [page(None, day(5), title="改", minute=5, **told)])
    write(engine, new_run(engine), [page(None, ON, title="改", minute=6, **told)])
    assert stored(engine) == [(day(5), None, 3)]
    write(engine, new_run(engine), [page("2026-03-09", day(9), minute=7), page(None, day(4), minute=8, **told)])
    assert stored(engine) == [(day(9), None, 4)]


@pytest.mark.parametrize("raw", ["03-06", None])
def test_a_list_mends_a_guessed_year(engine: Engine, run: RunKey, raw: str | None) -> None:
    told: dict[str, Any] = {"provenance": {"published": "list"}}
    write(engine, run, [page("03-06", ON)])
    write(engine, new_run(engine), [page(raw, date(2025, 3, 6), minute=1, **told)])
    write(engine, new_run(engine), [page("03-06", ON, minute=2)])
    assert stored(engine) == [(date(2025, 3, 6), None, 2)]


def test_a_printed_date_stays_a_printed_one_beside_that_of_a_list(engine: Engine, run: RunKey) -> None:
    write(engine, run, [page("2026-03-06", ON, provenance={"published": "structure"})])
    write(engine, new_run(engine), [page(None, day(8), title="改", minute=1, provenance={"published": "list"})])
    assert stored(engine) == [(ON, None, 2)]
    assert read(engine, "SELECT provenance ->> 'published' FROM api.revision WHERE revision = 2") == ["structure"]
    write(engine, new_run(engine), [page(None, None, title="改", minute=2)])
    assert stored(engine) == [(None, None, 3)]
