"""The queue holds a job of each due site, and gives out one of a host at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from procrastinate import App
from procrastinate.jobs import Status
from scrapy.settings import Settings
from sqlalchemy import Engine, text

from pipelines.fleet import engine as queue
from pipelines.fleet.due import next_start
from pipelines.storage.database import Database, open_database
from pipelines.storage.db.errors import StorageError
from pipelines.storage.db.site_lock import SiteLock
from pipelines.storage.fleet import queue_schema, sites, workers
from pipelines.storage.fleet.queue_schema import ANY, queue_of
from pipelines.storage.fleet.sites import NameIsTaken, SiteChange

URLS = {
    "news.example": "https://www.news.example/",
    "news.example:8443": "https://news.example:8443/",
    "other.example": "https://other.example/",
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_database(database_url, Path()) as database:
        sites.write_sites(database.engine, [SiteChange(site=site, url=url) for site, url in URLS.items()], 3600)
        yield database


def with_queue(database: Database, act: Callable[[App], Awaitable[None]]) -> None:
    async def opened() -> None:
        app = queue.open_queue(database, "worker test")
        async with app.open_async():
            await act(app)

    asyncio.run(opened())


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_a_due_site_is_queued_once_and_a_host_is_run_once(database: Database) -> None:
    async def act(app: App) -> None:
        assert await queue.defer_due(app, database, dict) == 3
        assert await queue.defer_due(app, database, dict) == 0
        worker = await app.job_manager.register_worker()
        taken = [await app.job_manager.fetch_job([ANY], worker) for _ in range(3)]
        assert [job and job.lock for job in taken] == ["news.example", "other.example", None]
        assert await queue.defer_due(app, database, dict) == 0
        first = taken[0]
        assert first is not None
        await app.job_manager.finish_job(first, Status.SUCCEEDED, delete_job=True)
        second = await app.job_manager.fetch_job([ANY], worker)
        assert second is not None
        assert {first.queueing_lock, second.queueing_lock} == {"news.example", "news.example:8443"}

    with_queue(database, act)


def test_the_job_of_a_dead_worker_is_given_to_another(database: Database) -> None:
    sites.remove_sites(database.engine, ["news.example", "news.example:8443"])

    async def act(app: App) -> None:
        await queue.defer_due(app, database, dict)
        for attempt in range(queue.ATTEMPTS):
            worker = await app.job_manager.register_worker()
            job = await app.job_manager.fetch_job([ANY], worker)
            assert job is not None, attempt
            await queue.give_back_stalled(app)
            assert await app.job_manager.fetch_job([ANY], worker) is None  # it lives
            execute(
                database.engine,
                f"UPDATE fleet_queue.procrastinate_workers SET last_heartbeat = now() - interval '2 min' WHERE id = {worker}",
            )
            await queue.give_back_stalled(app)
        assert await app.job_manager.list_jobs_async() == []
        assert await queue.defer_due(app, database, dict) == 1

    with_queue(database, act)


def test_the_site_of_a_spool_is_run_by_its_worker_while_that_lives(database: Database) -> None:
    spool = [{"site": "other.example", "files": 1, "bytes": 9, "oldest": 0.0}]
    at = datetime.now(UTC)
    workers.report(database.engine, "one", slots=1, version="1", started_at=at, spool=spool)

    async def act(app: App) -> None:
        from pipelines.fleet.spools import homes

        await queue.defer_due(app, database, lambda: homes(database))
        [job] = await app.job_manager.list_jobs_async(queue=queue_of("one"))
        assert job.queueing_lock == "other.example"
        await asyncio.to_thread(queue_schema.release_queues, database.engine, workers.SILENT)
        assert len(list(await app.job_manager.list_jobs_async(queue=queue_of("one")))) == 1
        workers.report(database.engine, "one", slots=1, version="1", started_at=at, spool=spool, stopped=True)
        await asyncio.to_thread(queue_schema.release_queues, database.engine, workers.SILENT)
        assert len(list(await app.job_manager.list_jobs_async(queue=ANY))) == 3

    with_queue(database, act)


def test_a_site_that_is_late_by_more_intervals_is_first(database: Database) -> None:
    execute(
        database.engine,
        "UPDATE crawl.scheduled_site SET due_at = now() - interval '1 hour', every = CASE site WHEN 'other.example' THEN 60 ELSE 86400 END",
    )

    async def act(app: App) -> None:
        await queue.defer_due(app, database, dict)
        job = await app.job_manager.fetch_job([ANY], await app.job_manager.register_worker())
        assert job is not None
        assert (job.queueing_lock, job.priority) == ("other.example", 60)

    with_queue(database, act)


@contextmanager
def a_worker(engine: Engine) -> Iterator[None]:
    lock = SiteLock(engine, "worker other")
    lock.take()
    try:
        yield
    finally:
        lock.release()


def test_the_queue_is_made_anew_for_another_version_unless_it_is_in_use(engine: Engine) -> None:
    with a_worker(engine):
        queue_schema.install(
            engine,
            "CREATE TABLE procrastinate_jobs (lock int, priority int, id int, status text, queueing_lock int)",
            "worker own",
        )
        made = "CREATE TABLE procrastinate_jobs (lock text, priority int, id int, status text, queueing_lock int)"
        with pytest.raises(StorageError, match="worker other uses another version"):
            queue_schema.install(engine, made, "worker own")
    queue_schema.install(engine, made, "worker own")
    queue_schema.install(engine, made, "worker own")


def test_changes_of_the_list_are_all_or_none(engine: Engine) -> None:
    changes = [SiteChange(site=name, url=url, name="same") for name, url in URLS.items()]
    with pytest.raises(NameIsTaken) as caught:
        sites.write_sites(engine, changes, 3600)
    assert caught.value.index == 1
    assert sites.sites(engine) == []


def test_the_next_start_is_an_interval_after_the_last(database: Database) -> None:
    now = datetime(2026, 3, 6, 12, tzinfo=UTC)
    site = sites.sites(database.engine)[0]
    started = replace(site, every=1000, started_at=now)
    start = partial(next_start, database, settings=Settings())
    due = start(started, now)
    assert due == start(started, now + timedelta(seconds=60))
    assert timedelta(seconds=950) <= due - now <= timedelta(seconds=1050)
    assert start(started, now + timedelta(seconds=2000)) == now + timedelta(seconds=2000)
    assert start(replace(site, started_at=None), now) > now
