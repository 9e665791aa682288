"""A worker: takes runs from the queue and starts each as a process of its own, until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from procrastinate import App, JobContext, exceptions
from procrastinate.worker import Worker

from pipelines.fleet.due import next_start
from pipelines.fleet.engine import RUN, PatientConnector, defer_due, give_back, give_back_stalled, open_queue
from pipelines.fleet.process import Bounds, End, RunProcess
from pipelines.fleet.spools import homes, spool_facts
from pipelines.storage.db.errors import StorageError, reason
from pipelines.storage.db.site_lock import SiteIsTaken, SiteLock
from pipelines.storage.fleet import queue_schema, sites, workers

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from pipelines.storage.database import Database
    from pipelines.storage.fleet.sites import ScheduledSite

logger = logging.getLogger(__name__)

BEAT = 10.0
"""Seconds between two reports of a worker, and between two looks at which sites are due."""
WAIT = 30
"""Seconds that a run waits for another one of its site, such as one that still stops."""
_CLOCK = "clock"
_EACH_BEAT = f"* * * * * */{BEAT:.0f}"
POLL = 1.0
"""Seconds between two looks into an empty queue. It is not woken up: a connection that waits for notices ends with its server."""


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """What a worker is started with."""

    name: str
    """As in ``crawl.worker``: one of its machine, the same after a restart."""
    slots: int
    bounds: Bounds
    logs: Path
    """Folder of the output of runs."""
    spool: Path
    """Folder of the spool of its runs."""
    version: str
    patience: float
    """Seconds to wait for the database where a run has started or ended."""
    crawl: BaseSettings
    """Settings of its runs, as this process has them: their bounds of polling."""
    settings: Sequence[str] = ()
    """``NAME=VALUE`` of settings for its runs."""


class FleetWorker:
    """One worker. ``serve`` returns when it was asked to stop by SIGTERM or SIGINT, and its runs have ended."""

    def __init__(self, database: Database, options: WorkerOptions) -> None:
        self._database = database
        self._engine = database.engine
        self._options = options
        self._running: dict[int | None, RunProcess | None] = {}
        """Runs by the id of their job."""
        self._unknown: set[int | None] = set()
        """Jobs that the queue says it runs, and it does not."""
        self._stopping = False
        self._workers: list[Worker] = []

    async def serve(self) -> None:
        """Raise StorageError where the queue cannot be used, or another worker has the name."""
        lease = f"{queue_schema.WORKER}{self._options.name}"
        lock = SiteLock(self._engine, lease)
        try:
            lock.take()
        except SiteIsTaken:
            raise StorageError(f"another worker is named {self._options.name} already: give --name") from None
        try:
            app = open_queue(self._database, lease)
            async with app.open_async():
                await self._serve(app, lock)
        except exceptions.ProcrastinateException as error:
            raise StorageError(f"the queue cannot be used: {reason(error.__cause__ or error)}") from error
        finally:
            lock.release()

    async def _serve(self, app: App, lock: SiteLock) -> None:
        started_at = await asyncio.to_thread(sites.now_of, self._engine)
        app.task(name=RUN, queue=queue_schema.ANY, pass_context=True)(self._run)
        # An app of its own: its one slot is free while all others run.
        clock = App(connector=app.connector)
        clock.periodic(cron=_EACH_BEAT)(clock.task(name="look", queue=_CLOCK, queueing_lock=_CLOCK)(self._look(app)))
        self._workers = [
            self._worker(app, [queue_schema.ANY, queue_schema.queue_of(self._options.name)], self._options.slots),
            self._worker(clock, [_CLOCK], 1),
        ]
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop, app)
        beat = asyncio.create_task(self._beat(app, lock, started_at))
        tasks = [asyncio.create_task(worker.run()) for worker in self._workers]  # type: ignore[no-untyped-call]  # the library's
        logger.info("Worker %s takes runs, up to %d at once", self._options.name, self._options.slots)
        try:
            # One that ends unasked has met an error: the other one is stopped with it.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            asked = self._stopping
            if not asked:
                self._stop(app)
            await asyncio.gather(*tasks)
            if not asked:
                raise StorageError("the queue cannot be used, see the log")
        finally:
            beat.cancel()
            with suppress(StorageError):
                await self._report(started_at, stopped=True)
        logger.info("Worker %s has stopped", self._options.name)

    def _worker(self, app: App, queues: list[str], slots: int) -> Worker:
        return Worker(
            app=app,
            queues=queues,
            name=self._options.name,
            concurrency=slots,
            fetch_job_polling_interval=POLL,
            listen_notify=False,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=BEAT,
            stalled_worker_timeout=workers.SILENT,
        )

    def _stop(self, app: App) -> None:
        """Let the runs stop, as SIGTERM does; when asked again, kill them."""
        if self._stopping:
            for run in filter(None, self._running.values()):
                run.kill()
            return
        self._stopping = True
        logger.info("Worker %s stops; its %d runs are asked to", self._options.name, len(self._running))
        _connector(app).patience = self._options.patience
        for worker in self._workers:
            worker.stop()  # type: ignore[no-untyped-call]  # as above
        for run in filter(None, self._running.values()):
            run.stop("the worker was stopped")

    async def _run(self, context: JobContext, site: str) -> None:
        """Run a site: the queue's task."""
        job_id = context.job.id
        self._running[job_id] = None
        try:
            row = await asyncio.to_thread(sites.find_site, self._engine, site)
            if row is None or row.paused_at or self._stopping:
                return
            await self._run_site(job_id, row)
        except StorageError:
            logger.exception("%s could not be run", site)
        finally:
            del self._running[job_id]

    async def _run_site(self, job_id: int | None, row: ScheduledSite) -> None:
        options, patience = self._options, self._options.patience
        started_at = await asyncio.to_thread(sites.now_of, self._engine)
        job = f"fleet-{uuid4().hex[:16]}"
        started = replace(row, started_at=started_at)
        due_at = await self._next_start(started, started_at)
        await asyncio.to_thread(
            sites.record_start, self._engine, row.site, worker=options.name, job=job, at=started_at, due_at=due_at
        )
        process = RunProcess(
            self._command(row, job), options.logs / f"{row.site.replace(':', '_')}.log", options.bounds
        )
        self._running[job_id] = process
        logger.info("%s starts as %s", row.site, job)
        if self._stopping:
            process.stop("the worker was stopped")
        try:
            end = await process.run()
        except OSError as error:
            end = End(code=1, complaint=f"{error.filename}: {error.strerror}", last_line="")
        try:
            verdict, reasons = await asyncio.to_thread(sites.verdict_of, self._engine, row.site, job, patience=patience)
            found = verdict or ("stopped" if self._stopping else "failed")
            because = None if found == "healthy" else end.complaint or "; ".join(reasons) or end.last_line
            logger.info("%s: %s, exit code %d%s", row.site, found, end.code, f", {because}" if because else "")
            now = await asyncio.to_thread(sites.now_of, self._engine)
            # What a stop of the worker has cut off is continued by the next one that has a slot.
            due_at = now if self._stopping else await self._next_start(started, now)
            await asyncio.to_thread(
                sites.record_end,
                self._engine,
                row.site,
                job,
                exit_code=end.code,
                verdict=found,
                reason=because,
                due_at=due_at,
                patience=patience,
            )
        except StorageError as error:
            logger.error("How %s ended is not recorded: %s", row.site, error)  # noqa: TRY400 - one line

    async def _next_start(self, row: ScheduledSite, now: datetime) -> datetime:
        return await asyncio.to_thread(next_start, self._database, row, now, self._options.crawl)

    def _command(self, row: ScheduledSite, job: str) -> list[str]:
        # The log of the worker is its own.
        given = [f"JOB={job}", *self._options.settings, "LOG_FILE="]
        return [
            *(sys.executable, "-m", "scrapy", "crawl", row.spider, "--site", row.site, "-a", f"wait={WAIT}"),
            *(part for each in given for part in ("-s", each)),
        ]

    def _look(self, app: App) -> Any:
        async def look(timestamp: int) -> None:
            """Put due sites into the queue, and give the jobs of dead workers to others: the periodic task of the queue, done by one worker."""
            del timestamp
            # After an outage all heartbeats are old.
            if asyncio.get_running_loop().time() - _connector(app).failed_at > workers.SILENT:
                await give_back_stalled(app)
            await asyncio.to_thread(queue_schema.release_queues, self._engine, workers.SILENT)
            await defer_due(app, self._database, lambda: homes(self._database))

        return look

    async def _beat(self, app: App, lock: SiteLock, started_at: datetime) -> None:
        while True:
            try:
                await self._report(started_at)
                await asyncio.to_thread(lock.keep_alive)
                await self._find_unknown(app)
            except SiteIsTaken:
                logger.error("Another worker is named %s now", self._options.name)  # noqa: TRY400 - one line
                self._stop(app)
                return
            except (StorageError, OSError, exceptions.ConnectorException) as error:
                logger.warning("Worker %s could not report: %s", self._options.name, error)
            await asyncio.sleep(BEAT)

    async def _report(self, started_at: datetime, *, stopped: bool = False) -> None:
        options = self._options
        spool = await asyncio.to_thread(spool_facts, options.spool)
        await asyncio.to_thread(
            workers.report,
            self._engine,
            options.name,
            slots=options.slots,
            version=options.version,
            started_at=started_at,
            spool=spool,
            stopped=stopped,
        )

    async def _find_unknown(self, app: App) -> None:
        """Give back the jobs that the queue says this worker runs, and it does not: the answer that gave them to it was lost."""
        worker_id = self._workers[0].worker_id
        if worker_id is None or self._stopping:
            return
        jobs = await app.job_manager.list_jobs_async(status="doing", worker_id=worker_id)
        unknown = {job.id: job for job in jobs if job.id not in self._running}
        for job_id in self._unknown & unknown.keys():
            await give_back(app, unknown.pop(job_id))
        self._unknown = set(unknown)


def _connector(app: App) -> PatientConnector:
    assert isinstance(app.connector, PatientConnector)  # noqa: S101 - open_queue made it
    return app.connector
