"""``api.search``: words of two characters and more, found in title and body, by the read-only role."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from bench.storage_copies import families
from pipelines.storage.schema.api_functions import LONGEST_QUERY
from pipelines.storage.text.search import pairs
from pipelines.storage.write.writer import write
from tests.storage.making import article, end, new_run, outcome, read, short

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey


def found(engine: Engine, query: str, most: int = 20) -> list[str]:
    """Return the articles that the read-only role finds, best first."""
    with engine.connect() as connection:
        connection.execute(text("SET ROLE smartdaily_reader"))
        statement = text("SELECT url FROM api.search(:query, :most)")
        return [short(url) for url in connection.scalars(statement, {"query": query, "most": most})]


def test_words_of_two_characters(engine: Engine, run: RunKey) -> None:
    write(
        engine,
        run,
        [
            article("chip", title="国产芯片提速", body=["新的芯片工厂在合肥投产。"]),
            article("phone", title="折叠屏手机降价", body=["这款手机的芯片没有变。"]),
            article("film", title="影片定档", body=["片芯无关。"]),
        ],
    )
    assert found(engine, "芯片") == ["chip", "phone"]
    assert found(engine, "手机") == ["phone"]
    assert found(engine, "芯片 手机") == ["phone"]
    assert found(engine, "折叠屏手机降价") == ["phone"]
    assert found(engine, "片芯") == ["film"]
    assert found(engine, "芯片", most=1) == ["chip"]
    assert found(engine, "平板") == []


def test_a_phrase_is_not_its_pairs(engine: Engine, run: RunKey) -> None:
    """人工, 工智 and 智能 all occur, 人工智能 does not."""
    write(
        engine, run, [article("a", body=["人工成本上升，职工智力竞赛，智能家居。"]), article("b", body=["人工智能。"])]
    )
    assert found(engine, "人工智能") == ["b"]


def test_latin_words_of_any_width_and_case(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=["ＧＰＵ 与 5G 基站，Moss&Oak 发布 C++ 工具。"])])
    for query in ("gpu", "GPU", "ｇｐｕ", "5g 基站", "moss&oak", "c++", "5G\t基站", " gpu　基站 "):
        assert found(engine, query) == ["a"], query


@pytest.mark.parametrize("query", ["", " ", "芯", "a b", "'", "%", "\\", "芯% _", "'; --", "🚀"])
def test_queries_without_a_pair_or_with_odd_characters(engine: Engine, run: RunKey, query: str) -> None:
    write(engine, run, [article("a", body=["芯片"])])
    assert found(engine, query) == []


def test_a_query_is_bounded(engine: Engine, run: RunKey) -> None:
    """Each of its words is looked for in up to 500 texts."""
    longest = "芯片" * (LONGEST_QUERY // 2)
    write(engine, run, [article("a", body=[longest])])
    assert found(engine, longest) == ["a"]
    for query in (f"{longest}价", "价" * 100_000):
        with pytest.raises(
            DataError, match=f"the query has {len(query)} characters, at most {LONGEST_QUERY} are looked"
        ):
            found(engine, query)


def test_characters_beyond_the_basic_plane(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=["🚀🚀 𠮷野家 开张"])])
    assert found(engine, "𠮷野家") == ["a"]
    assert found(engine, "🚀🚀") == ["a"]


def test_the_title_counts_most_then_frequency_then_the_date(engine: Engine, run: RunKey) -> None:
    write(
        engine,
        run,
        [
            article("old", body=["芯片"], title="甲", published_on=date(2026, 3, 1)),
            article("new", body=["芯片 "], title="乙", published_on=date(2026, 3, 5)),
            article("often", body=["芯片芯片芯片"], title="丙", published_on=date(2026, 3, 1)),
            article("title", body=["无关"], title="芯片", published_on=None),
        ],
    )
    assert found(engine, "芯片") == ["title", "often", "new", "old"]
    ranks = read(engine, "SELECT rank FROM api.search('芯片')")
    assert ranks == sorted(ranks, reverse=True)


def test_columns_and_snippet(engine: Engine, run: RunKey) -> None:
    body = ["开头" + "很长" * 30, "说到芯片" + "以后" * 60]
    write(engine, run, [article("a", title="题目", body=body)])
    row = read(engine, "SELECT title, published_on, url, snippet FROM api.search('芯片')")[0]
    assert row[:2] == ("题目", date(2026, 3, 6))
    assert short(row[2]) == "a"
    assert row[3].startswith("…")
    assert row[3].endswith("…")
    assert "说到芯片以后" in row[3]
    assert "\n" not in row[3]
    write(engine, run, [article("b", title="平板", body=[])])
    assert read(engine, "SELECT snippet FROM api.search('平板')") == [None]


def test_revised_withdrawn_and_copied_texts(engine: Engine, run: RunKey) -> None:
    equal: dict[str, Any] = {"title": "同一篇", "body": ["芯片"]}
    write(engine, run, [article("a", **equal), article("b", **equal)])
    assert found(engine, "芯片") == ["a"]
    write(engine, run, [article("a", title="改写", body=["手表"], minute=1)])
    assert found(engine, "芯片") == ["b"]
    assert found(engine, "手表") == ["a"]
    later = new_run(engine)
    write(engine, later, [outcome("b", "gone", status=410, minute=2)])
    assert end(engine, later).gone == 1
    assert found(engine, "芯片") == []


def test_a_filled_database_is_indexed_by_the_next_batches(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=["芯片"])])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM crawl.article_search"))
        connection.execute(text("INSERT INTO crawl.text_queue (article_id) SELECT article_id FROM crawl.article"))
    assert found(engine, "芯片") == []
    write(engine, run, [article("b", body=["手表"])])
    assert found(engine, "芯片") == ["a"]


def test_a_text_and_a_query_give_the_same_pairs(engine: Engine) -> None:
    bodies = ["".join(family.original) for family in families(5)]
    with engine.connect() as connection:
        for body in [*bodies, "ＡＢ 5G 🚀🚀 𠮷野家 Größe，ＯＫ"]:
            words = normalize("NFKC", body).lower().split()
            codes = connection.scalar(text("SELECT crawl.search_pairs(:words)"), {"words": words})
            assert set(codes) == pairs(body)


def test_the_search_uses_its_index(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", body=["芯片"])])
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.scalars(
            text("EXPLAIN SELECT * FROM crawl.article_search WHERE pairs @> CAST('{1}' AS int[])")
        )
        assert any("article_search_pairs_idx" in line for line in plan)
