"""Advisory locks: no two share a key, and each blocks only the writers that it has to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.engine import make_url

from pipelines.storage.db import locks
from pipelines.storage.db.engine import connect, normalise_url
from pipelines.storage.schema.article_content import PageContent
from pipelines.storage.write.writer import write
from tests.storage.making import article, navigation, new_run, read

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey

HELD = text("""
    SELECT classid, objid, objsubid, mode FROM pg_locks
    WHERE locktype = 'advisory' AND pid = pg_backend_pid() ORDER BY objsubid, classid, objid
""")


def test_no_two_share_a_key(engine: Engine) -> None:
    fixed = [value for value in vars(locks).values() if type(value) is int]
    text_hash = PageContent.of(article("a")).text_hash
    assert text_hash
    run = new_run(engine, site="one.example")
    with engine.begin() as connection:
        locks.lock_identity(connection, run.site_id, alone=False)
        for key in fixed:
            locks.lock(connection, key)
        locks.lock_texts(connection, [text_hash])
        for site in ("one.example", "another.example"):
            connection.execute(text(f"SELECT pg_advisory_xact_lock({locks.SITE})"), {"site": site})
        held = connection.execute(HELD).all()
    assert len(fixed) == 2
    assert len({(row.classid, row.objid, row.objsubid) for row in held}) == len(fixed) + 1 + 1 + 2


def test_keys_of_sites_are_negative(engine: Engine) -> None:
    """Fixed keys are positive, so none is equal to a site's."""
    keys = read(engine, f"SELECT {locks.SITE} FROM (SELECT number::text AS site FROM generate_series(1, 1000) number) s".replace(":site", "site"))  # fmt: skip
    assert all(key < 0 for key in keys)
    assert len(set(keys)) == 1000


def test_the_text_queue_blocks_no_writer(engine: Engine, database_url: str) -> None:
    """A batch of another site is committed while a process takes texts off the queue."""
    run = new_run(engine, site="another")
    hurried = make_url(normalise_url(database_url)).update_query_dict({"options": "-c lock_timeout=1s"})
    impatient = connect(hurried.render_as_string(hide_password=False), application_name="tests")
    with engine.begin() as holder:
        locks.lock(holder, locks.TEXT_QUEUE)
        assert [written.outcome for written in write(impatient, run, [navigation("手机")], patience=0)] == ["stored"]
        # Its text waits for the next batch.
        assert [written.outcome for written in write(impatient, run, [article("a")], patience=0)] == ["stored"]
    impatient.dispose()
    assert read(engine, "SELECT state FROM api.article") == ["fetched"]
    assert read(engine, "SELECT count(*) FROM crawl.text_queue") == [1]


def test_only_a_writer_that_merges_waits_for_the_text_queue(engine: Engine, run: RunKey) -> None:
    with engine.begin() as connection:
        locks.lock_identity(connection, run.site_id, alone=False)
        [shared] = connection.execute(HELD).all()
    with engine.begin() as connection:
        locks.lock_identity(connection, run.site_id, alone=True)
        alone = {(row.objid, row.mode) for row in connection.execute(HELD)}
    assert shared.mode == "ShareLock"
    assert alone == {(shared.objid, "ExclusiveLock"), (locks.TEXT_QUEUE & 0xFFFFFFFF, "ExclusiveLock")}


def test_a_writer_that_merges_excludes_those_of_sites_with_the_same_urls(engine: Engine) -> None:
    names = ("news.example", "tech.news.example", "other.example", "127.0.0.1:8000", "127.0.0.1:9000")
    runs = {name: new_run(engine, site=name) for name in names}
    query = text(f"SELECT pg_try_advisory_xact_lock_shared({locks.IDENTITY})")
    free = {}
    with engine.begin() as merging, engine.begin() as other:
        locks.lock_identity(merging, runs["news.example"].site_id, alone=True)
        for name in names:
            free[name] = other.scalar(query, {"site_id": runs[name].site_id})
    assert free == {
        "news.example": False,
        "tech.news.example": False,
        "other.example": True,
        "127.0.0.1:8000": True,
        "127.0.0.1:9000": True,
    }
