"""The role of those who read schema ``api``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from pipelines.storage.db import reader
from pipelines.storage.db.engine import connect, normalise_url
from pipelines.storage.embedded.server import embedded_server
from pipelines.storage.schema import migrate, schema_version
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Image
from tests.crawl.conftest import scrapy_on
from tests.storage.making import article, listing, navigation, new_run, outcome, read, url
from tests.storage.test_migrate import CONTRACT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from tests.warm import Command

SETTINGS = "SELECT current_setting('search_path'), current_setting('timezone'), current_setting('statement_timeout')"


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def as_role(address: str, role: str) -> str:
    return (
        make_url(normalise_url(address))
        .set(username=role, drivername="postgresql")
        .render_as_string(hide_password=False)
    )


def sessions(address: str, role: str) -> tuple[str, ...]:
    """Return the settings of a session that asks for none."""
    import psycopg2

    with psycopg2.connect(as_role(address, role)) as connection, connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        return tuple(cursor.fetchone())


@pytest.fixture
def service(engine: Engine) -> Iterator[str]:
    """A role that may log in, as the docs have it."""
    name = f"service_{uuid4().hex}"
    execute(engine, f"CREATE ROLE {name} LOGIN PASSWORD 'secret' IN ROLE smartdaily_reader")
    yield name
    execute(engine, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


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


def test_sessions_show_the_views_and_the_times_of_the_site(engine: Engine, database_url: str, service: str) -> None:
    new_run(engine)
    migrate.upgrade(engine)
    assert sessions(database_url, service) == ("api", "Asia/Shanghai", "30s")
    execute(engine, "UPDATE crawl.site SET timezone = 'Asia/Taipei'")
    execute(engine, f"ALTER ROLE {service} IN DATABASE {engine.url.database} SET statement_timeout = '5min'")
    migrate.upgrade(engine)
    assert sessions(database_url, service) == ("api", "Asia/Taipei", "5min")


def test_commands_that_read(engine: Engine, database_url: str, service: str, command: Command, tmp_path: Path) -> None:
    run = new_run(engine)
    write(
        engine,
        run,
        [article("a"), article("a", title="改题", minute=1), article("a", title="改题", at="m-a", minute=2)],
    )
    scrapy = scrapy_on(command, as_role(database_url, service), tmp_path)
    done = scrapy("diff", url("m-a"))
    assert (done.returncode, "+ title: 改题" in done.stdout) == (0, True), done.stderr
    done = scrapy("runs")
    assert (done.returncode, "smartdaily" in done.stdout) == (0, True), done.stderr
    done = scrapy("db", "check")
    assert (done.returncode, "schema up to date" in done.stdout) == (0, True), done.stderr
    for subject in ("articles", "teasers", "revisions", "changes", "graph"):
        done = scrapy("export", subject, "--format", "csv", "--site", "smartdaily")
        assert done.returncode == 0, done.stderr


def test_check_tells_of_texts_that_failed_or_wait(
    engine: Engine, database_url: str, command: Command, tmp_path: Path
) -> None:
    write(engine, new_run(engine), [article("a")])
    execute(
        engine,
        "INSERT INTO crawl.text_fault SELECT article_id, now(), false, 'too odd' FROM crawl.article",
        "INSERT INTO crawl.text_queue (article_id) SELECT article_id FROM crawl.article",
    )
    scrapy = scrapy_on(command, database_url, tmp_path)
    lines = scrapy("db", "check").stdout.splitlines()
    assert lines[1:] == [
        "1 texts wait to be compared and indexed: the next batch of any run takes them",
        "1 texts could not be compared and indexed, such as that of article 1: too odd; scrapy db upgrade tries them again",
    ]
    assert len(scrapy("db", "upgrade").stdout.splitlines()) == 1
    execute(engine, f"REVOKE SELECT ON api.site, api.run FROM {reader.READER}")
    done = scrapy("db", "check")
    assert done.returncode == 1
    assert "the role smartdaily_reader may not read api.run, api.site: run scrapy db upgrade" in done.stdout
    assert scrapy("db", "upgrade").returncode == 0


def test_a_role_that_is_made_after_the_first_upgrade(
    data_dir: Path, programs: Path | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Uses a server of its own, because roles belong to all databases of a server."""
    with embedded_server(data_dir, programs=programs, fsync=False) as server, _engine(server.url()) as administrator:
        execute(administrator, "CREATE ROLE plain LOGIN", "GRANT CREATE ON DATABASE smartdaily TO plain")
        with _engine(as_role(server.url(), "plain")) as plain:
            migrate.upgrade(plain)
            schema_version.check(plain)
            assert read(plain, "SELECT count(*) FROM api.article") == [0]
            with plain.connect() as connection:
                assert reader.unreadable(connection) is None
            warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
            assert [warning.partition(":")[0] for warning in warnings] == ["CREATE ROLE smartdaily_reader NOLOGIN"]
            execute(administrator, "CREATE ROLE smartdaily_reader")
            with plain.connect() as connection:
                assert set(reader.unreadable(connection) or ()) == set(CONTRACT)
            migrate.upgrade(plain)
            with plain.connect() as connection:
                assert reader.unreadable(connection) == []


@contextmanager
def _engine(address: str) -> Iterator[Engine]:
    engine = connect(address, application_name="tests")
    yield engine
    engine.dispose()


def test_aliases_pictures_and_the_site_of_an_outcome(engine: Engine, run: RunKey) -> None:
    pictures = [Image(url="http://news.example/1.png", caption="图一"), Image(url="http://news.example/2.png")]
    page = article("a", images=pictures)
    write(engine, run, [page, article("a", at="m-a", minute=1), outcome("b", "failed")])
    assert read(engine, "SELECT url, kind FROM api.alias") == [(url("m-a"), "final")]
    assert read(engine, "SELECT position, url, caption FROM api.image ORDER BY 1") == [
        (1, "http://news.example/1.png", "图一"),
        (2, "http://news.example/2.png", None),
    ]
    assert read(engine, "SELECT DISTINCT site FROM api.outcome") == ["smartdaily"]


@pytest.mark.parametrize("few", [3000, 0])
def test_the_newest_of_a_category(engine: Engine, run: RunKey, few: int) -> None:
    """With few articles and with many they are found in another way."""
    days = {"a": 3, "b": 9, "c": 6, "d": 7}
    pages = [article(name, published_on=article("x").published_on.replace(day=day)) for name, day in days.items()]  # type: ignore[union-attr]
    write(
        engine,
        run,
        [
            navigation("手机", "电脑"),
            listing("手机", "a b c"),
            listing("电脑", "d e"),
            *pages,
            article("e", published_on=None),
        ],
    )
    [definition] = read(engine, "SELECT pg_get_functiondef('api.newest'::regproc)")
    execute(engine, definition.replace("<= 3000", f"<= {few}"))
    newest = "SELECT url FROM api.newest(:name, 2)"
    assert read(engine, newest, name="手机") == [url("b"), url("c")]
    assert read(engine, newest, name="电脑") == [url("d")]
    assert read(engine, newest, name="汽车") == []
    assert read(engine, "SELECT count(*) FROM api.newest('手机', of_site => 'other')") == [0]
