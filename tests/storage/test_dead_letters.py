"""Dead letters: listed, retried, and then stored or kept with the latest error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from pipelines.storage.db.errors import StorageError
from pipelines.storage.spill.dead_letters import dead_letters
from pipelines.storage.write import redelivery
from pipelines.storage.write.writer import write
from tests.storage.making import article, fetch, new_run, outcome, read, states, url

if TYPE_CHECKING:
    from sqlalchemy import Engine

WALL = "ALTER TABLE crawl.article_revision ADD CONSTRAINT wall CHECK (title NOT LIKE '%bad%')"
TUNNEL = "ALTER TABLE crawl.article_revision DROP CONSTRAINT wall"


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_a_letter_is_stored_once_the_cause_is_fixed(engine: Engine) -> None:
    execute(engine, WALL)
    run = new_run(engine)
    page = article("bad", teases="b", parts=[fetch("bad-2", kind="part")])
    write(engine, run, [article("good"), page])
    [letter] = dead_letters(engine)
    assert (letter.run_id, letter.url) == (run.run_id, url("bad"))
    assert letter.timezone == "Asia/Shanghai"
    assert "wall" in letter.reason
    ends = "SELECT outcome, reason FROM api.outcome WHERE url LIKE '%bad%'"
    assert read(engine, ends) == [("failed", "dead_letter")] * 2

    assert "wall" in str(redelivery.retry(engine, letter.dead_letter_id, patience=1))
    assert dead_letters(engine) == [letter]

    execute(engine, TUNNEL)
    new_run(engine)
    assert redelivery.retry(engine, letter.dead_letter_id, patience=1) is None
    assert dead_letters(engine) == []
    assert states(engine) == {"good": "fetched", "bad": "fetched", "b": "discovered"}
    assert read(engine, f"{ends} AND run_id = {run.run_id}") == [("stored", None)] * 2
    assert read(engine, "SELECT DISTINCT run_id FROM api.revision") == [run.run_id]
    with pytest.raises(StorageError, match="there is no dead letter"):
        redelivery.retry(engine, letter.dead_letter_id, patience=1)


def test_a_letter_that_is_no_item_is_kept_with_the_reason(engine: Engine) -> None:
    write(engine, new_run(engine), [article("bad", published_on="0000-03-06")])
    [letter] = dead_letters(engine)
    assert "Article.published_on may not be" in str(redelivery.retry(engine, letter.dead_letter_id, patience=1))
    assert "Article.published_on" in dead_letters(engine)[0].reason
    repaired = "UPDATE crawl.dead_letter SET payload = jsonb_set(payload, '{fields,published_on}', '\"2026-03-06\"')"
    execute(engine, repaired)
    assert redelivery.retry(engine, letter.dead_letter_id, patience=1) is None
    assert states(engine) == {"bad": "fetched"}


def test_an_item_rejected_twice_is_one_letter(engine: Engine) -> None:
    run = new_run(engine)
    for _ in range(2):
        write(engine, run, [outcome("bad", "failed", elapsed_ms=10**12)])
    assert len(dead_letters(engine)) == 1
