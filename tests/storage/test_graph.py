"""Consumers' queries on the graph of teasers, run by the read-only role."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.write.writer import write
from tests.storage.making import article, end, new_run, outcome, read, short, teaser, url

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey

MARCH = "'2026-03-01', '2026-03-31'"


def as_reader(engine: Engine, query: str, **values: Any) -> list[Any]:
    with engine.connect() as connection:
        connection.execute(text("SET ROLE smartdaily_reader"))
        rows = connection.execute(text(query), values).all()
    return [(short(row[0]), *row[1:]) for row in rows]


def neighbours(engine: Engine, name: str, depth: int) -> dict[str, int]:
    key = read(engine, "SELECT article_id FROM api.article WHERE url = :url", url=url(name))[0]
    query = "SELECT url, distance FROM api.neighbourhood(:key, :depth)"
    return dict(as_reader(engine, query, key=key, depth=depth))


def test_most_recommended(engine: Engine, run: RunKey) -> None:
    twice = [teaser("d"), teaser("d", block="ranking")]
    write(
        engine,
        run,
        [
            article("a", teases="b c"),
            article("b", teases="c"),
            article("c", teasers=twice),
            article("d", teases="old"),
            article("old", published_on=date(2025, 1, 1)),
            article("e", teases="c"),
        ],
    )
    query = f"SELECT url, recommended_by, ever_recommended_by FROM api.most_recommended({MARCH})"
    assert as_reader(engine, query) == [("c", 3, 3), ("b", 1, 1), ("d", 1, 1)]
    write(engine, run, [article("a", teases="b", minute=1), article("e", minute=1)])
    assert as_reader(engine, query) == [("c", 1, 3), ("b", 1, 1), ("d", 1, 1)]
    assert as_reader(engine, query.replace("2026-03-01", "2026-03-07")) == []
    assert as_reader(engine, query.replace("2026-03-01", "2025-01-01"))[-1] == ("old", 1, 1)


def test_orphans(engine: Engine, run: RunKey) -> None:
    write(engine, run, [article("a", teases="b c"), article("c", teases="b"), article("x")])
    query = "SELECT url, state FROM api.orphan ORDER BY url"
    assert as_reader(engine, query) == [("a", "fetched"), ("x", "fetched")]
    later = new_run(engine)
    write(engine, later, [article("a", teases="b", minute=1), outcome("x", "gone", status=410, minute=1)])
    assert end(engine, later).gone == 1
    assert as_reader(engine, query) == [("a", "fetched"), ("c", "fetched")]


def test_a_neighbourhood_with_cycles(engine: Engine, run: RunKey) -> None:
    chain = {"a": "b c", "b": "a c", "c": "d", "d": "e a", "e": "f", "f": "g", "g": "h"}
    write(engine, run, [article(name, teases=targets) for name, targets in chain.items()])
    assert neighbours(engine, "a", 0) == {"a": 0}
    assert neighbours(engine, "a", 1) == {"a": 0, "b": 1, "c": 1}
    assert neighbours(engine, "a", 2) == {"a": 0, "b": 1, "c": 1, "d": 2}
    assert neighbours(engine, "h", 3) == {"h": 0}
    assert neighbours(engine, "a", 99) == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 3, "f": 4, "g": 5}
    write(engine, run, [article("a", teases="b", minute=1)])
    assert neighbours(engine, "a", 2) == {"a": 0, "b": 1, "c": 2}
    assert as_reader(engine, "SELECT url FROM api.neighbourhood(0)") == []
