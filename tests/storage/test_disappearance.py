"""Many articles missing at once: an outage of the site, or the end of its archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Item
from tests.storage.making import article, edges, end, listing, new_run, outcome, read, states

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey

OLD = [f"old{number}" for number in range(12)]
RECENT = [f"recent{number}" for number in range(12)]


@pytest.fixture
def known(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article(name) for name in (*OLD, *RECENT)])


def a_run(engine: Engine, *items: Item) -> tuple[int, int]:
    """Write the items in a run of their own; return how many articles became gone, and how many missing ones were not believed."""
    run = new_run(engine)
    write(engine, run, items)
    ended = end(engine, run)
    return ended.gone, ended.disbelieved


def missing(names: list[str], minute: int) -> list[Item]:
    return [outcome(name, "gone", status=404, minute=minute) for name in names]


def shown(names: list[str], minute: int) -> Item:
    return listing("手机", " ".join(names), minute=minute)


@pytest.mark.usefixtures("known")
def test_an_archive_that_is_removed_while_new_articles_appear(engine: Engine) -> None:
    for minute, gone in ((1, 0), (2, len(OLD))):
        new = [article(f"new{number}-{minute}", minute=minute) for number in range(6)]
        assert a_run(engine, shown(RECENT, minute), *new, *missing(OLD, minute)) == (gone, 0)
    assert {name for name, state in states(engine).items() if state == "gone"} == set(OLD)


@pytest.mark.usefixtures("known")
def test_nothing_but_missing_articles_is_an_outage_however_long(engine: Engine) -> None:
    for minute in (1, 2, 3):
        assert a_run(engine, *missing(OLD, minute)) == (0, len(OLD))
    assert set(states(engine).values()) == {"fetched"}
    assert read(engine, "SELECT count(*) FROM crawl.article WHERE missing_since IS NOT NULL") == [0]


@pytest.mark.usefixtures("known")
def test_missing_articles_that_lists_still_show_are_an_outage(engine: Engine) -> None:
    there = [outcome(name, "not_modified", status=304, minute=1) for name in (*OLD, *RECENT[5:])]
    assert a_run(engine, shown(RECENT, 1), *there, *missing(RECENT[:5], 1)) == (0, 5)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("reason", "state"), [("listing", "gone"), ("soft_404", "gone"), ("login_wall", "fetched"), ("captcha", "fetched")]
)
def test_a_redirect_of_an_article_to_a_page_that_is_none(engine: Engine, reason: str, state: str) -> None:
    for minute in (1, 2):
        away = outcome("old1", "rejected", minute=minute)
        away.reason, away.fetch.redirect = reason, "temporary"
        a_run(engine, away)
    assert states(engine)["old1"] == state


def test_a_url_that_redirects_to_a_dead_article_is_an_alias_and_no_second_one(engine: Engine) -> None:
    """As the mobile URL in a teaser of an article that is gone."""
    write(engine, new_run(engine), [article("a"), article("start", teases="m-a")])
    for minute in (1, 2):
        run = new_run(engine)
        dead: dict[str, Any] = {"status": 404, "minute": minute}
        redirected = outcome("m-a", "gone", final="a", redirect="permanent", **dead)
        write(engine, run, [outcome("a", "gone", **dead), redirected])
        end(engine, run)
    assert states(engine) == {"a": "gone", "start": "fetched"}
    assert edges(engine) == {("start", "a")}
    # A temporary redirect proves nothing.
    write(engine, new_run(engine), [article("start", teases="a t-a", minute=3)])
    write(engine, new_run(engine), [outcome("t-a", "gone", final="a", redirect="temporary", status=404, minute=4)])
    assert states(engine) == {"a": "gone", "start": "fetched", "t-a": "discovered"}
