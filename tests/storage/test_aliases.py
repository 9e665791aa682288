"""One article under several URLs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipelines.storage.read import frontier
from pipelines.storage.write.writer import write
from tests.storage.making import article, edges, listing, new_run, outcome, read, short, states, url

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey


def addresses(engine: Engine) -> dict[str, tuple[str, str]]:
    """Return the article and the kind of each URL."""
    query = "SELECT u.url, a.url, u.kind FROM crawl.article_url u JOIN crawl.article a USING (article_id)"
    return {short(address): (short(article), kind) for address, article, kind in read(engine, query)}


def test_a_redirect_and_a_canonical_url(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", at="old", final="m-a")])
    assert states(engine) == {"a": "fetched"}
    assert addresses(engine) == {"a": ("a", "identity"), "old": ("a", "requested"), "m-a": ("a", "final")}
    assert read(engine, "SELECT url FROM api.outcome") == ["http://news.example/old.html"]


def test_a_discovered_url_becomes_its_article(engine: Engine, run: RunKey) -> None:
    """The row is kept, so that its id stays valid for consumers."""
    write(engine, run, [article("x", teases="old"), listing("手机", "old")])
    before = read(engine, "SELECT article_id FROM api.article WHERE state = 'discovered'")
    write(engine, run, [article("a", at="old", final="a", minute=1)])
    assert states(engine) == {"x": "fetched", "a": "fetched"}
    assert read(engine, "SELECT article_id FROM api.article WHERE url LIKE '%/a.html'") == before
    assert addresses(engine)["old"] == ("a", "requested")
    assert edges(engine) == {("x", "a")}


def test_a_discovered_alias_of_a_known_article_leaves_its_edges_to_it(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), article("x", teases="a m-a"), article("y", teases="m-a")])
    write(engine, run, [listing("手机", "m-a", minute=1), listing("电脑", "a m-a", minute=1)])
    assert states(engine)["m-a"] == "discovered"
    written = write(engine, run, [article("a", at="m-a", minute=2)])[0]
    assert (written.outcome, written.reason) == ("duplicate", "alternate_url")
    assert states(engine) == {"a": "fetched", "x": "fetched", "y": "fetched"}
    assert edges(engine) == {("x", "a"), ("y", "a")}
    assert read(engine, "SELECT categories FROM api.article WHERE url LIKE '%/a.html'") == [["手机", "电脑"]]
    assert addresses(engine)["m-a"] == ("a", "requested")


def test_an_article_that_teases_its_own_alias_gets_no_edge_to_itself(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="m-a b")])
    write(engine, run, [outcome("m-a", "duplicate", alias_of="a", minute=1)])
    assert edges(engine) == {("a", "b")}


def test_links_to_a_known_alias_are_edges_to_its_article(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", at="m-a", final="a")])
    write(engine, run, [article("x", teases="m-a")])
    assert edges(engine) == {("x", "a")}
    assert set(states(engine)) == {"a", "x"}


def test_links_and_their_target_in_one_batch(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("x", teases="m-a a"), article("a", at="m-a", final="a"), listing("手机", "m-a")])
    assert edges(engine) == {("x", "a")}
    assert states(engine) == {"x": "fetched", "a": "fetched"}


def test_an_alias_fills_an_article_until_its_canonical_page_was_read(engine: Engine, run: RunKey) -> None:
    alias = article("a", at="m-a", title="手机版")
    alias.fetch.etag = '"alias"'
    assert write(engine, run, [alias])[0].counts["article/new"] == 1
    assert read(engine, "SELECT etag FROM crawl.article") == [None]
    # From now on the canonical page counts, and an alias changes nothing.
    again = write(engine, run, [article("a", at="m-a", title="又一版", minute=1)])[0]
    assert (again.outcome, again.counts) == ("duplicate", {})
    assert write(engine, run, [article("a", title="电脑版", minute=2)])[0].counts["article/changed"] == 1
    assert read(engine, "SELECT title, revision FROM api.article") == [("电脑版", 2)]


def test_an_alias_that_calls_itself_canonical_changes_nothing_either(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), article("a", at="m-a", minute=1)])
    assert write(engine, run, [article("m-a", title="手机版", minute=2)])[0].outcome == "duplicate"
    assert read(engine, "SELECT title FROM api.article") == ["题目 a"]


def test_a_duplicate_outcome_names_an_alias(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("x", teases="b c"), article("a")])
    written = write(engine, run, [outcome("b", "duplicate", alias_of="a", minute=1)])[0]
    assert written.outcome == "duplicate"
    write(engine, run, [outcome("c", "duplicate", alias_of="late", minute=1)])
    assert edges(engine) == {("x", "a"), ("x", "late")}
    assert states(engine) == {"x": "fetched", "a": "fetched", "late": "discovered"}
    write(engine, run, [outcome("a", "duplicate", alias_of="a", minute=2)])


def test_two_aliases_of_one_article_in_one_batch(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("x", teases="m-a old"), article("y", teases="old")])
    write(engine, run, [article("a", at="m-a", final="a", minute=1), article("a", at="old", final="a", minute=1)])
    assert edges(engine) == {("x", "a"), ("y", "a")}
    assert states(engine) == {"x": "fetched", "y": "fetched", "a": "fetched"}


def test_a_removed_edge_stays_removed_when_its_target_moves(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a"), article("x", teases="m-a"), article("x", teases="", minute=1)])
    write(engine, run, [outcome("m-a", "duplicate", alias_of="a", minute=2)])
    assert edges(engine) == set()
    assert edges(engine, removed=True) == {("x", "a")}


def test_a_fetched_article_that_moved_with_its_text_stays_one(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("old", body=["同样的话"], title="题目")])
    moved = article("new", at="old", final="new", body=["同样的话"], title="题目", minute=1)
    assert write(engine, run, [moved])[0].outcome == "unchanged"
    assert states(engine) == {"new": "fetched"}
    assert addresses(engine) == {"old": ("new", "requested"), "new": ("new", "identity")}


def test_a_fetched_article_whose_url_redirects_to_another_text_stays(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("old"), article("new", at="old", final="new", minute=1)])
    assert states(engine) == {"old": "fetched", "new": "fetched"}
    assert addresses(engine)["old"] == ("old", "identity")


def test_the_canonical_page_wins_over_an_alias_that_was_fetched_later(engine: Engine, run: RunKey) -> None:
    alias, own = article("a", at="m-a"), article("a", teases="b")
    alias.fetch.fetched_at += timedelta(milliseconds=16)
    write(engine, run, [alias])
    assert write(engine, run, [own])[0].reason is None
    assert edges(engine) == {("a", "b")}


def test_an_article_that_is_read_elsewhere_is_not_gone_with_its_canonical_url(engine: Engine, run: RunKey) -> None:
    for minute, crawl in ((0, run), (9, new_run(engine))):
        alias = article("a", at="m-a", minute=minute)
        write(engine, crawl, [alias, outcome("a", "gone", status=410, minute=minute)])
        assert states(engine)["a"] == "fetched"
    with engine.connect() as connection:
        assert [known.url for known in frontier.known(connection, new_run(engine), 9)] == [url("m-a")]


def test_a_redirect_to_a_gone_article_does_not_bring_it_back(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a")])
    alias = outcome("m-a", "duplicate", alias_of="a", minute=1)
    alias.reason = "redirect"
    later = new_run(engine)
    write(engine, later, [alias])
    write(engine, later, [outcome("a", "gone", status=410, minute=1)])
    assert states(engine)["a"] == "gone"
    assert read(engine, "SELECT read_at FROM crawl.article") == [None]
