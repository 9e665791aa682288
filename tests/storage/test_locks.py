"""Locks: each blocks only the writers that it has to, and no other role can take one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from pipelines.storage.db import locks
from pipelines.storage.db.engine import connect, normalise_url
from pipelines.storage.db.site_lock import SiteLock
from pipelines.storage.write.writer import write
from tests.storage.making import article, navigation, new_run, read
from tests.waiting import ROOT

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey

FREE = text("SELECT name FROM crawl.site ORDER BY site_id FOR KEY SHARE SKIP LOCKED")


def test_a_reader_holds_nobody_up(engine: Engine, run: RunKey) -> None:
    """Any role may take any advisory lock, so none may count; rows and tables are out of its reach."""
    sources = (ROOT / "pipelines").glob("**/*.py")
    assert [path.name for path in sources if "pg_advisory" in path.read_text(encoding="utf-8")] == []
    write(engine, run, [article("a")])
    with engine.connect() as connection:
        connection.execute(text("SET ROLE smartdaily_reader"))
        for statement in (
            "SELECT FROM crawl.lease FOR UPDATE",
            "LOCK TABLE crawl.lease IN ACCESS SHARE MODE",
            f"SELECT crawl.lock_identity({run.site_id}, true)",
            "SELECT FROM api.site FOR KEY SHARE",
            "LOCK TABLE api.article IN ROW SHARE MODE",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), connection.begin_nested():
                connection.execute(text(statement))


def test_the_text_queue_blocks_no_writer(engine: Engine, database_url: str) -> None:
    """A batch, also one that merges, is committed while a process takes texts off the queue."""
    run = new_run(engine)
    write(engine, run, [article("start", teases="m")])
    hurried = make_url(normalise_url(database_url)).update_query_dict({"options": "-c lock_timeout=1s"})
    impatient = connect(hurried.render_as_string(hide_password=False), application_name="tests")
    with engine.begin() as holder:
        assert locks.try_text_queue(holder)
        with engine.begin() as other:
            assert not locks.try_text_queue(other)
        assert [written.outcome for written in write(impatient, run, [navigation("手机")], patience=0)] == ["stored"]
        # Its text waits for the next batch.
        merging = article("a", at="m", final="a")
        assert [written.outcome for written in write(impatient, run, [merging], patience=0)] == ["stored"]
    impatient.dispose()
    assert read(engine, "SELECT count(*) FROM api.article WHERE state = 'fetched'") == [2]
    assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [1]


def test_a_writer_that_merges_excludes_those_of_sites_with_the_same_urls(engine: Engine) -> None:
    names = ("news.example", "tech.news.example", "other.example", "127.0.0.1:8000", "127.0.0.1:9000")
    runs = {name: new_run(engine, site=name) for name in names}
    with engine.begin() as merging, engine.begin() as other:
        locks.lock_identity(merging, runs["news.example"].site_id, alone=True)
        free = other.scalars(FREE).all()
    assert free == ["other.example", "127.0.0.1:8000", "127.0.0.1:9000"]


def test_writers_of_a_site_share_it(engine: Engine, run: RunKey) -> None:
    with engine.begin() as one, engine.begin() as other:
        for connection in (one, other):
            locks.lock_identity(connection, run.site_id, alone=False)
        assert other.scalars(FREE).all() == ["smartdaily"]


def test_writers_that_follow_each_other_closely_let_one_merge(engine: Engine, run: RunKey) -> None:
    """There is always one of them that shares the site."""
    over = threading.Event()

    def share() -> None:
        while not over.is_set():
            with engine.begin() as connection:
                locks.lock_identity(connection, run.site_id, alone=False)
                connection.execute(text("SELECT pg_sleep(0.02)"))

    with ThreadPoolExecutor(4) as pool:
        sharing = [pool.submit(share) for _ in range(4)]
        try:
            for _ in range(5):
                with engine.begin() as merging:
                    locks.lock_identity(merging, run.site_id, alone=True)
        finally:
            over.set()
        for each in sharing:
            each.result()


def test_a_lease_ends_with_its_session_and_belongs_to_its_database(engine: Engine) -> None:
    lease = SiteLock(engine, "news.example")
    running = "SELECT api.is_running('news.example')"
    assert read(engine, running) == [False]
    lease.take()
    assert read(engine, running) == [True]
    # As in a copy of the database, or after a restart, where another session may have the same process.
    with engine.begin() as connection:
        connection.execute(text("UPDATE crawl.lease SET connected_at = connected_at - interval '1 second'"))
    assert read(engine, running) == [False]
    lease.release()
    assert read(engine, "SELECT name FROM crawl.lease") == ["text queue"]
