"""Similar texts: found, told from texts on the same subject, and updated with their articles."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bench.storage_copies import families
from pipelines.storage.db.errors import StorageUnavailable
from pipelines.storage.text import near_duplicates, queue
from pipelines.storage.text.minhash import letters, sign
from pipelines.storage.write.writer import write
from tests.storage.making import article, read, short, url

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Article

FAMILY = families(1, "one")[0]
ORIGINAL, COPY = FAMILY.original, FAMILY.copies["new lead"]
STRANGER = FAMILY.unrelated["same topic"]


def links(engine: Engine) -> set[tuple[str, str]]:
    query = """
        SELECT a.url, o.url FROM api.duplicate d
        JOIN api.article a USING (article_id) JOIN api.article o ON o.article_id = d.duplicate_of
        WHERE d.kind = 'near'
    """
    found = read(engine, query)
    assert len(found) == len(set(found))
    return {(short(copy), short(original)) for copy, original in found}


def test_a_copy_is_linked_with_its_similarity_and_never_merged(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=ORIGINAL), article("b", body=COPY), article("c", body=STRANGER)])
    assert links(engine) == {("b", "a")}
    assert 0.5 <= read(engine, "SELECT similarity FROM api.duplicate")[0] < 1
    assert read(engine, "SELECT body, duplicate_of FROM api.article WHERE url = :b", b=url("b")) == [
        ("\n\n".join(COPY), None)
    ]
    assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [0]


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_the_later_points_to_the_earlier_whatever_the_order(engine: Engine, run: RunKey, order: str) -> None:
    days = {"a": date(2026, 3, 3), "b": date(2026, 3, 2), "c": None}
    bodies = {"a": ORIGINAL, "b": COPY, "c": FAMILY.copies["new tail"]}
    for name in order:
        write(engine, run, [article(name, published_on=days[name], body=bodies[name])])
    assert links(engine) == {("a", "b"), ("c", "b"), ("c", "a")}


def test_a_corrected_date_reverses_the_link(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=ORIGINAL), article("b", body=COPY)])
    write(engine, run, [article("b", body=COPY, published_on=date(2026, 3, 1), minute=1)])
    assert links(engine) == {("a", "b")}


def test_a_revised_text_loses_old_links_and_gets_new_ones(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=ORIGINAL), article("b", body=COPY), article("c", body=STRANGER)])
    write(engine, run, [article("b", body=[*STRANGER, "又及。"], minute=1)])
    assert links(engine) == {("c", "b")}
    write(engine, run, [article("b", body=["删节。"], minute=2)])
    assert links(engine) == set()
    assert read(engine, "SELECT count(*) FROM crawl.article_signature") == [2]
    write(engine, run, [article("b", body=COPY, minute=3)])
    assert links(engine) == {("b", "a")}


def test_short_texts_are_duplicates_only_where_equal(engine: Engine, run: RunKey) -> None:
    flash = "".join(ORIGINAL)[:180]
    write(
        engine,
        run,
        [
            article("a", title="快讯", body=[flash]),
            article("b", title="快讯", body=[f"{flash}又及"]),
            article("c", title="快讯", body=[flash]),
        ],
    )
    assert links(engine) == set()
    assert read(engine, "SELECT kind FROM api.duplicate") == ["exact"]


def test_a_copy_of_two_equal_articles_is_linked_once(engine: Engine, run: RunKey) -> None:
    equal: dict[str, Any] = {"title": "同一篇", "body": ORIGINAL}
    write(engine, run, [article("a", **equal), article("b", **equal), article("c", body=COPY)])
    assert links(engine) == {("c", "a")}
    write(engine, run, [article("a", title="改写", body=STRANGER, minute=1)])
    assert links(engine) == {("c", "b")}


def test_equal_bodies_under_other_titles_and_in_other_characters(engine: Engine, run: RunKey) -> None:
    wide = [line.replace("，", ",").replace("、", " ") for line in ORIGINAL]
    write(engine, run, [article("a", body=ORIGINAL), article("b", body=wide)])
    assert links(engine) == {("b", "a")}
    assert read(engine, "SELECT similarity FROM api.duplicate") == [1.0]


def test_concurrent_writers_store_each_link_once(engine: Engine, run: RunKey) -> None:
    names = [f"n{number}" for number in range(8)]

    def job(name: str) -> None:
        write(engine, run, [article(name, body=[*ORIGINAL, f"转载者 {name}。"])])

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(job, names))
    queue.process_all(engine)  # a writer that finds another one at the queue does not wait
    keys = dict(read(engine, "SELECT url, article_id FROM api.article"))
    pairs = [sorted(pair, key=lambda name: keys[url(name)]) for pair in combinations(names, 2)]
    assert links(engine) == {(later, earlier) for earlier, later in pairs}
    assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [0]


def test_texts_that_a_writer_left_are_compared_with_the_next_batch(
    engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> int:
        raise StorageUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(queue, "process_queue", lost)
        written = write(engine, run, [article("a", body=ORIGINAL), article("b", body=COPY)])
    assert [entry.outcome for entry in written] == ["stored", "stored"]
    assert links(engine) == set()
    write(engine, run, [article("c", body=STRANGER)])
    assert links(engine) == {("b", "a")}


def test_a_lost_acknowledgement_of_either_commit(engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    driver: Any = engine.dialect.dbapi
    commit = engine.dialect.do_commit
    losses = iter([True, False, True])

    def lossy(connection: Any) -> None:
        commit(connection)
        if next(losses, False):
            raise driver.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(engine.dialect, "do_commit", lossy)
    write(engine, run, [article("a", body=ORIGINAL), article("b", body=COPY)])
    assert next(losses, "none left") == "none left"
    assert links(engine) == {("b", "a")}


FAULTS = (
    "SELECT a.url, f.is_cut, f.reason FROM crawl.text_fault f JOIN crawl.article a USING (article_id) ORDER BY a.url"
)


def test_texts_that_fail_are_set_aside_and_all_others_processed(
    engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = {"\n\n".join(STRANGER), "短讯。"}

    def fail(body: str | None) -> object:
        if body in failing:
            raise ValueError("no signature")
        return sign(body)

    with monkeypatch.context() as patch:
        patch.setattr(near_duplicates, "sign", fail)
        names = [f"n{number}" for number in range(20)]
        pages = [article(name, title=name, body=[*ORIGINAL, f"第{name}份。"]) for name in names]
        pages[3:3] = [article("bad", body=STRANGER)]
        pages[11:11] = [article("worse", body=["短讯。"])]
        assert {written.outcome for written in write(engine, run, pages)} == {"stored"}
        assert [(short(at), cut, why[:24]) for at, cut, why in read(engine, FAULTS)] == [
            ("bad", False, "ValueError: no signature"),
            ("worse", False, "ValueError: no signature"),
        ]
    assert len(links(engine)) == len(names) * (len(names) - 1) / 2
    assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [0]
    queue.try_faults_again(engine)
    assert queue.process_all(engine) == 2
    assert read(engine, FAULTS) == []


def test_a_statement_that_fails_for_every_text_is_told(
    engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "SIGN", text("SELECT 1 / 0 FROM (SELECT CAST(:rows AS json)) AS r"))
    assert write(engine, run, [article("a", body=ORIGINAL)])[0].outcome == "stored"
    assert read(engine, FAULTS) == [(url("a"), False, "division by zero")]
    assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [0]


def test_a_text_that_is_too_long_is_compared_and_indexed_by_its_beginning(
    engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = near_duplicates.LONGEST
    long = [*ORIGINAL, "".join(chr(0x4E00 + number % 20_000) for number in range(size)), "末尾的龘"]
    write(engine, run, [article("a", body=ORIGINAL), article("long", body=long), article("b", body=COPY)])
    assert links(engine) == {("b", "a")}
    [(at, cut, why)] = read(engine, FAULTS)
    assert (at, cut) == (url("long"), True)
    assert f"of which {size:,} are read" in why
    assert read(engine, "SELECT max(cardinality(pairs)) FROM crawl.article_search")[0] <= size + 1
    monkeypatch.setattr(queue, "CHARACTERS", 10)
    write(engine, run, [article("long", body=ORIGINAL, minute=1), article("c", body=STRANGER)])
    assert read(engine, FAULTS) == []
    assert links(engine) == {("b", "a"), ("long", "a"), ("b", "long")}


def test_a_writer_that_merges_is_not_waited_for(engine: Engine, run: RunKey) -> None:
    """What it holds stays in the queue."""
    write(engine, run, [article("a", body=ORIGINAL), article("c", body=STRANGER)])
    forget_texts(engine)
    with engine.begin() as merging:
        merging.execute(text("SELECT FROM crawl.article WHERE url = :a FOR UPDATE"), {"a": url("a")})
        write(engine, run, [article("b", body=COPY)])
        assert links(engine) == set()
        assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [1]
    assert queue.process_all(engine) == 1
    assert links(engine) == {("b", "a")}


def test_links_of_equal_texts_are_put_right_by_the_queue(engine: Engine, run: RunKey) -> None:
    """As where two writers at once could not see each other's text."""
    equal: dict[str, Any] = {"title": "同一篇", "body": ORIGINAL}
    write(engine, run, [article(name, **equal) for name in "abc"])
    right = read(engine, "SELECT article_id, duplicate_of FROM api.article ORDER BY 1")
    with engine.begin() as connection:
        connection.execute(text("UPDATE crawl.article SET duplicate_of = NULL"))
        connection.execute(text("UPDATE crawl.article SET duplicate_of = 2 WHERE article_id = 1"))
        connection.execute(text("INSERT INTO crawl.text_queue (article_id) VALUES (3)"))
    assert queue.process_all(engine) == 1
    assert read(engine, "SELECT article_id, duplicate_of FROM api.article ORDER BY 1") == right


def forget_texts(engine: Engine) -> None:
    """Queue all texts, like an upgrade that recomputes signatures."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM crawl.near_duplicate"))
        connection.execute(text("DELETE FROM crawl.article_signature"))
        connection.execute(text("INSERT INTO crawl.text_queue (article_id) SELECT article_id FROM crawl.article"))


def test_an_upgrade_of_a_filled_database_leaves_its_texts_to_the_next_batches(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=ORIGINAL), article("b", body=COPY)])
    forget_texts(engine)
    assert read(engine, "SELECT count(*) FROM api.duplicate") == [0]
    write(engine, run, [article("c", body=STRANGER)])
    assert links(engine) == {("b", "a")}


def test_the_whole_queue_can_be_processed_at_once(engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch) -> None:
    write(engine, run, [article("a", body=ORIGINAL), article("b", body=COPY), article("c", body=STRANGER)])
    forget_texts(engine)
    monkeypatch.setattr(queue, "CHUNK", 2)
    assert queue.process_all(engine) == 3
    assert queue.process_all(engine) == 0
    assert links(engine) == {("b", "a")}


def test_comparisons_with_many_similar_texts_are_bounded(
    engine: Engine, run: RunKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "MOST_COMPARED", 3)
    write(engine, run, [article(f"n{number}", body=[*ORIGINAL, f"第{number}份。"]) for number in range(9)])
    write(engine, run, [article("last", body=ORIGINAL, published_on=date(2026, 3, 7))])
    assert Counter(copy for copy, _ in links(engine))["last"] == 3


def test_the_shortest_text_that_is_compared() -> None:
    text = letters("".join(ORIGINAL))[:200]
    assert sign(text)
    assert sign(text[:-1] + "，。 ") is None
    assert sign(None) is None


def test_a_labelled_set(engine: Engine, run: RunKey) -> None:
    """Recall by kind of copy, and precision; ``python -m bench.storage near-duplicates`` measures larger sets."""
    items: dict[str, Article] = {}
    for number, family in enumerate(families(60)):
        texts = {"original": family.original, **family.copies, **family.unrelated}
        for kind, body in texts.items():
            owner = number if kind in family.copies or kind == "original" else f"{number}-{kind}"
            items[f"{owner}/{kind}"] = article(f"{owner}/{kind}", body=body)
    pages = list(items.values())
    for start in range(0, len(pages), 100):
        write(engine, run, pages[start : start + 100])
    found = links(engine)
    right = {pair for pair in found if pair[0].partition("/")[0] == pair[1].partition("/")[0]}
    assert len(right) / len(found) >= 0.99
    recall = Counter(copy.partition("/")[2] for copy, original in right if original.endswith("/original"))
    assert recall["new lead"] / 60 >= 0.95
    assert recall["new tail"] / 60 >= 0.95
    assert recall["5 % single characters"] / 60 >= 0.9
    assert recall["5 % in one place"] / 60 >= 0.9
    assert recall["cut by a fifth"] / 60 >= 0.9


def test_the_lookup_uses_its_index(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=ORIGINAL)])
    with engine.begin() as connection:
        connection.execute(queue.PLAN)
        plan = connection.scalars(
            text(f"EXPLAIN {near_duplicates.SHARING.text}"), {"rows": '[{"article_id": 1, "bands": [1, 2]}]', "most": 9}
        )
        assert any("article_signature_bands_idx" in line for line in plan)
