"""Try the reader's queries on a streaming replica, and measure how soon a batch is there."""

from __future__ import annotations

import os
import subprocess
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bench.harness import START_SECONDS, Report, fresh_database, scalar, scratch_server, setting
from bench.storage_filling import fill, navigation, new_run, no_follow_up, teasing_pages
from bench.storage_reading import TABLES, categorise, queries
from pipelines.storage.db.engine import connect
from pipelines.storage.db.errors import StorageError
from pipelines.storage.embedded.server import EmbeddedServer
from pipelines.storage.write.writer import write
from smartdaily_crawler.settings import PERSIST_BATCH_SIZE

CHANGES = "SELECT count(*) FROM api.article_change"
OTHERS = ("SELECT api.feed_epoch()", "SELECT count(*) FROM api.search('芯片')")
BATCHES = 10


def measure_replica(report: Report, options: Namespace) -> None:
    count = 2_000 if options.small else 20_000
    with scratch_server(options.folder, fsync=False) as server, fresh_database(server, "main") as main:
        fill(main, count, *TABLES)
        categorise(main)
        with _replica(server, main) as replica:
            wanted = [*queries(main), *((query, query, {}) for query in OTHERS)]
            refused = [name for name, query, values in wanted if not _equal(main, replica, query, values)]
            report.line("queries tried", len(wanted))
            report.line("queries refused, or with another number of rows", len(refused), most=0)
            run, waits = new_run(main), []
            pages = list(teasing_pages(BATCHES * PERSIST_BATCH_SIZE, "new"))
            with no_follow_up():
                write(main, run, [navigation()])
                for start in range(0, len(pages), PERSIST_BATCH_SIZE):
                    write(main, run, pages[start : start + PERSIST_BATCH_SIZE])
                    waits.append(_catch_up(main, replica))
            report.line(
                f"milliseconds until a batch of {PERSIST_BATCH_SIZE} articles is there, at most",
                max(waits) * 1000,
                "ms",
            )
            report.setting = f"{count:,} articles, {setting(main)}"


def _equal(main: Engine, replica: Engine, query: str, values: dict[str, Any]) -> bool:
    """Return whether a reader gets as many rows from both."""
    numbers = []
    for engine in (main, replica):
        with engine.connect() as connection:
            connection.execute(text("SET ROLE smartdaily_reader"))
            try:
                numbers.append(len(connection.execute(text(query), values).all()))
            except DBAPIError:
                return False
    return numbers[0] == numbers[1]


def _catch_up(main: Engine, replica: Engine) -> float:
    """Return the seconds until the replica shows as many changes."""
    started, wanted = time.monotonic(), scalar(main, CHANGES)
    while scalar(replica, CHANGES) != wanted:
        if time.monotonic() - started > START_SECONDS:
            raise TimeoutError("the replica does not catch up")
        time.sleep(0.005)
    return time.monotonic() - started


@contextmanager
def _replica(server: EmbeddedServer, main: Engine) -> Iterator[Engine]:
    """Copy the server by pg_basebackup, and run the copy as its replica, as the account that runs the server."""
    data = Path(scalar(main, "SHOW data_directory"))
    postmaster = (data / "postmaster.pid").read_text().split("\n", 1)[0]
    programs, owner = Path(f"/proc/{postmaster}/exe").resolve().parent, data.stat()
    account: dict[str, Any] = (
        {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    copy = data.parent / "replica"
    copy.mkdir(mode=0o700)
    os.chown(copy, owner.st_uid, owner.st_gid)
    where = ("-h", server.socket_folder, "-p", str(server.port), "-U", str(main.url.username))
    backup = [str(programs / "pg_basebackup"), *where, "-D", str(copy), "-R", "-c", "fast"]
    subprocess.run(backup, check=True, cwd="/", **account)
    command = [str(programs / "postgres"), "-D", str(copy), "-k", str(copy), "-c", "listen_addresses="]
    with (copy / "log").open("w") as log:
        process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log, **account)
    url = f"postgresql://{main.url.username}@/{main.url.database}?host={quote(str(copy), safe='')}&port={server.port}"
    replica = connect(url, application_name="bench")
    try:
        _wait(replica)
        yield replica
    finally:
        replica.dispose()
        process.terminate()
        process.wait()


def _wait(engine: Engine) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            assert scalar(engine, "SELECT pg_is_in_recovery()")
        except (DBAPIError, StorageError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
