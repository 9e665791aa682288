"""The schema: reached from nothing, left again, in step with its models and its contract."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from pipelines.storage.db.engine import connect
from pipelines.storage.db.errors import SchemaMismatch, StorageError
from pipelines.storage.embedded.server import embedded_server
from pipelines.storage.schema import migrate, schema_version
from pipelines.storage.schema.models import Base
from pipelines.storage.text import queue
from pipelines.storage.write.writer import write
from tests.storage.making import article, listing, navigation, new_run, outcome, read
from tests.waiting import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

CONTRACT = {
    "site": "site base_url timezone",
    "category": "site name url position first_seen_at last_seen_at",
    "article": (
        "article_id site url state title published_on published_at source author editor summary body image_url "
        "categories revision duplicate_of first_seen_at last_seen_at last_changed_at"
    ),
    "teaser": (
        "site from_article_id from_url to_article_id to_url block position title summary published_on image_url "
        "first_seen_at last_seen_at removed_at"
    ),
    "revision": (
        "article_id revision changed_fields title published_on published_at source author editor body published_raw "
        "source_raw author_raw editor_raw provenance parser_version run_id fetched_at"
    ),
    "duplicate": "article_id duplicate_of kind similarity",
    "orphan": "article_id site url state title published_on first_seen_at",
    "run": "run_id site spider job version arguments started_at finished_at reason verdict stats",
    "outcome": "run_id url kind outcome http_status reason attempts elapsed_ms at renderer",
}
CONTRACT["article_change"] = f"change_xid change_seq {CONTRACT['article']}"
FOLLOWING = {"text_queue", "article_signature", "article_search", "near_duplicate"}
"""What is made anew from the texts."""


LATER = ["caught_up_at", "shown_hash", "next_check_at", "read_at", "shown_at", "renderer"]
"""Columns that later revisions add or drop."""


def rows_of(engine: Engine, table: str) -> list[str]:
    return sorted(
        read(engine, f"SELECT (to_jsonb(t) - CAST(:later AS text[]))::text FROM crawl.{table} t", later=LATER)
    )


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    engine = connect(empty_database_url, application_name="tests")
    yield engine
    engine.dispose()


def test_up_down_up(empty: Engine) -> None:
    with pytest.raises(SchemaMismatch, match="nothing of the crawler yet: run `scrapy db upgrade`"):
        schema_version.check(empty)
    migrate.upgrade(empty)
    schema_version.check(empty)
    write(empty, new_run(empty), [article("a", teases="b")])
    migrate.downgrade(empty)
    left = "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('crawl') AND relkind IN ('r', 'S', 'v')"
    assert read(empty, left) == ["alembic_version"]
    assert read(empty, "SELECT to_regnamespace('api')") == [None]
    assert read(empty, "SELECT count(*) FROM pg_proc WHERE pronamespace = to_regnamespace('crawl')") == [0]
    migrate.upgrade(empty)
    assert migrate.drift(empty) == []


def test_each_step_is_reversible(empty: Engine) -> None:
    for revision in schema_version.revisions():
        migrate.upgrade(empty, revision)
        migrate.downgrade(empty, "-1")
        migrate.upgrade(empty, revision)
    schema_version.check(empty)


def test_a_filled_database_keeps_its_rows(empty: Engine) -> None:
    """Down to the first revision and up again: what articles said, and what hangs on them, is as it was."""
    migrate.upgrade(empty)
    body = [f"第{number}段说的是芯片的价格和供货。" for number in range(30)]
    write(
        empty,
        new_run(empty),
        [
            navigation("手机"),
            listing("手机", "a d"),
            article("a", teases="b c", body=body),
            article("a", title="改", body=body, teases="c", minute=1),
            article("e", body=[*body, "尾声"]),
            outcome("f", "failed"),
        ],
    )
    kept = [table.name for table in Base.metadata.sorted_tables if table.name not in FOLLOWING]
    before = {table: rows_of(empty, table) for table in kept}
    assert all(before[table] for table in set(kept) - {"dead_letter"})
    migrate.downgrade(empty, "0001")
    assert {table: rows_of(empty, table) for table in kept} == before
    migrate.upgrade(empty)
    assert {table: rows_of(empty, table) for table in kept} == before
    assert queue.drain(empty) == 2
    assert read(empty, "SELECT count(*) FROM api.search('芯片')") == [2]
    assert read(empty, "SELECT kind FROM api.duplicate") == ["near"]
    assert migrate.drift(empty) == []


def test_a_migration_does_not_wait_for_long(empty: Engine) -> None:
    """Who waits for a table's lock keeps all others waiting behind."""
    migrate.upgrade(empty, "0001")
    with empty.begin() as connection:
        connection.execute(text("LOCK TABLE crawl.article IN ROW EXCLUSIVE MODE"))
        with pytest.raises(StorageError, match="rolled back: canceling statement due to lock timeout"):
            migrate.upgrade(empty)
    assert read(empty, "SELECT version_num FROM crawl.alembic_version") == ["0001"]
    migrate.upgrade(empty)
    schema_version.check(empty)


def test_other_revisions(empty: Engine) -> None:
    migrate.upgrade(empty, "0001")
    with pytest.raises(SchemaMismatch, match=r"is at revision 0001, .* is needed: run `scrapy db upgrade`"):
        schema_version.check(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE crawl.alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="does not know: a newer version migrated it"):
        schema_version.check(empty)
    with pytest.raises(StorageError, match="9999"):
        migrate.upgrade(empty)


def test_upgrades_at_once(empty: Engine, empty_database_url: str) -> None:
    code = (
        "import sys; from pipelines.storage.db import engine as database; from pipelines.storage.schema import migrate; "
        "migrate.upgrade(database.connect(sys.argv[1], application_name='tests'))"
    )
    command = [sys.executable, "-c", code, empty_database_url]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate.upgrade, [empty] * 2))
    assert [process.wait() for process in processes] == [0, 0, 0]
    schema_version.check(empty)


def test_from_a_zip_file(empty: Engine, empty_database_url: str, tmp_path: Path) -> None:
    """That is how scrapyd keeps its projects."""
    root = ROOT
    egg = tmp_path / "project.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        for path in root.glob("pipelines/**/*.py"):
            archive.write(path, path.relative_to(root))
    code = (
        "import sys; from pipelines.storage.db import engine as database; from pipelines.storage.schema import migrate, schema_version; assert '.egg' in migrate.__file__; "
        "engine = database.connect(sys.argv[1], application_name='tests'); "
        "migrate.upgrade(engine); schema_version.check(engine)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(egg), os.environ.get("PYTHONPATH", "")])}
    subprocess.run(
        [sys.executable, "-c", code, empty_database_url], cwd=tmp_path, env=environment, check=True
    )
    schema_version.check(empty)


def test_no_drift(engine: Engine) -> None:
    assert migrate.drift(engine) == []


def test_everything_is_described() -> None:
    for table in Base.metadata.tables.values():
        assert table.comment, table
        assert all(column.comment for column in table.columns), table


def test_the_contract(engine: Engine) -> None:
    columns: dict[str, list[str]] = {}
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'api'"
    for view, column in read(engine, f"{query} ORDER BY ordinal_position"):
        columns.setdefault(view, []).append(column)
    assert columns == {view: names.split() for view, names in CONTRACT.items()}


def test_the_reader_sees_the_views_only(engine: Engine) -> None:
    write(engine, new_run(engine), [article("a", teases="b")])
    with engine.connect() as connection:
        connection.execute(text("SET ROLE smartdaily_reader"))
        for view in CONTRACT:
            connection.execute(text(f"SELECT * FROM api.{view}"))
        for statement in (
            "SELECT * FROM crawl.article",
            "SELECT nextval('crawl.change_seq')",
            "DELETE FROM api.site",
            "CREATE TABLE api.mine ()",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), connection.begin_nested():
                connection.execute(text(statement))


def test_without_the_right_to_create_roles(
    data_dir: Path, programs: Path | None, caplog: pytest.LogCaptureFixture
) -> None:
    """On a server of its own, for roles belong to all databases of a server."""
    with embedded_server(data_dir, programs=programs, fsync=False) as server:
        owner = connect(server.url(), application_name="tests")
        with owner.begin() as connection:
            connection.execute(text("CREATE ROLE plain LOGIN"))
            connection.execute(text("GRANT CREATE ON DATABASE smartdaily TO plain"))
        owner.dispose()
        plain = connect(server.url().replace("smartdaily@", "plain@"), application_name="tests")
        migrate.upgrade(plain)
        schema_version.check(plain)
        assert read(plain, "SELECT count(*) FROM api.article") == [0]
        plain.dispose()
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [
        warning.startswith("The role smartdaily_reader could not be created") for warning in warnings
    ] == [True]
