"""The rows that the writer stores for each kind of item."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from pipelines.storage.db.retry import query
from pipelines.storage.read.runs import outcome_counts
from pipelines.storage.write.disappearance import Disappearance
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Image
from tests.storage.making import (
    NOON,
    article,
    edges,
    end,
    fetch,
    listing,
    navigation,
    new_run,
    outcome,
    read,
    states,
    teaser,
    url,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Item


def test_no_items(engine: Engine, run: RunKey) -> None:
    assert write(engine, run, []) == []


def test_navigation(engine: Engine, run: RunKey) -> None:
    first = write(engine, run, [navigation("手机", "电脑")])[0]
    assert (first.outcome, first.counts) == ("stored", {"category/new": 2})
    later = write(engine, run, [navigation("电脑", "手机", "手表", minute=5)])[0]
    assert later.counts == {"category/new": 1}
    assert read(engine, "SELECT name, position FROM api.category ORDER BY position") == [
        ("电脑", 1),
        ("手机", 2),
        ("手表", 3),
    ]
    assert write(engine, run, [navigation("电脑", "手机", "手表", minute=6)])[0].outcome == "unchanged"
    assert read(engine, "SELECT DISTINCT last_seen_at FROM api.category") == [NOON + timedelta(minutes=6)]


def test_listing(engine: Engine, run: RunKey) -> None:
    written = write(engine, run, [navigation("手机"), listing("手机", "a b"), listing("手机", "b c", minute=1)])
    assert [entry.counts for entry in written[1:]] == [
        {"article/discovered": 2, "entry/new": 2},
        {"article/discovered": 1, "entry/new": 1},
    ]
    assert states(engine) == {"a": "discovered", "b": "discovered", "c": "discovered"}
    assert read(engine, "SELECT title, summary, categories FROM api.article WHERE url = :url", url=url("a")) == [
        ("题目 a", "摘要…", ["手机"])
    ]
    again = write(engine, run, [listing("手机", "a b", minute=2)])[0]
    assert (again.outcome, again.counts) == ("unchanged", {})
    assert read(engine, "SELECT known_share FROM crawl.listing") == [1.0]


def test_a_listing_before_its_navigation(engine: Engine, run: RunKey) -> None:
    assert write(engine, run, [listing("手机", "a")])[0].counts["category/new"] == 1
    write(engine, run, [navigation("手机", minute=1)])
    assert read(engine, "SELECT name, position FROM api.category") == [("手机", 1)]


def test_a_first_fetch(engine: Engine, run: RunKey) -> None:
    page = article(
        "a",
        teases="b c",
        source="天文网",
        images=[Image(url=url("picture"))],
        published_raw="2026-03-06",
        provenance={"title": "structure"},
    )
    written = write(engine, run, [page])[0]
    assert written.outcome == "stored"
    assert written.counts == {"article/new": 1, "article/discovered": 2, "revision": 1, "teaser/new": 2}
    assert states(engine) == {"a": "fetched", "b": "discovered", "c": "discovered"}
    fields = "title, body, source, author, image_url, published_on, published_at, revision"
    assert read(engine, f"SELECT {fields} FROM api.article WHERE state = 'fetched'") == [
        ("题目 a", "第一段 a\n\n第二段", "天文网", None, url("picture"), date(2026, 3, 6), None, 1)
    ]
    assert read(engine, "SELECT revision, changed_fields, published_raw, provenance FROM api.revision") == [
        (1, [], "2026-03-06", {"title": "structure"})
    ]
    assert read(engine, "SELECT position, summary FROM api.teaser ORDER BY position") == [(1, "摘要…"), (2, "摘要…")]
    assert read(engine, "SELECT url, kind, outcome, http_status FROM api.outcome") == [
        (url("a"), "article", "stored", 200)
    ]


def test_a_revision_names_what_changed(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", source="甲")])
    changed = article("a", source="乙", title="新题目", minute=1, published_at=NOON)
    written = write(engine, run, [changed])[0]
    assert (written.outcome, written.counts) == ("stored", {"article/changed": 1, "revision": 1})
    assert read(engine, "SELECT changed_fields FROM api.revision WHERE revision = 2") == [
        ["title", "published", "source"]
    ]
    assert read(engine, "SELECT last_changed_at FROM api.article") == [NOON + timedelta(minutes=1)]


def test_a_change_outside_the_content_makes_no_revision(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b")])
    rotated = article("a", teases="c", summary="新摘要", images=[Image(url=url("i"))], minute=1)
    written = write(engine, run, [rotated])[0]
    assert written.outcome == "unchanged"
    assert written.counts == {"article/discovered": 1, "teaser/new": 1, "teaser/removed": 1}
    assert read(engine, "SELECT revision, summary FROM api.article WHERE state = 'fetched'") == [(1, "新摘要")]


def test_the_same_time_in_another_zone_is_no_change(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", published_at=NOON)])
    beijing = datetime.fromisoformat("2026-03-06T20:00:00+08:00")
    assert write(engine, run, [article("a", published_at=beijing, minute=1)])[0].outcome == "unchanged"


def test_an_older_page_never_overwrites_a_newer_one(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", title="新", minute=5, teases="b")])
    late = write(engine, run, [article("a", title="旧", teases="c")])[0]
    assert (late.outcome, late.reason) == ("unchanged", "older")
    assert read(engine, "SELECT title FROM api.article WHERE state = 'fetched'") == ["新"]
    assert edges(engine) == {("a", "b")}


def test_two_pages_of_one_article_in_a_batch(engine: Engine, run: RunKey) -> None:
    written = write(engine, run, [article("a"), article("a", title="改", minute=1, teases="b")])
    assert [entry.counts.get("revision") for entry in written] == [1, 1]
    assert read(engine, "SELECT revision, changed_fields FROM api.revision ORDER BY revision") == [
        (1, []),
        (2, ["title"]),
    ]
    assert read(engine, "SELECT outcome FROM api.outcome") == ["stored"]


def test_teasers_leave_and_return(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b c")])
    gone = write(engine, run, [article("a", teases="c d", minute=1)])[0]
    assert gone.counts == {"article/discovered": 1, "teaser/new": 1, "teaser/removed": 1}
    assert edges(engine) == {("a", "c"), ("a", "d")}
    assert edges(engine, removed=True) == {("a", "b")}
    write(engine, run, [article("a", teases="b c d", minute=2)])
    assert edges(engine, removed=True) == set()
    first, last = read(engine, "SELECT first_seen_at, last_seen_at FROM api.teaser WHERE to_url = :b", b=url("b"))[0]
    assert (first, last) == (NOON, NOON + timedelta(minutes=2))


def test_a_gone_page_shows_no_teasers(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b c"), article("b", teases="a")])
    later = new_run(engine)
    write(engine, later, [outcome("a", "gone", status=410, minute=1)])
    assert end(engine, later) == Disappearance(1, 2, 0)
    assert edges(engine) == {("b", "a")}
    write(engine, new_run(engine), [article("a", teases="b", minute=2)])
    assert edges(engine) == {("b", "a"), ("a", "b")}


def test_further_pages_end_like_their_article(engine: Engine, run: RunKey) -> None:
    ended = outcome("a", "failed")
    ended.parts.append(fetch("a_2", kind="part"))
    write(engine, run, [ended])
    assert query(engine, lambda connection: outcome_counts(connection, run), patience=0) == {"failed": 2}


def test_blocks_are_separate_edges_and_no_article_teases_itself(engine: Engine, run: RunKey) -> None:
    shown = [teaser("b"), teaser("b", 1, block="ranking"), teaser("b", 2), teaser("a", 3)]
    assert write(engine, run, [article("a", teasers=shown)])[0].counts["teaser/new"] == 2
    assert read(engine, "SELECT block, position FROM api.teaser ORDER BY block") == [("ranking", 1), ("teasers", 1)]


def test_articles_that_tease_each_other_in_one_batch(engine: Engine, run: RunKey) -> None:
    written = write(engine, run, [article("a", teases="b"), article("b", teases="a")])
    assert all("article/discovered" not in entry.counts for entry in written)
    assert edges(engine) == {("a", "b"), ("b", "a")}


def test_breadcrumbs_that_name_a_category(engine: Engine, run: RunKey) -> None:
    write(engine, run, [navigation("手机"), article("a", categories=["首页", "手机"])])
    assert read(engine, "SELECT categories FROM api.article") == [["手机"]]
    write(engine, run, [listing("手机", "b a", minute=1)])
    assert read(engine, "SELECT position FROM crawl.article_category ORDER BY position") == [1, 2]


def test_a_listing_fills_the_summary_only(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", title="页面题目")])
    write(engine, run, [listing("手机", "a", minute=1)])
    assert read(engine, "SELECT title, summary, revision FROM api.article") == [("页面题目", "摘要…", 1)]


def test_parts_have_an_outcome_too(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", parts=[fetch("a_2", kind="part")])])
    assert read(engine, "SELECT kind, outcome FROM api.outcome ORDER BY kind") == [
        ("article", "stored"),
        ("part", "stored"),
    ]
    assert query(engine, lambda connection: outcome_counts(connection, run), patience=0) == {"stored": 2}


def test_one_outcome_for_a_url_in_a_run(engine: Engine, run: RunKey) -> None:
    write(engine, run, [outcome("x", "failed")])
    write(engine, run, [outcome("x", "rejected", minute=1), outcome("x", "skipped", minute=2, renderer="splash")])
    assert read(engine, "SELECT outcome, renderer FROM api.outcome") == [("skipped", "splash")]
    write(engine, run, [article("x", minute=3)])
    write(engine, run, [outcome("x", "skipped", minute=4)])
    assert read(engine, "SELECT outcome, renderer FROM api.outcome") == [("stored", None)]
    other = new_run(engine)
    write(engine, other, [outcome("x", "failed", minute=5)])
    assert query(engine, lambda connection: outcome_counts(connection, other), patience=0) == {"failed": 1}


class TestGone:
    def test_410_at_once(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("a", teases="b")])
        later = new_run(engine)
        written = write(engine, later, [outcome("a", "gone", status=410, minute=1)])[0]
        assert (written.outcome, written.counts) == ("gone", {"article/missing": 1})
        assert states(engine)["a"] == "fetched"
        assert end(engine, later) == Disappearance(1, 1, 0)
        assert states(engine)["a"] == "gone"
        assert edges(engine) == set()

    def test_404_in_a_second_run(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("a")])
        for minute in (1, 2):
            written = write(engine, run, [outcome("a", "gone", status=404, minute=minute)])[0]
            assert written.outcome == "gone"
        assert end(engine, run).gone == 0
        assert states(engine) == {"a": "fetched"}
        later = new_run(engine)
        assert write(engine, later, [outcome("a", "gone", status=404, minute=3)])[0].counts == {}
        assert end(engine, later).gone == 1
        assert states(engine) == {"a": "gone"}
        assert read(engine, "SELECT missing_since FROM crawl.article") == [NOON + timedelta(minutes=1)]

    def test_an_answer_in_between_resets_it(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("a"), outcome("a", "gone", status=404, minute=1)])
        write(engine, new_run(engine), [outcome("a", "not_modified", status=304, minute=2)])
        third = new_run(engine)
        write(engine, third, [outcome("a", "gone", status=404, minute=3)])
        assert end(engine, third).gone == 0
        assert states(engine) == {"a": "fetched"}

    def test_and_back(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("a")])
        later = new_run(engine)
        write(engine, later, [outcome("a", "gone", status=410, minute=1)])
        assert end(engine, later).gone == 1
        back = write(engine, run, [article("a", minute=2)])[0]
        assert (back.outcome, back.counts) == ("unchanged", {"article/back": 1})
        assert states(engine) == {"a": "fetched"}

    def test_a_failing_alias_does_not_change_the_article(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("a", at="m-a", final="a"), outcome("m-a", "gone", status=410, minute=1)])
        assert end(engine, run).gone == 0
        assert states(engine) == {"a": "fetched"}

    def test_unknown_urls_leave_only_an_outcome(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [outcome("x", "gone", status=410)])
        assert states(engine) == {}


class TestDuplicates:
    TEXT: ClassVar[dict[str, Any]] = {"title": "同一篇", "body": ["同样的话"]}

    def originals(self, engine: Engine) -> dict[str, str | None]:
        found = read(
            engine, "SELECT a.url, o.url FROM api.article a LEFT JOIN api.article o ON o.article_id = a.duplicate_of"
        )
        return dict(found)

    @pytest.mark.parametrize("order", ["abc", "cba", "bca"])
    def test_the_earliest_is_the_original_whatever_the_order(self, engine: Engine, run: RunKey, order: str) -> None:
        days = {"a": date(2026, 3, 3), "b": date(2026, 3, 2), "c": None}
        for name in order:
            write(engine, run, [article(name, published_on=days[name], **self.TEXT)])
        assert self.originals(engine) == {url("a"): url("b"), url("b"): None, url("c"): url("b")}
        assert read(engine, "SELECT DISTINCT kind, similarity FROM api.duplicate") == [("exact", 1.0)]

    def test_in_one_batch(self, engine: Engine, run: RunKey) -> None:
        written = write(engine, run, [article("a", **self.TEXT), article("b", **self.TEXT)])
        assert [entry.counts.get("article/duplicate", 0) for entry in written] == [0, 1]
        assert self.originals(engine) == {url("a"): None, url("b"): url("a")}

    def test_texts_that_diverge_are_no_duplicates_any_more(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article(name, **self.TEXT) for name in "abc"])
        write(engine, run, [article("a", title="改写", body=["别的话"], minute=1)])
        assert self.originals(engine) == {url("a"): None, url("b"): None, url("c"): url("b")}
        write(engine, run, [article("c", title="空", body=[], minute=1)])
        assert self.originals(engine) == {url("a"): None, url("b"): None, url("c"): None}

    def test_an_equal_title_alone_makes_no_duplicate(self, engine: Engine, run: RunKey) -> None:
        write(engine, run, [article("a", title="快讯", body=[]), article("b", title="快讯", body=[])])
        assert self.originals(engine) == {url("a"): None, url("b"): None}


def test_writing_again_changes_nothing(engine: Engine, run: RunKey) -> None:
    items: list[Item] = [
        navigation("手机"),
        listing("手机", "a b"),
        article("a", teases="b c", categories=["手机"]),
        article("d", at="m-d", final="d", teases="a"),
        article("e", title="题目 a", body=["第一段 a", "第二段"]),
        outcome("f", "failed"),
        outcome("a", "gone", status=404, minute=1),
    ]
    write(engine, run, items)
    tables = read(engine, "SELECT tablename FROM pg_tables WHERE schemaname = 'crawl'")
    before = {table: sorted(map(str, read(engine, f"SELECT t::text FROM crawl.{table} t"))) for table in tables}
    written = write(engine, run, items)
    after = {table: sorted(map(str, read(engine, f"SELECT t::text FROM crawl.{table} t"))) for table in tables}
    assert after == before
    assert all(not entry.counts for entry in written)


def test_the_feed_shows_each_change_once(engine: Engine, run: RunKey) -> None:
    def feed(after: tuple[str, int] = ("0", 0)) -> list[tuple[str, int, str]]:
        return read(
            engine,
            "SELECT change_xid::text, change_seq, url FROM api.article_change "
            "WHERE (change_xid, change_seq) > (CAST(:xid AS xid8), :seq) ORDER BY change_xid, change_seq",
            xid=after[0],
            seq=after[1],
        )

    write(engine, run, [article("a", teases="b")])
    first = feed()
    assert {entry[2] for entry in first} == {url("a"), url("b")}
    assert feed(first[-1][:2]) == []
    write(engine, run, [article("a", teases="b", minute=1), listing("手机", "b", minute=1)])
    # b's summary and category changed; a was only seen.
    assert [entry[2] for entry in feed(first[-1][:2])] == [url("b")]
    last = feed()[-1]
    write(engine, run, [listing("手机", "b", minute=2), listing("电脑", "a", minute=2)])
    assert [entry[2] for entry in feed(last[:2])] == [url("a")]


def test_a_sighting_counts_once_a_run(engine: Engine, run: RunKey) -> None:
    def last_seen() -> datetime:
        seen: datetime = read(engine, "SELECT last_seen_at FROM api.article WHERE url = :b", b=url("b"))[0]
        return seen

    write(engine, run, [article("a", teases="b")])
    assert last_seen() == NOON
    minutes = int((datetime.now(UTC) - NOON).total_seconds() // 60) + 5
    write(engine, run, [article("a", teases="b", minute=minutes)])
    assert last_seen() == NOON + timedelta(minutes=minutes)
    write(engine, run, [article("a", teases="b", minute=minutes + 1)])
    assert last_seen() == NOON + timedelta(minutes=minutes)


def test_one_notification_a_transaction(engine: Engine, run: RunKey) -> None:
    write(engine, run, [navigation("手机")])
    raw = engine.raw_connection()
    listener: Any = raw.driver_connection
    listener.autocommit = True
    listener.cursor().execute("LISTEN smartdaily_change")
    write(engine, run, [article("a", teases="b c d"), article("e")])
    write(engine, run, [article("a", teases="b c d", minute=1), navigation("手机", minute=1)])
    listener.poll()
    assert [notice.channel for notice in listener.notifies] == ["smartdaily_change"]
    raw.invalidate()
