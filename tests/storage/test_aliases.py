"""One article under several URLs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from pipelines.storage.db.errors import StorageError
from pipelines.storage.fleet import sites
from pipelines.storage.write.moves import move_site
from pipelines.storage.write.writer import write
from tests.storage.making import (
    SITE,
    article,
    edges,
    end,
    listing,
    navigation,
    new_run,
    outcome,
    read,
    short,
    states,
    url,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey


def addresses(engine: Engine) -> dict[str, tuple[str, str]]:
    """Return the article and the kind of each URL."""
    query = "SELECT u.url, a.url, u.kind FROM crawl.article_url u JOIN crawl.article a USING (article_id)"
    return {short(address): (short(article), kind) for address, article, kind in read(engine, query)}


def test_a_permanent_redirect_leads_to_an_article_and_a_temporary_one_does_not(engine: Engine, run: RunKey) -> None:
    temporary = article("b", at="go", final="b")
    temporary.fetch.redirect = "temporary"
    write(engine, run, [article("a", at="old", final="a"), temporary])
    assert states(engine) == {"a": "fetched", "b": "fetched"}
    assert addresses(engine) == {"a": ("a", "identity"), "old": ("a", "requested"), "b": ("b", "identity")}
    assert set(read(engine, "SELECT url FROM api.outcome")) == {url("old"), url("go")}


def test_a_discovered_url_that_redirects_leaves_its_edges_to_its_article(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("x", teases="old"), listing("手机", "old")])
    write(engine, run, [article("a", at="old", final="a", minute=1)])
    assert states(engine) == {"x": "fetched", "a": "fetched"}
    assert addresses(engine)["old"] == ("a", "requested")
    assert edges(engine) == {("x", "a")}


def test_what_pages_call_canonical_is_an_article_of_its_own_until_their_texts_agree(
    engine: Engine, run: RunKey
) -> None:
    """One canonical URL on all pages, with a text of its own; and one that answers nothing."""
    pages = [article("a"), article("a", at="b", title="题目 b"), article("a", at="c", title="题目 c")]
    for page in pages[1:]:
        page.body = [f"另一篇 {page.title}"]
    lost = [article("view", at=name, title=f"题目 {name}", body=[f"正文 {name}"]) for name in ("d", "e")]
    written = write(engine, run, [*reversed(pages), *lost])
    assert [entry.outcome for entry in written] == ["stored"] * 5
    assert states(engine) == dict.fromkeys("abcde", "fetched")
    assert sum(entry.counts.get("article/canonical_refused", 0) for entry in written) == 2


def test_a_mobile_page_that_came_first_gets_the_canonical_url_with_its_text(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("x", teases="a m-a"), article("a", at="m-a")])
    [mobile] = read(engine, "SELECT article_id FROM api.article WHERE url LIKE '%/m-a.html'")
    own = write(engine, run, [article("a", minute=1, author="许砚")])[0]
    assert "article/moved" not in own.counts
    assert read(engine, "SELECT article_id, revision FROM api.article WHERE url LIKE '%/a.html'") == [(mobile, 2)]
    assert states(engine) == {"x": "fetched", "a": "fetched"}
    assert edges(engine) == {("x", "a")}
    assert addresses(engine)["m-a"] == ("a", "requested")


def test_a_mobile_page_gives_way_to_the_own_page_also_if_that_was_fetched_before(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", at="m-a", teases="c", minute=1)])
    write(engine, run, [article("a", teases="b")])
    assert edges(engine) == {("a", "b")}


def test_links_with_a_session_id_lead_to_one_article(engine: Engine, run: RunKey) -> None:
    for number, session in enumerate(("4f1c9a8be27d10ac", "90b1e3c2d4a5f607", "aa18c0de99f03b21")):
        page = article(f"s-{session}/a", body=["同一段话"], title="题目", minute=number)
        assert write(engine, run, [page])[0].outcome == ("duplicate" if number else "stored")
    assert list(states(engine).values()) == ["fetched"]
    write(engine, run, [article("b", body=["同一段话"], title="题目", minute=9)])
    assert list(states(engine).values()) == ["fetched", "fetched"]


def test_scheme_www_and_slash_are_no_part_of_an_identity(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b")])
    [before] = read(engine, "SELECT article_id FROM api.article WHERE state = 'fetched'")
    page = article("a", teases="b", minute=1)
    page.url = page.fetch.url = page.fetch.final_url = "https://www.news.example/a.html/"
    written = write(engine, new_run(engine), [page])[0]
    assert (written.outcome, written.counts) == (
        "unchanged",
        {"article/moved": 1, "article/moved/scheme, host, slash": 1},
    )
    assert read(engine, "SELECT article_id, url FROM api.article WHERE state = 'fetched'") == [(before, page.url)]


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


def test_an_alias_changes_nothing(engine: Engine, run: RunKey) -> None:
    """Its page may lack what the article's own page shows."""
    write(engine, run, [article("a"), article("a", at="m-a", minute=1)])
    again = write(engine, run, [article("a", at="m-a", source="又一版", minute=2)])[0]
    assert (again.outcome, again.counts) == ("duplicate", {})
    assert write(engine, run, [article("m-a", title="手机版", minute=3)])[0].outcome == "duplicate"
    assert read(engine, "SELECT title, revision FROM api.article") == [("题目 a", 1)]


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


def test_a_fetched_article_that_redirects_for_good_to_its_text_moves(engine: Engine, run: RunKey) -> None:
    """Also with an edit of its text."""
    body = ["本季度，多家厂商上调了固态硬盘的报价，渠道库存随之减少，零售价格预计下月跟进。" * 8]
    write(engine, run, [article("old", body=body, title="题目")])
    [before] = read(engine, "SELECT article_id FROM api.article")
    edited = [body[0] + "编者更新：此事有新的进展。"]
    moved = article("new", at="old", final="new", body=edited, title="新题目", minute=1)
    assert write(engine, run, [moved])[0].counts["article/moved"] == 1
    assert read(engine, "SELECT article_id, revision FROM api.article") == [(before, 2)]
    assert addresses(engine) == {"old": ("new", "requested"), "new": ("new", "identity")}


def test_a_fetched_article_whose_url_redirects_to_another_text_stays(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("old"), article("new", at="old", final="new", minute=1)])
    assert states(engine) == {"old": "fetched", "new": "fetched"}
    assert addresses(engine)["old"] == ("old", "identity")


def test_the_own_page_wins_over_an_alias_that_was_fetched_later(engine: Engine, run: RunKey) -> None:
    alias, own = article("a", at="m-a"), article("a", teases="b")
    alias.fetch.fetched_at += timedelta(milliseconds=16)
    write(engine, run, [alias])
    assert write(engine, run, [own])[0].reason is None
    assert edges(engine) == {("a", "b")}


def test_a_redirect_to_a_gone_article_does_not_bring_it_back(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a")])
    alias = outcome("m-a", "duplicate", alias_of="a", minute=1)
    alias.reason = "redirect"
    later = new_run(engine)
    write(engine, later, [alias])
    write(engine, later, [outcome("a", "gone", status=410, minute=1)])
    assert end(engine, later).gone == 1
    assert states(engine)["a"] == "gone"


TEXT: dict[str, Any] = {"title": "题目", "body": ["同一段话", "第二段"]}


@pytest.fixture
def moved(engine: Engine, run: RunKey) -> RunKey:
    """Store an article, and a second one with its text at the URL to which it moved; return the run that has read that one."""
    write(engine, run, [article("old", teases="b c", **TEXT), article("x", teases="old"), listing("手机", "old")])
    later = new_run(engine)
    write(
        engine,
        later,
        [article("new", teases="c d", minute=9, author="许砚", **TEXT), article("y", teases="new", minute=9)],
    )
    assert states(engine)["new"] == "fetched"
    return later


def assert_is_one(engine: Engine) -> None:
    """The earlier row has the URL, the page and the edges of both; the later one is gone, and consumers read that in the feed."""
    [(old, new)] = read(engine, "SELECT min(article_id), max(article_id) FROM api.article WHERE title = '题目'")
    rows = read(
        engine, "SELECT article_id, state, url, revision, duplicate_of FROM api.article WHERE title = '题目' ORDER BY 1"
    )
    assert rows == [(old, "fetched", url("new"), 2, None), (new, "gone", url("old"), 1, old)]
    assert read(engine, "SELECT changed_fields FROM api.revision WHERE article_id = :id AND revision = 2", id=old) == [
        ["author"]
    ]
    assert addresses(engine)["old"] == ("new", "requested")
    assert addresses(engine)["new"] == ("new", "identity")
    assert edges(engine) == {("new", "c"), ("new", "d"), ("x", "new"), ("y", "new")}
    assert edges(engine, removed=True) == {("new", "b")}
    assert read(engine, "SELECT categories FROM api.article WHERE article_id = :id", id=old) == [["手机"]]
    last = "SELECT article_id FROM crawl.article ORDER BY change_xid DESC, change_seq DESC LIMIT 2"
    assert set(read(engine, last)) == {old, new}


def test_a_fetched_article_that_redirects_to_its_new_url_is_one_article(engine: Engine, moved: RunKey) -> None:
    [written] = write(engine, moved, [outcome("old", "duplicate", alias_of="new", minute=10)])
    assert written.counts == {"article/moved": 1, "article/moved/path": 1}
    assert_is_one(engine)
    write(engine, new_run(engine), [article("new", teases="c d", minute=20, author="许砚", **TEXT)])
    assert_is_one(engine)


def test_an_article_that_is_gone_from_its_url_and_was_read_at_another_one_moved(engine: Engine, moved: RunKey) -> None:
    """One 404 may be an accident."""
    write(engine, moved, [outcome("old", "gone", status=404, minute=10)])
    assert end(engine, moved).moved == ()
    later = new_run(engine)
    write(engine, later, [outcome("old", "gone", status=404, minute=20)])
    assert end(engine, later).moved == ("path",)
    assert_is_one(engine)


def test_a_redirect_and_the_page_that_it_leads_to_arrive_in_one_batch(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("old", **TEXT)])
    later = new_run(engine)
    write(engine, later, [article("new", minute=9, **TEXT), outcome("old", "duplicate", alias_of="new", minute=10)])
    assert states(engine) == {"new": "fetched"}
    assert read(engine, "SELECT revision FROM api.article") == [1]


def test_a_redirect_to_another_text_joins_nothing(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("old", body=["一段"]), article("new", body=["另一段"])])
    write(engine, new_run(engine), [outcome("old", "duplicate", alias_of="new", minute=10)])
    assert states(engine) == {"old": "fetched", "new": "fetched"}


def test_a_copy_that_was_read_before_the_article_went_is_no_move(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("copy", **TEXT), article("old", minute=1, **TEXT)])
    later = new_run(engine)
    write(engine, later, [outcome("old", "gone", status=410, minute=10)])
    assert end(engine, later).moved == ()
    assert states(engine) == {"copy": "fetched", "old": "gone"}


def test_two_articles_that_redirect_to_one_url_in_one_batch_are_one(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", **TEXT), article("b", **TEXT)])
    [first] = read(engine, "SELECT article_id FROM api.article WHERE url = :url", url=url("a"))
    redirected = article("c", at="b", final="c", minute=9, **TEXT)
    write(engine, new_run(engine), [redirected, outcome("a", "duplicate", alias_of="c", minute=10)])
    rows = read(engine, "SELECT article_id, url FROM api.article WHERE state = 'fetched'")
    assert rows == [(first, url("c"))]
    assert {name: article for name, (article, _) in addresses(engine).items()} == dict.fromkeys("abc", "c")


def test_an_article_whose_url_dies_lives_on_at_an_alternate_one(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b", **TEXT), listing("手机", "a"), article("a", at="m-a", **TEXT)])
    write(engine, run, [outcome("a", "gone", status=404, minute=10)])
    # In the run that misses it, its other page proves nothing: one 404 may be an accident.
    write(engine, run, [article("a", at="m-a", minute=11, **TEXT)])
    assert end(engine, run).gone == 0
    assert states(engine)["a"] == "fetched"
    later = new_run(engine)
    [written] = write(engine, later, [article("a", at="m-a", teases="b", minute=20, **TEXT)])
    assert written.counts["article/moved"] == 1
    write(engine, later, [outcome("a", "gone", status=404, minute=21)])
    assert end(engine, later).gone == 0
    assert states(engine) == {"m-a": "fetched", "b": "discovered"}
    assert read(engine, "SELECT revision FROM api.article WHERE state = 'fetched'") == [1]
    assert addresses(engine)["a"] == ("m-a", "requested")
    assert edges(engine) == {("m-a", "b")}


def test_another_text_at_the_alternate_url_of_a_missing_article_does_not_replace_it(
    engine: Engine, run: RunKey
) -> None:
    write(engine, run, [article("a", **TEXT), article("a", at="m-a", **TEXT)])
    write(engine, run, [outcome("a", "gone", status=404, minute=10)])
    later = new_run(engine)
    write(engine, later, [article("a", at="m-a", title="别的题目", body=["首页导航和广告"], minute=20)])
    write(engine, later, [outcome("a", "gone", status=404, minute=21)])
    assert end(engine, later).gone == 1
    assert states(engine)["a"] == "gone"


def test_columns_of_one_title_that_redirect_to_the_newest_stay_apart(engine: Engine, run: RunKey) -> None:
    texts = {
        name: [f"{name}号早报：" + sentence * 12] for name, sentence in (("old", "芯片涨价。"), ("new", "油价下调。"))
    }
    write(engine, run, [article(name, title="早报", body=body) for name, body in texts.items()])
    write(engine, new_run(engine), [outcome("old", "duplicate", alias_of="new", minute=10)])
    assert states(engine) == {"old": "fetched", "new": "fetched"}


def test_duplicates_follow_an_article_that_takes_another_text(engine: Engine, run: RunKey) -> None:
    sentence = "本季度，多家厂商上调了固态硬盘的报价，渠道库存随之减少，零售价格预计下月跟进。"
    first, second = [sentence * 8], [sentence * 8 + "编者更新：此事有新的进展。"]
    write(engine, run, [article("copy", title="题目", body=first), article("old", title="题目", body=first, minute=1)])
    later = new_run(engine)
    write(engine, later, [article("new", title="题目", body=second, minute=9)])
    write(engine, later, [outcome("old", "duplicate", alias_of="new", minute=10)])
    assert read(engine, "SELECT url, duplicate_of FROM api.article WHERE state = 'fetched' ORDER BY url") == [
        (url("copy"), None),
        (url("new"), None),
    ]


def test_a_site_that_has_another_host_keeps_its_articles(engine: Engine) -> None:
    run = new_run(engine, site="news.example")
    write(engine, run, [article("a", teases="b"), article("a", at="m-a", minute=1)])
    before = read(engine, "SELECT article_id, title, revision FROM api.article ORDER BY 1")
    sites.write_sites(engine, [sites.SiteChange(site="news.example", url=f"{SITE}/", every=90)], 3600)
    assert move_site(engine, "news.example", f"{SITE}/", "other.example", "https://www.other.example/") == (2, 0)
    [listed] = sites.sites(engine)
    assert (listed.site, listed.name, listed.url) == ("other.example", "other.example", "https://www.other.example/")
    assert read(engine, "SELECT article_id, title, revision FROM api.article ORDER BY 1") == before
    there = "https://www.other.example/a.html"
    assert read(engine, "SELECT url FROM api.article WHERE state = 'fetched'") == [there]
    assert {key: kind for key, (_, kind) in addresses(engine).items() if key in ("a", "m-a", short(there))} == {
        "a": "requested",
        "m-a": "final",
        short(there): "identity",
    }
    page = article("a", teases="b", minute=2)
    page.url = page.fetch.url = page.fetch.final_url = there
    assert write(engine, new_run(engine, site="other.example"), [page])[0].outcome == "unchanged"
    with pytest.raises(StorageError, match=r"there is no site news\.example in the database"):
        move_site(engine, "news.example", f"{SITE}/", "third.example", "https://third.example/")
    new_run(engine, site="third.example")
    with pytest.raises(StorageError, match=r"third\.example is in the database already"):
        move_site(engine, "other.example", there, "third.example", "https://third.example/")


def test_a_batch_merges_any_number_of_aliases_in_as_many_statements(engine: Engine, run: RunKey) -> None:
    """Over a network each statement is a round trip. Two aliases of one article are on one page, and in one category."""

    def store(prefix: str, count: int) -> int:
        names = [f"{prefix}{number}" for number in range(count)]
        links = " ".join(f"m-{name} w-{name}" for name in names)
        write(engine, run, [navigation("手机"), listing("手机", links), article(f"{prefix}-start", teases=links)])
        statements: list[str] = []
        count_statement = lambda *event: statements.append(event[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", count_statement)
        pages = [article(name, at=f"{variant}-{name}", final=name) for name in names for variant in "mw"]
        assert {written.outcome for written in write(engine, run, pages)} <= {"stored", "unchanged", "duplicate"}
        event.remove(engine, "before_cursor_execute", count_statement)
        assert {edge for edge in edges(engine) if edge[0] == f"{prefix}-start"} == {
            (f"{prefix}-start", name) for name in names
        }
        assert not any(name.startswith(("m-", "w-")) for name in states(engine))
        return len(statements)

    assert store("a", 1) == store("b", 12)
    assert read(engine, "SELECT count(*) FROM api.article_category") == [13]


def test_an_alias_of_an_alias(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("start", teases="one two three")])
    redirects = [outcome("one", "duplicate", alias_of="two"), outcome("two", "duplicate", alias_of="three")]
    write(engine, run, redirects)
    assert edges(engine) == {("start", "three")}
    assert set(states(engine)) == {"start", "three"}
