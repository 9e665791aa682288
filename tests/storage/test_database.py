"""Opening a database by its URL."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from pipelines.storage.database import open_database
from pipelines.storage.db.engine import normalise_url
from pipelines.storage.db.errors import StorageError

NOWHERE = Path("/nonexistent")


def test_a_database_is_opened_without_psql(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with open_database(database_url, NOWHERE, programs=tmp_path) as database:
        with database.engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        with pytest.raises(StorageError, match=str(tmp_path)):
            _ = database.psql_command


def test_a_url_starts_no_embedded_server(database_url: str) -> None:
    short = database_url.replace("postgresql://", "postgres://")
    with open_database(short, NOWHERE) as database:
        assert database.place == database.url
        command = [*database.psql_command, "-Atc", "SELECT count(*) FROM api.article"]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "0\n"
        with database.engine.connect() as connection:
            assert connection.scalar(text("SHOW TimeZone")) == "UTC"
            assert connection.scalar(text("SHOW application_name")) == "smartdaily-crawler"


def test_the_password_is_not_shown(database_url: str) -> None:
    with_password = make_url(normalise_url(database_url)).set(password="s3cret/@")
    with open_database(with_password.render_as_string(hide_password=False), NOWHERE) as database:
        shown = f"{database} {database.url} {database.psql_command}"
        assert "s3cret" not in shown
        assert database.psql_environment == {"PGPASSWORD": "s3cret/@"}


def test_options_of_the_url_are_kept(database_url: str) -> None:
    url = f"{database_url}&options=-c%20work_mem%3D7MB"
    with open_database(url, NOWHERE) as database, database.engine.connect() as connection:
        assert connection.scalar(text("SHOW work_mem")) == "7MB"
        assert connection.scalar(text("SHOW statement_timeout")) == "1min"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://u:s3cret@127.0.0.1:9/news", "database 'news' at 127.0.0.1 port 9: Connection refused"),
        ("postgres://u:s3cret@no.invalid/news", "database 'news' at no.invalid port 5432: could not translate"),
        ("postgresql://u:s3cret@/news?host=/nonexistent", "database 'news' at /nonexistent port 5432: No such file"),
        ("postgresql://u:s3cret@host:port/news", "the database's URL is not of the form postgresql://"),
        ("sqlite:///news.db", "the database's URL is not of the form postgresql://"),
        ("", "the database's URL is not of the form postgresql://"),
    ],
)
def test_an_unusable_database_is_reported_in_one_line(url: str, message: str) -> None:
    with pytest.raises(StorageError) as raised, open_database(url, NOWHERE):
        pass
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_a_missing_database_and_a_missing_user(admin_url: str) -> None:
    parsed = make_url(normalise_url(admin_url))
    for changed, message in (
        (parsed.set(database="no_such"), 'database "no_such" does not exist'),
        (parsed.set(username="no_such"), 'role "no_such" does not exist'),
    ):
        url = changed.render_as_string(hide_password=False)
        with pytest.raises(StorageError, match=message), open_database(url, NOWHERE):
            pass


def test_an_encoding_that_cannot_hold_chinese(admin_url: str) -> None:
    parsed = make_url(normalise_url(admin_url))
    with open_database(admin_url, NOWHERE) as admin:
        execute = admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT").execute
        execute(
            text(
                "CREATE DATABASE smartdaily_latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
            )
        )
        try:
            url = parsed.set(database="smartdaily_latin").render_as_string(hide_password=False)
            with (
                pytest.raises(StorageError, match="its encoding is LATIN1, UTF8 is needed"),
                open_database(url, NOWHERE),
            ):
                pass
        finally:
            execute(text("DROP DATABASE smartdaily_latin WITH (FORCE)"))
