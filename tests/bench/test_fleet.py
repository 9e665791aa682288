"""The simulation of a fleet: that it orders jobs as the real queue does, and that its days are those of its mix."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench import fleet_simulate
from bench.fleet_simulate import Fleet, Part, priority
from bench.harness import execute
from pipelines.fleet.engine import defer_due, open_queue
from pipelines.storage.database import open_database
from pipelines.storage.fleet.queue_schema import ANY
from pipelines.storage.fleet.sites import SiteChange, write_sites

SITES = {
    "daily.example": (86_400, 20_000),
    "hourly.example": (3600, 8000),
    "often.example": (300, 1000),
    "new.example": (60, 1),
}
"""Seconds of the interval, and since the site was due."""


def test_the_queue_gives_out_jobs_by_the_simulated_priority(database_url: str) -> None:
    async def take() -> list[tuple[str | None, int]]:
        app = open_queue(database, "worker test")
        async with app.open_async():
            await defer_due(app, database, dict)
            worker = await app.job_manager.register_worker()
            jobs = [await app.job_manager.fetch_job([ANY], worker) for _ in SITES]
        return [(job.queueing_lock, job.priority) for job in jobs if job]

    with open_database(database_url, Path()) as database:
        changes = [SiteChange(site=site, url=f"https://{site}/", every=every) for site, (every, _) in SITES.items()]
        write_sites(database.engine, changes, 3600)
        for site, (_, late) in SITES.items():
            due = f"now() - make_interval(secs => {late})"
            execute(database.engine, f"UPDATE crawl.scheduled_site SET due_at = {due} WHERE site = '{site}'")
        simulated = {site: priority(late, every) for site, (every, late) in SITES.items()}
        in_turn = sorted(simulated, key=lambda site: (-simulated[site], -SITES[site][1]))
        assert asyncio.run(take()) == [(site, simulated[site]) for site in in_turn]


def test_a_day_is_that_of_its_mix() -> None:
    mix = [Part(0.5, 20, 9, 3600), Part(0.5, 20, 9, 3600, by_rate=True)]
    days = [Fleet(mix, 10, 4, seed=1, most=1000, hosts=1).run() for _ in range(2)]
    assert days[0] == days[1]
    assert days[0].articles == pytest.approx(200, rel=0.3)
    assert 5 * 23 < days[0].runs < 5 * 24 + 5 * fleet_simulate.BOUNDS.budget / 2
    # Too few slots: sites that are read often wait for as many of their intervals as the others, and what waits at the end counts.
    mix = [Part(0.5, 0, 9, 300), Part(0.5, 0, 9, 3600)]
    busy = Fleet(mix, 80, 1, seed=1, most=1000, hosts=1).run()
    assert busy.busy == pytest.approx(86_400, rel=0.01)
    assert max(busy.late) < 2 * 3600
    # Sites of one host take turns: two of them use no more than one slot.
    assert Fleet(mix, 2, 4, seed=1, most=1000, hosts=2).run().busy < 86_400


def test_a_mix_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert fleet_simulate.main(["--small", "--mix", "0.2:100:9:30m", "0.8:5:4:6h"]) == 0
    assert "| new articles | 2," in capsys.readouterr().out
    for wrong in ("1:2:3", "1:2:3:4w", "0.5:2:3:1h", "1:-2:3:1h"):
        with pytest.raises(SystemExit, match="2"):
            fleet_simulate.main(["--small", "--mix", wrong])
