"""Rows of runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.storage.db.retry import query
from pipelines.storage.read.runs import latest_runs, latest_stats, outcome_counts
from pipelines.storage.write.runs import abort_dead_runs, finish_run
from tests.storage.making import new_run, read

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey


def test_a_run_from_start_to_end(engine: Engine) -> None:
    run = new_run(engine)
    started = latest_runs(engine, 1)[0]
    assert (started.run_id, started.site, started.arguments) == (run.run_id, "smartdaily", {"max_pages": 2})
    assert started.timezone == "Asia/Shanghai"
    assert (started.finished_at, started.reason, started.verdict, started.stats) == (None, None, None, None)
    stats = {"item_scraped_count": 3, "start_time": datetime(2026, 3, 6, tzinfo=UTC)}
    finish_run(engine, run, reason="finished", verdict="ok", stats=stats)
    finished = latest_runs(engine, 1)[0]
    assert finished.finished_at
    assert finished.finished_at >= finished.started_at
    assert (finished.reason, finished.verdict) == ("finished", "ok")
    assert finished.stats == {"item_scraped_count": 3, "start_time": "2026-03-06T00:00:00+00:00"}


def test_the_newest_first(engine: Engine) -> None:
    runs = [new_run(engine) for _ in range(3)]
    assert [row.run_id for row in latest_runs(engine, 2)] == [runs[2].run_id, runs[1].run_id]
    assert len({run.site_id for run in runs}) == 1
    assert read(engine, "SELECT site, timezone FROM api.site") == [("smartdaily", "Asia/Shanghai")]
    assert query(engine, lambda connection: outcome_counts(connection, runs[0]), patience=0) == {}


def test_statistics_of_earlier_runs_about_rendering(engine: Engine) -> None:
    assert rendering_stats(engine, new_run(engine)) == {}
    first, latest = ({"render/js_required/article /ai": times} for times in (3, 30))
    ended(engine, first)
    ended(engine, latest, verdict="failed")
    ended(engine, {"render/splash": 9, "render/static/article /ai": 1})
    ended(engine, {"render/js_required/article /ai": 7}, verdict="refused")
    ended(engine, {"render/js_required/article /ai": 8}, site="elsewhere")
    ended(engine, {})
    new_run(engine)  # was killed, and has no statistics
    run = new_run(engine)
    assert rendering_stats(engine, run) == latest
    assert query(engine, lambda connection: abort_dead_runs(connection, run), patience=0) == 2
    ended(engine, {"render/js_required/article /ai": 31})  # of a later run
    assert rendering_stats(engine, run) == latest


def rendering_stats(engine: Engine, run: RunKey) -> dict[str, Any]:
    return query(engine, lambda connection: latest_stats(connection, run), patience=0)


def ended(engine: Engine, stats: dict[str, Any], *, verdict: str = "healthy", site: str = "smartdaily") -> None:
    run = new_run(engine, site=site)
    finish_run(engine, run, reason="finished", verdict=verdict, stats=stats)
