"""The queue: procrastinate's, in a PostgreSQL schema of its own. The only module that knows its library, with ``worker``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager

from pipelines.fleet.due import host_of
from pipelines.storage.db.engine import CONNECTION
from pipelines.storage.db.errors import reason
from pipelines.storage.fleet import queue_schema
from pipelines.storage.fleet.queue_schema import ANY, SCHEMA, install
from pipelines.storage.fleet.workers import SILENT

if TYPE_CHECKING:
    from pipelines.storage.database import Database

logger = logging.getLogger(__name__)

RUN = "run"
"""Name of the task that runs a site; its argument is ``site``."""
ATTEMPTS = 3
"""How often a job is started whose workers die with it; the site's next one comes when it is due again."""
MOST = 1000
"""Jobs put into the queue by one statement."""


class PatientConnector(PsycopgConnector):
    """Repeat a statement until the database answers: its runs wait for the database by themselves, and a worker should not end before them.

    A statement may then be carried out twice. Of a job that was taken twice the worker knows one; ``worker`` gives the other one back.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.patience = float("inf")
        """Seconds; a worker that is to stop has less."""
        self.failed_at = float("-inf")
        """Time, on the monotonic clock, at which the database did not answer last."""

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        await self._patiently(super().execute_query_async, query, arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        row: dict[str, Any] = await self._patiently(super().execute_query_one_async, query, arguments)
        return row

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._patiently(super().execute_query_all_async, query, arguments)
        return rows

    async def _patiently(self, execute: Callable[..., Awaitable[Any]], query: Any, arguments: dict[str, Any]) -> Any:
        began, pause = monotonic(), 0.2
        while True:
            try:
                return await execute(query, **arguments)
            except exceptions.ConnectorException as error:
                if not _is_away(error) or monotonic() - began > self.patience:
                    raise
                if monotonic() - self.failed_at > SILENT:
                    logger.warning("The database does not answer, waiting for it: %s", reason(error.__cause__ or error))
                self.failed_at = monotonic()
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5.0)


def _is_away(error: exceptions.ConnectorException) -> bool:
    """Return whether a statement failed for want of a connection, or of a server that takes it."""
    state = getattr(error.__cause__, "sqlstate", None)
    # No SQLSTATE: the connection broke, or the pool has none. 08: connection, 57: shutdown, 53: resources, 25006: read-only.
    return not isinstance(error, exceptions.UniqueViolation) and (
        state is None or state.startswith(("08", "57P", "53")) or state == "25006"
    )


def open_queue(database: Database, lease: str) -> App:
    """Install the queue in the database, and return procrastinate's app for it. Raise StorageError.

    :param lease: name of the caller's lease, as a worker.
    """
    install(database.engine, SchemaManager.get_schema(), lease)
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    session = {**CONNECTION, "options": f"-c search_path={SCHEMA}", "application_name": "smartdaily-worker"}
    return App(connector=PatientConnector(conninfo=url, kwargs=session, min_size=1, max_size=4, timeout=10.0))


def job_of(site: str, url: str, queue: str = ANY) -> Job:
    """Return a site's job: one of a site at a time in the queue, and one of a host at a time in work."""
    return Job(
        id=None,
        queue=queue,
        lock=host_of(url),
        queueing_lock=site,
        task_name=RUN,
        task_kwargs={"site": site},
        priority=0,
        scheduled_at=None,
    )


async def defer_due(app: App, database: Database, homes: Callable[[], dict[str, str]]) -> int:
    """Put each site that is due into the queue, unless its job is there or in work. Return their number.

    :param homes: returns, by site, the queue of the worker that has items of it in its spool: the site's next run stores them.
    """
    due = await asyncio.to_thread(queue_schema.due_sites, database.engine, MOST)
    if due:
        queues = await asyncio.to_thread(homes)
        try:
            jobs = [job_of(site, url, queues.get(site, ANY)) for site, url, _ in due]
            await app.job_manager.batch_defer_jobs_async(jobs)
        except exceptions.AlreadyEnqueued:  # by another worker just now: what is left is due at the next look
            return 0
    await asyncio.to_thread(queue_schema.after_put, database.engine, len(due))
    return len(due)


async def give_back_stalled(app: App) -> None:
    """Give the jobs of workers that are gone to others; one that ends its workers again and again is dropped."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        await give_back(app, job)


async def give_back(app: App, job: Job) -> None:
    """Let a job that was taken be taken again."""
    try:
        if job.task_name == RUN and job.attempts + 1 < ATTEMPTS:
            logger.warning("The worker that ran %s is gone: another one runs it", job.task_kwargs["site"])
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    except exceptions.ConnectorException as error:
        logger.info("Another worker has dealt with job %s: %s", job.id, reason(error.__cause__ or error))
