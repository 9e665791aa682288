"""The schema: created, upgraded and removed; in step with its models and its contract."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from pipelines.storage import images
from pipelines.storage.db.engine import connect
from pipelines.storage.db.errors import SchemaMismatch, StorageError
from pipelines.storage.fleet import sites, workers
from pipelines.storage.fleet.sites import SiteChange
from pipelines.storage.schema import api, migrate, schema_version
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
    "scheduled_site": "site name url every paused_at due_at late worker started_at ended_at verdict reason",
    "category": "site name url position first_seen_at last_seen_at caught_up_at",
    "article": (
        "article_id site url state revision duplicate_of image_url categories first_seen_at last_seen_at last_changed_at "
        "title published_on published_at source author editor summary body images updated_at"
    ),
    "teaser": (
        "site from_article_id from_url to_article_id to_url block position title summary published_on image_url "
        "first_seen_at last_seen_at removed_at"
    ),
    "revision": (
        "article_id revision changed_fields provenance parser_version run_id fetched_at published_raw source_raw author_raw "
        "editor_raw updated_raw title published_on published_at source author editor summary body images updated_at "
        "record reread_at"
    ),
    "duplicate": "article_id duplicate_of kind similarity",
    "orphan": "article_id site url state title published_on first_seen_at",
    "run": "run_id site spider job version arguments started_at finished_at reason verdict stats",
    "outcome": "run_id url kind outcome http_status reason attempts elapsed_ms at renderer site",
    "article_category": "article_id site category position first_seen_at last_seen_at",
    "alias": "article_id url kind first_seen_at",
    "image": "article_id url position caption paragraph outcome reason path checksum size media_type width height fetched_at",
}
CONTRACT["article_change"] = f"change_xid change_seq {CONTRACT['article']}"
FOLLOWING = {"text_queue", "text_fault", "article_signature", "article_search", "near_duplicate"}
"""Tables that are computed from the texts."""


def rows_of(engine: Engine, table: str) -> list[str]:
    return sorted(read(engine, f"SELECT to_jsonb(t)::text FROM crawl.{table} t"))


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


def test_a_filled_database_keeps_its_rows(empty: Engine) -> None:
    """An upgrade of an up-to-date database changes nothing, and leaves the text queue as it is."""
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
    write(
        empty, new_run(empty), [article("e", title="潮汐电站并网", body=["海岛昨夜点亮了灯。"], minute=2)]
    )  # held back
    with empty.begin() as connection:
        images.begin(connection, new_run(empty), ["http://news.example/1.png"])
    sites.write_sites(empty, [SiteChange(site="news.example", url="http://news.example/")], 3600)
    workers.report(empty, "one", slots=1, version="1", started_at=datetime.now(UTC), spool=[])
    kept = [table.name for table in Base.metadata.sorted_tables if table.name not in FOLLOWING]
    before = {table: rows_of(empty, table) for table in kept}
    assert all(before[table] for table in set(kept) - {"dead_letter"})
    migrate.upgrade(empty)
    assert {table: rows_of(empty, table) for table in kept} == before
    with empty.begin() as connection:
        connection.execute(
            text("INSERT INTO crawl.text_queue (article_id) SELECT article_id FROM crawl.article WHERE revision > 0")
        )
    assert queue.process_all(empty) == 2
    assert read(empty, "SELECT count(*) FROM api.search('芯片')") == [2]
    assert read(empty, "SELECT kind FROM api.duplicate") == ["near"]
    assert migrate.drift(empty) == []


def test_a_migration_does_not_wait_for_long(empty: Engine) -> None:
    """While a migration waits for a lock, every later query waits behind it."""
    migrate.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("SELECT FROM crawl.article"))
        with pytest.raises(StorageError, match="rolled back: canceling statement due to lock timeout"):
            migrate.downgrade(empty)
    schema_version.check(empty)


@pytest.mark.parametrize("revision", ["0012", "0001_00000000", "9999"])
def test_other_revisions(empty: Engine, revision: str) -> None:
    migrate.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE crawl.alembic_version SET version_num = :revision"), {"revision": revision})
    for refused in (schema_version.check, migrate.upgrade):
        with pytest.raises(
            SchemaMismatch, match=rf"revision {revision}, .*cannot be migrated: set DATABASE_URL .*rm -rf .data"
        ):
            refused(empty)


def test_the_revision_identifies_the_schema() -> None:
    """Until the first release each change of the schema changes the revision: write the new digest into REVISION."""
    assert f"0001_{migrate.digest()}" == schema_version.REVISION


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
    """scrapyd keeps its projects in zip files."""
    root = ROOT
    egg = tmp_path / "project.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        for package in ("pipelines", "smartdaily_crawler"):
            for path in root.glob(f"{package}/**/*.py"):
                archive.write(path, path.relative_to(root))
    code = (
        "import sys; from pipelines.storage.db import engine as database; from pipelines.storage.schema import migrate, schema_version; assert '.egg' in migrate.__file__; "
        "engine = database.connect(sys.argv[1], application_name='tests'); "
        "migrate.upgrade(engine); schema_version.check(engine)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(egg), os.environ.get("PYTHONPATH", "")])}
    subprocess.run([sys.executable, "-c", code, empty_database_url], cwd=tmp_path, env=environment, check=True)
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
    assert columns.keys() == CONTRACT.keys()
    for view, names in CONTRACT.items():
        assert columns[view][: len(names.split())] == names.split(), "columns are added at the end"


OTHER_VALUES = {
    "text": "'another'",
    "bigint": "(SELECT max(article_id) FROM crawl.article)",
    "integer": "7",
    "date": "'2001-02-03'",
    "jsonb": "'[7]'",
    "timestamp with time zone": "'2001-02-03T04:05:06Z'",
}


def test_every_column_of_an_article_triggers_the_feed(engine: Engine) -> None:
    """Except its key, and columns that change at every sighting of the article."""
    write(engine, new_run(engine), [article("a"), article("b")])
    stamp = "SELECT change_seq FROM crawl.article ORDER BY article_id LIMIT 1"
    columns = read(
        engine,
        """
        SELECT v.column_name, t.data_type FROM information_schema.columns v
        JOIN information_schema.columns t USING (column_name)
        WHERE v.table_schema = 'api' AND v.table_name = 'article' AND t.table_schema = 'crawl' AND t.table_name = 'article'
        """,
    )
    silent = set()
    for column, kind in columns:
        if column == "article_id":
            continue
        before = read(engine, stamp)
        value = "'gone'" if column == "state" else OTHER_VALUES[kind]
        with engine.begin() as connection:
            connection.execute(
                text(
                    f"UPDATE crawl.article SET {column} = {value} WHERE article_id = (SELECT min(article_id) FROM crawl.article)"
                )
            )
        if read(engine, stamp) == before:
            silent.add(column)
    assert silent == set(api.SIGHTINGS)
