"""What the frontier answers about pages that earlier runs stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from pipelines.storage.read import frontier
from pipelines.storage.read.frontier import Lookup
from pipelines.storage.write.writer import write
from smartdaily_crawler.crawl.frontier import CrawlState, ListingState, Validators
from tests.storage.making import NOON, article, end, fetch, listing, new_run, outcome, teaser, url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Article

HOUR, DAY = 3600.0, 86_400.0
SCHEDULE = [(DAY, HOUR), (7 * DAY, DAY)]
"""Hourly for a day, daily for a week, then never."""


def lookup(
    run: RunKey, *, now: datetime = NOON, schedule: Sequence[tuple[float, float]] = SCHEDULE, parser: str = "1"
) -> Lookup:
    return Lookup(run, now, schedule, parser)


def article_state(engine: Engine, run: RunKey, name: str, **more: Any) -> CrawlState:
    with engine.connect() as connection:
        [state] = frontier.articles(connection, lookup(run, **more), [url(name)])
    return state


def due(engine: Engine, run: RunKey, limit: int = 9, **more: Any) -> list[str]:
    with engine.connect() as connection:
        return [state.url for state in frontier.due(connection, lookup(run, **more), limit)]


def listing_state(engine: Engine, run: RunKey, category: str, names: str, **changed: Any) -> ListingState:
    shown = [teaser(name, block="entries", **changed) for name in names.split()]
    with engine.connect() as connection:
        return frontier.entries(connection, lookup(run), category, shown)


def fetched(engine: Engine, name: str, *, ago: timedelta, published: date | datetime | None = None) -> None:
    """Store an article that was fetched ``ago`` before now, by the database's clock."""
    times: dict[str, Any] = {"published_on": None}
    if isinstance(published, datetime):
        times = {"published_on": published.date(), "published_at": published}
    elif published:
        times = {"published_on": published}
    write(engine, new_run(engine), [article(name, **times)])
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE crawl.article SET last_fetched_at = now() - :ago, first_seen_at = now() - :ago WHERE url = :url"
            ),
            {"ago": ago, "url": url(name)},
        )


def test_an_unknown_url_is_due(engine: Engine, run: RunKey) -> None:
    assert article_state(engine, run, "a") == CrawlState(url("a"))


def test_an_article_known_only_from_a_link_is_due(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b")])
    assert article_state(engine, new_run(engine), "b") == CrawlState(url("b"), listed_title="题目 b")
    assert due(engine, new_run(engine), schedule=[]) == [url("b")]


@pytest.mark.parametrize(
    ("age", "ago", "is_due"),
    [
        (timedelta(hours=5), timedelta(minutes=59), False),
        (timedelta(hours=5), timedelta(minutes=61), True),
        (timedelta(days=2), timedelta(hours=23), False),
        (timedelta(days=2), timedelta(hours=25), True),
        (timedelta(days=8), timedelta(days=300), False),
        (timedelta(hours=-3), timedelta(minutes=61), True),
    ],
    ids=["young, just read", "young", "older, read today", "older", "too old", "ahead of the clock"],
)
def test_the_schedule(engine: Engine, run: RunKey, age: timedelta, ago: timedelta, is_due: bool) -> None:
    fetched(engine, "a", ago=ago, published=NOON - age)
    assert article_state(engine, run, "a").is_due is is_due
    assert due(engine, run) == ([url("a")] if is_due else [])


def test_a_printed_day_ends_at_the_sites_midnight(engine: Engine, run: RunKey) -> None:
    fetched(engine, "a", ago=timedelta(hours=2), published=date(2026, 3, 6))
    evening = datetime(2026, 3, 7, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert article_state(engine, run, "a", now=evening).is_due
    assert not article_state(engine, run, "a", now=evening + timedelta(minutes=2)).is_due


def test_without_a_date_the_age_counts_from_the_first_sighting(engine: Engine, run: RunKey) -> None:
    fetched(engine, "a", ago=timedelta(hours=2))
    assert due(engine, run) == [url("a")]
    fetched(engine, "b", ago=timedelta(days=8))
    assert due(engine, run) == [url("a")]


def test_those_unchecked_for_longest_first_up_to_the_limit(engine: Engine, run: RunKey) -> None:
    for name, hours in (("a", 2), ("b", 4), ("c", 3)):
        fetched(engine, name, ago=timedelta(hours=hours), published=NOON)
    assert due(engine, run, limit=2) == [url("b"), url("c")]
    write(engine, run, [outcome("b", "failed")])
    assert due(engine, run) == [url("c"), url("a")]


def test_what_fails_for_ever_does_not_keep_others_from_being_asked(engine: Engine, run: RunKey) -> None:
    write(engine, run, [listing("手机", "a b c d")])
    second = new_run(engine)
    assert due(engine, second, limit=2) == [url("a"), url("b")]
    write(engine, second, [outcome(name, "failed", status=500, minute=1) for name in "ab"])
    third = new_run(engine)
    assert due(engine, third, limit=2) == [url("c"), url("d")]
    write(engine, third, [outcome(name, "failed", status=500, minute=2) for name in "cd"])
    assert due(engine, new_run(engine), limit=2) == [url("a"), url("b")]


def test_after_a_first_404_the_next_run_fetches_again(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), outcome("a", "gone", status=404, minute=1)])
    assert not article_state(engine, run, "a", schedule=[]).is_due
    assert due(engine, new_run(engine), schedule=[]) == [url("a")]


def test_a_gone_article_is_due_only_where_a_list_shows_it_again(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a")])
    gone(engine, "a")
    later = new_run(engine)
    assert not article_state(engine, later, "a").is_due
    assert listing_state(engine, later, "手机", "a").states[0].is_due


def test_a_gone_article_is_asked_for_again_ever_more_rarely(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a")])
    gone(engine, "a")
    later = new_run(engine)
    for since, checked, is_due in (
        ("0h", "0h", False),
        ("25h", "25h", True),
        ("73h", "49h", True),
        ("73h", "23h", False),
        ("9000h", "5000h", False),
    ):
        with engine.begin() as connection:
            moment = "UPDATE crawl.article SET missing_since = now() - CAST(:since AS interval), "
            moment += "missing_checked_at = now() - CAST(:checked AS interval)"
            connection.execute(text(moment), {"since": since, "checked": checked})
        assert bool(due(engine, later)) == is_due, (since, checked)


def test_a_gone_article_that_returns_is_read_again(engine: Engine, run: RunKey) -> None:
    write(engine, run, [validated("a")])
    gone(engine, "a")
    [state] = listing_state(engine, new_run(engine), "手机", "a").states
    assert (state.is_due, state.validators) == (True, None)


def test_a_page_that_answers_after_a_first_404_is_due_by_the_schedule(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), outcome("a", "gone", status=404, minute=1)])
    write(engine, new_run(engine), [outcome("a", "rejected", minute=2)])
    assert due(engine, new_run(engine), schedule=[]) == []


def test_a_url_that_redirects_to_another_article_is_due_by_the_schedule(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), article("b")])
    now = datetime.now(UTC)
    moved = outcome("a", "duplicate", alias_of="b")
    moved.fetch.fetched_at = now
    write(engine, new_run(engine), [moved])
    assert due(engine, new_run(engine), schedule=[(10_000 * DAY, HOUR)]) == [url("b")]


def test_a_rejected_page_is_not_due_again_at_once(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("x", teases="a b")])
    now = datetime.now(UTC)
    for name, ending, reason in (("a", "rejected", "no_body"), ("b", "skipped", "run_stopped")):
        item = outcome(name, ending)  # type: ignore[arg-type]  # an outcome's name
        item.fetch.fetched_at, item.reason = now, reason
        write(engine, run, [item])
    waiting = due(engine, new_run(engine), schedule=[(10_000 * DAY, HOUR)])
    assert url("b") in waiting
    assert url("a") not in waiting


def test_a_page_rejected_again_is_told_from_one_rejected_for_the_first_time(engine: Engine, run: RunKey) -> None:
    def rejected_again(minute: int) -> list[int]:
        ends = [outcome(name, "rejected", minute=minute) for name in ("x", "a")]
        written = write(engine, new_run(engine), ends)
        return [end.counts.get("article/rejected_again", 0) for end in written]

    write(engine, run, [article("a", teases="x")])
    assert rejected_again(1) == [0, 0]
    assert rejected_again(2) == [1, 0]


def test_an_alias_is_fetched_under_the_canonical_url(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), article("a", at="m-a")])
    assert article_state(engine, run, "m-a", schedule=[]) == CrawlState(url("a"), is_due=False, is_fetched=True)


def test_a_missing_article_is_also_asked_for_at_its_alternate_url(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), article("a", at="m-a", title="题目 a", body=["第一段 a", "第二段"])])
    write(engine, run, [outcome("a", "gone", status=404, minute=1)])
    later = new_run(engine)
    assert sorted(due(engine, later)) == [url("a"), url("m-a")]
    assert known(engine, later, 9) in ([url("a"), url("m-a")], [url("m-a"), url("a")])
    assert article_state(engine, later, "m-a").url == url("m-a")
    assert article_state(engine, later, "a").url == url("a")


def test_an_edit_at_an_alternate_url_makes_the_article_due(engine: Engine, run: RunKey) -> None:
    fetched(engine, "a", ago=timedelta(minutes=1), published=NOON)
    stored: dict[str, Any] = {"title": "题目 a", "body": ["第一段 a", "第二段"]}
    at: dict[str, Any] = {"minute": 60 * 24 * 365}
    write(engine, run, [article("a", at="m-a", **stored, **at)])
    assert due(engine, new_run(engine)) == []
    later = new_run(engine)
    [written] = write(
        engine, later, [article("a", at="m-a", **{**stored, "body": ["第一段 a", "第二段，已更正"]}, **at)]
    )
    assert written.reason == "alternate_url"
    assert due(engine, new_run(engine)) == [url("a")]
    own = fetch("a")
    own.fetched_at = datetime.now(UTC)
    page = article("a", body=["第一段 a", "第二段，已更正"], published_at=NOON)
    page.fetch = own
    write(engine, new_run(engine), [page])
    assert due(engine, new_run(engine)) == []


def test_a_teaser_that_shows_another_title_makes_its_target_due(engine: Engine, run: RunKey) -> None:
    def teases(title: str, source: str, minute: int) -> None:
        page = article(source, minute=minute)
        page.teasers = [teaser("a", title=title)]
        write(engine, new_run(engine), [page])

    far = 60 * 24 * 365
    for number, source in enumerate("xy"):
        teases("旧题目", source, number)
    fetched(engine, "a", ago=timedelta(minutes=1), published=NOON)
    assert url("a") not in due(engine, run)
    teases("新题目", "x", far)
    assert url("a") in due(engine, new_run(engine))
    assert article_state(engine, new_run(engine), "a").is_due
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE crawl.article SET last_fetched_at = :at WHERE url = :url"),
            {"at": NOON + timedelta(minutes=far + 1), "url": url("a")},
        )
    # The second page that shows it says nothing new.
    teases("新题目", "y", far + 5)
    assert url("a") not in due(engine, new_run(engine))


def left_behind(engine: Engine, run: RunKey, *, follow_teasers: bool = True) -> list[str]:
    with engine.connect() as connection:
        return [state.url for state in frontier.left_behind(connection, lookup(run), 9, follow_teasers=follow_teasers)]


def test_a_partial_walk_fetches_what_a_killed_one_left_behind(engine: Engine, run: RunKey) -> None:
    write(
        engine, run, [listing("手机", "a b"), article("a", minute=1, teases="c"), article("c", minute=2, teases="far")]
    )
    later = new_run(engine)
    assert left_behind(engine, later) == [url("b")]
    with engine.begin() as connection:
        connection.execute(text("UPDATE crawl.crawl_run SET reason = 'aborted' WHERE run_id = :id"), {"id": run.run_id})
    write(engine, later, [article("a", minute=3, teases="c d")])
    assert left_behind(engine, new_run(engine)) == [url("b"), url("d")]
    assert left_behind(engine, new_run(engine), follow_teasers=False) == [url("b")]
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE crawl.crawl_run SET reason = 'finished' WHERE run_id = :id"), {"id": later.run_id}
        )
    assert left_behind(engine, new_run(engine)) == []


def test_a_new_article_that_shows_a_known_notice_is_due_by_the_schedule(engine: Engine, run: RunKey) -> None:
    notice: dict[str, Any] = {"title": "系统维护公告", "body": ["机房今晚更换设备。"]}
    write(engine, run, [article(name) for name in "ab"])
    late = 60 * 24 * 365
    pages = [article(name, minute=late, **notice) for name in ("a", "b", "new")]
    assert [written.reason for written in write(engine, new_run(engine), pages)] == ["notice"] * 3
    assert url("new") not in due(engine, new_run(engine))


def gone(engine: Engine, name: str) -> None:
    """Let a run find the article gone for good."""
    finding = new_run(engine)
    write(engine, finding, [outcome(name, "gone", status=410, minute=1)])
    assert end(engine, finding).gone == 1


def validated(name: str, *, minute: int = 0) -> Article:
    page = article(name, minute=minute)
    page.fetch.etag, page.fetch.last_modified, page.fetch.raw_hash = '"1"', "Fri, 06 Mar 2026", "68" * 32
    return page


def test_validators_are_those_of_the_same_parser(engine: Engine, run: RunKey) -> None:
    write(engine, run, [validated("a")])
    assert article_state(engine, run, "a").validators == Validators('"1"', "Fri, 06 Mar 2026", "68" * 32)
    assert article_state(engine, run, "a", parser="2").validators is None


def test_an_unchanged_page_that_a_new_parser_read_need_not_be_read_again(engine: Engine, run: RunKey) -> None:
    for minute, version in ((0, "1"), (1, "2")):
        page = article("a", minute=minute, parser_version=version)
        page.fetch.etag = '"1"'
        write(engine, run, [page])
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT revision FROM api.article")) == 1
    assert article_state(engine, run, "a", parser="2").validators == Validators('"1"', None, None)


def test_teasers_of_an_unmodified_page_stay(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b c")])
    write(engine, new_run(engine), [article("a", teases="b", minute=1)])
    write(engine, new_run(engine), [outcome("a", "not_modified", status=304, minute=2)])
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT to_url, last_seen_at FROM api.teaser")).all()
    assert {row.to_url: row.last_seen_at for row in rows} == {url("b"): NOON + timedelta(minutes=2), url("c"): NOON}


def known(engine: Engine, run: RunKey, limit: int) -> list[str]:
    with engine.connect() as connection:
        return [state.url for state in frontier.known(connection, run, limit)]


def test_the_title_of_a_list_is_tried_again_where_a_page_was_read_by_it(engine: Engine, run: RunKey) -> None:
    by_list: dict[str, Any] = {"title": "单上的题目", "provenance": {"title": "list"}}
    write(engine, run, [article("a", teases="b"), article("c", **by_list)])
    later = new_run(engine)
    titles = {name: article_state(engine, later, name).listed_title for name in "abc"}
    assert titles == {"a": None, "b": "题目 b", "c": "单上的题目"}
    with engine.connect() as connection:
        states = frontier.known(connection, later, 9)
    assert {state.url: state.listed_title for state in states} == {url(name): titles[name] for name in "abc"}


class TestKnown:
    def test_longest_unchecked_first_then_those_never_fetched(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("b", minute=1), article("a", minute=2, teases="c"), article("d", minute=3)])
        assert known(engine, run, 9) == [url("c")]
        later = new_run(engine)
        assert known(engine, later, 9) == [url("b"), url("a"), url("d"), url("c")]
        assert known(engine, later, 2) == [url("b"), url("a")]
        write(engine, later, [outcome("c", "failed", minute=4), outcome("b", "gone", status=410, minute=4)])
        end(engine, later)
        assert known(engine, later, 9) == [url("a"), url("d")]
        assert known(engine, new_run(engine), 9) == [url("a"), url("d"), url("c")]

    def test_an_outcome_under_any_url_counts(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("a", at="m-a", final="a")])
        later = new_run(engine)
        write(engine, later, [outcome("m-a", "not_modified", minute=1)])
        assert known(engine, later, 9) == []
