"""What the frontier answers about entries and pages of lists that earlier runs stored."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.storage.read import frontier
from pipelines.storage.write.writer import write
from smartdaily_crawler.crawl.frontier import Validators
from tests.storage.making import article, fetch, listing, navigation, new_run, outcome, url
from tests.storage.test_frontier import due, listing_state

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Listing


def walked(entries: str, *, ends: bool = True, minute: int = 0) -> Listing:
    page = listing("手机", entries, minute=minute)
    page.ends_walk = ends
    return page


def letters(engine: Engine, run: RunKey, names: str, **changed: Any) -> str:
    shown = listing_state(engine, run, "手机", names, **changed)
    return "".join("k" if state.is_known_unchanged else "n" for state in shown.states)


def test_entries_of_a_completed_walk_are_known_and_unchanged(engine: Engine, run: RunKey) -> None:
    write(engine, run, [navigation("手机"), walked("b a")])
    assert letters(engine, run, "c b a") == "nkk"


def test_entries_of_a_killed_walk_are_not(engine: Engine, run: RunKey) -> None:
    write(engine, run, [navigation("手机"), walked("b a")])
    write(engine, new_run(engine), [walked("d c", ends=False, minute=1)])
    shown = listing_state(engine, new_run(engine), "手机", "d c b a")
    assert [state.is_known_unchanged for state in shown.states] == [False, False, True, True]
    assert shown.was_walked


def test_no_entry_is_before_the_first_walk(engine: Engine, run: RunKey) -> None:
    write(engine, run, [navigation("手机"), walked("a", ends=False)])
    shown = listing_state(engine, run, "手机", "a")
    assert (shown.was_walked, shown.states[0].is_known_unchanged) == (False, False)
    assert not listing_state(engine, run, "电脑", "a").was_walked


@pytest.mark.parametrize("changed", [{"title": "改过的题目"}, {"published_on": date(2026, 3, 7)}])
def test_an_entry_with_another_title_or_date_is_due_at_once(
    engine: Engine, run: RunKey, changed: dict[str, Any]
) -> None:
    write(engine, run, [navigation("手机"), walked("a"), article("a", title="题目 a", minute=1)])
    same = listing_state(engine, run, "手机", "a").states[0]
    other = listing_state(engine, run, "手机", "a", **changed).states[0]
    assert (same.is_known_unchanged, other.is_known_unchanged, other.is_due) == (True, False, True)


def test_an_entry_that_a_killed_run_saw_changed_is_due_until_its_page_was_fetched(engine: Engine, run: RunKey) -> None:
    write(engine, run, [navigation("手机"), walked("a"), article("a", title="题目 a", minute=1)])
    changed = walked("a", minute=2)
    changed.entries[0].title = "改过的题目"
    write(engine, new_run(engine), [changed])
    later = new_run(engine)
    assert listing_state(engine, later, "手机", "a", title="改过的题目").states[0].is_due
    assert due(engine, later, schedule=[]) == [url("a")]
    write(engine, later, [outcome("a", "not_modified", status=304, minute=3)])
    assert due(engine, new_run(engine), schedule=[]) == []


def test_an_entry_of_a_second_list_after_the_fetch_is_not_due(engine: Engine, run: RunKey) -> None:
    def list_of(category: str, title: str, minute: int) -> Listing:
        page = listing(category, "a", minute=minute)
        page.entries[0].title = title
        return page

    old = [list_of(category, "题目 a", 0) for category in ("手机", "电脑")]
    write(engine, run, [navigation("手机", "电脑"), *old, article("a", title="题目 a", minute=1)])
    later = new_run(engine)
    write(engine, later, [list_of("手机", "改过的题目", 2), article("a", title="改过的题目", minute=3)])
    write(engine, later, [list_of("电脑", "改过的题目", 4)])
    assert due(engine, new_run(engine), schedule=[]) == []


def test_a_list_page_is_known_once_its_walk_is_complete(engine: Engine, run: RunKey) -> None:
    page = walked("a", ends=False)
    page.fetch.etag = '"1"'
    write(engine, run, [navigation("手机"), page])
    with engine.connect() as connection:
        assert frontier.list_page(connection, page.fetch.url) is None
    page.ends_walk, page.fetch = True, fetch("手机-1", minute=1, kind="listing", etag='"2"')
    write(engine, run, [page])
    with engine.connect() as connection:
        assert frontier.list_page(connection, page.fetch.url) == Validators('"2"', None, None)


def test_a_walk_may_end_at_an_unmodified_page(engine: Engine, run: RunKey) -> None:
    write(engine, run, [navigation("手机"), walked("b a")])
    later = new_run(engine)
    unchanged = outcome("手机-2", "not_modified", kind="listing", status=304, minute=2)
    unchanged.category = "手机"
    write(engine, later, [walked("d c", ends=False, minute=1), unchanged])
    assert letters(engine, new_run(engine), "d c b a") == "kkkk"
