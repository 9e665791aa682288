"""Pruning: which outcomes are deleted, and which are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.write import outcomes
from pipelines.storage.write.writer import write
from tests.storage.making import article, new_run, outcome, read, states

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Engine


def test_outcomes_of_old_runs_are_deleted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "CHUNK", 3)
    old, young = new_run(engine), new_run(engine)
    write(engine, old, [article("a", teases="b"), *(outcome(f"x{number}", "failed") for number in range(7))])
    write(engine, young, [outcome("a", "not_modified", minute=1)])
    assert outcomes.prune(engine, 30) == 0
    age(engine, 31, old.run_id)
    assert outcomes.prune(engine, 40) == 0
    assert outcomes.prune(engine, 30) == 8
    assert outcomes.prune(engine, 30) == 0
    assert read(engine, "SELECT DISTINCT run_id FROM api.outcome") == [young.run_id]
    assert read(engine, "SELECT run_id FROM api.run ORDER BY run_id") == [old.run_id, young.run_id]
    assert states(engine) == {"a": "fetched", "b": "discovered"}
    assert read(engine, "SELECT run_id FROM api.revision") == [old.run_id]


def test_the_latest_run_of_a_site_is_kept(engine: Engine) -> None:
    run = new_run(engine)
    write(engine, run, [outcome("a", "failed")])
    age(engine, 99, run.run_id)
    assert outcomes.prune(engine, 1) == 0


def age(engine: Engine, days: int, run_id: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE crawl.crawl_run SET started_at = started_at - make_interval(days => :days) WHERE run_id = :run_id"
            ),
            {"days": days, "run_id": run_id},
        )
