"""Start and stop of the embedded server, however its users end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text

from pipelines.storage.database import open_database
from pipelines.storage.db.errors import StorageError
from pipelines.storage.embedded import programs as found
from pipelines.storage.embedded.account import Account
from pipelines.storage.embedded.cluster import HALF_MADE, matching_programs
from pipelines.storage.embedded.server import embedded_server
from tests.waiting import HANGS, ROOT, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

USE = f"""
import signal, sys, time
from pathlib import Path
from pipelines.storage.embedded.server import embedded_server
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
folder, programs = (Path(word) if word else None for word in sys.argv[1:])
with embedded_server(folder, programs=programs, fsync=False) as server:
    print(server.url(), flush=True)
    try:
        time.sleep({HANGS})
    except KeyboardInterrupt:
        pass
"""


@pytest.fixture
def users() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def use(data_dir: Path, programs: Path | None, users: ExitStack) -> tuple[subprocess.Popen[str], str]:
    """Start another process that uses the server. Return it, and its URL."""
    command = [sys.executable, "-c", USE, str(data_dir), str(programs or "")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    users.enter_context(process)
    users.callback(process.send_signal, signal.SIGINT)
    assert process.stdout
    return process, process.stdout.readline().strip()


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_running(data_dir: Path) -> bool:
    return (data_dir / "postgres" / "postmaster.pid").exists()


def test_the_first_user_starts_the_server_and_the_last_stops_it(data_dir: Path, programs: Path | None) -> None:
    with embedded_server(data_dir, programs=programs, fsync=False) as first:
        process = postmaster(data_dir)
        with embedded_server(data_dir, programs=programs) as second:
            assert second.url() == first.url()
            assert postmaster(data_dir) == process
        assert is_running(data_dir)
        assert Path(first.socket_folder).is_dir()
    assert not is_running(data_dir)
    assert not Path(first.socket_folder).exists()


def test_a_killed_user_does_no_harm(data_dir: Path, programs: Path | None, users: ExitStack) -> None:
    process, url = use(data_dir, programs, users)
    server = postmaster(data_dir)
    process.kill()
    process.wait()
    assert is_running(data_dir)
    with embedded_server(data_dir, programs=programs) as joined:
        assert joined.url() == url
        assert postmaster(data_dir) == server
    assert not is_running(data_dir)


def test_a_user_beside_others_leaves_without_stopping_it(
    data_dir: Path, programs: Path | None, users: ExitStack
) -> None:
    process, url = use(data_dir, programs, users)
    with embedded_server(data_dir, programs=programs) as joined:
        assert joined.url() == url
    assert is_running(data_dir)
    process.send_signal(signal.SIGINT)
    process.wait()
    assert not is_running(data_dir)


def test_a_killed_server_comes_back(data_dir: Path, programs: Path | None, users: ExitStack) -> None:
    use(data_dir, programs, users)
    os.kill(postmaster(data_dir), signal.SIGKILL)
    with open_database(None, data_dir, programs=programs) as database, database.engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_stopping_server_is_waited_for(data_dir: Path, programs: Path | None, users: ExitStack) -> None:
    process, url = use(data_dir, programs, users)
    users.callback(shutil.rmtree, str(make_url(url).query["host"]))
    server = postmaster(data_dir)
    process.kill()
    process.wait()
    os.kill(server, signal.SIGINT)
    with embedded_server(data_dir, programs=programs):
        assert postmaster(data_dir) != server


def test_a_killed_initdb_does_not_block_the_next(data_dir: Path, programs: Path | None, users: ExitStack) -> None:
    command = [sys.executable, "-c", USE, str(data_dir), str(programs or "")]
    process = subprocess.Popen(command, start_new_session=True, cwd=ROOT)
    users.enter_context(process)
    wait_for(lambda: list(data_dir.glob(f"{HALF_MADE}*/*")), pause=0.005)
    process.kill()
    assert not (data_dir / "postgres").exists()
    with embedded_server(data_dir, programs=programs, fsync=False):
        # The orphaned initdb may run on for a while; a later user removes its files.
        def is_cleared() -> bool:
            with embedded_server(data_dir, programs=programs):
                return not list(data_dir.glob(f"{HALF_MADE}*"))

        wait_for(is_cleared, pause=0.1)
    assert not list(data_dir.glob(f"{HALF_MADE}*"))


def test_data_of_another_version(data_dir: Path, programs: Path | None) -> None:
    with embedded_server(data_dir, programs=programs, fsync=False):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("9\n")
    expected = r"was written by PostgreSQL 9, but here is \d+"
    with pytest.raises(StorageError, match=expected), embedded_server(data_dir, programs=programs):
        pass


def test_a_folder_without_programs(data_dir: Path) -> None:
    expected = f"no PostgreSQL programs in {data_dir}"
    with pytest.raises(StorageError, match=expected), embedded_server(data_dir, programs=data_dir):
        pass


def test_a_folder_that_cannot_be_made(data_dir: Path) -> None:
    (data_dir / "file").touch()
    with pytest.raises(StorageError, match=r"Not a directory|File exists"), embedded_server(data_dir / "file" / "x"):
        pass


def test_why_a_server_does_not_start_is_reported(data_dir: Path, programs: Path | None) -> None:
    with embedded_server(data_dir, programs=programs, fsync=False):
        pass
    with (data_dir / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = on\n")
    with pytest.raises(StorageError, match="does not start") as raised, embedded_server(data_dir, programs=programs):
        pass
    assert "\n" not in str(raised.value)


def test_an_error_of_the_caller_passes_unchanged(data_dir: Path, programs: Path | None) -> None:
    with pytest.raises(FileNotFoundError), embedded_server(data_dir, programs=programs, fsync=False):
        (data_dir / "missing").read_text()


def test_data_survive_and_psql_reads_them(data_dir: Path, programs: Path | None) -> None:
    with open_database(None, data_dir, programs=programs) as database, database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept AS SELECT '智能' AS word"))
    with open_database(None, data_dir, programs=programs) as database:
        assert database.place.startswith("embedded PostgreSQL in ")
        command = [*database.psql_command, "-Atc", "SELECT word FROM kept"]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "智能\n"
        with database.engine.connect() as connection:
            settings = "current_setting('server_encoding'), current_setting('TimeZone'), upper('ä')"
            assert connection.execute(text(f"SELECT {settings}")).one() == ("UTF8", "UTC", "Ä")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
class TestRoot:
    def test_the_server_does_not_run_as_root(self, data_dir: Path, programs: Path | None) -> None:
        with embedded_server(data_dir, programs=programs, fsync=False):
            assert (data_dir / "postgres").stat().st_uid != 0
            assert Path(f"/proc/{postmaster(data_dir)}").stat().st_uid != 0

    def test_a_folder_that_the_servers_user_may_not_enter(
        self, data_dir: Path, programs: Path | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        private = data_dir / "private"
        private.mkdir(mode=0o700)
        monkeypatch.setattr("pipelines.storage.embedded.account.ROOTS_HOME", data_dir / "home")
        with embedded_server(private / "data", programs=programs, fsync=False) as server:
            assert list((data_dir / "home").glob("*/postgres"))
            assert server.url()

    def test_programs_that_the_servers_user_may_not_run_are_copied(self, data_dir: Path) -> None:
        original = next(entry for entry in found.find_programs() if found.WHEEL in str(entry.folder)).folder
        environment = data_dir / "private" / "site-packages"
        environment.mkdir(mode=0o700, parents=True)
        environment.parent.chmod(0o700)
        for name in (f"{found.WHEEL}/{original.parent.name}", f"{found.WHEEL}.libs"):
            shutil.copytree(original.parents[2] / name, environment / name)
        hidden = environment / found.WHEEL / original.parent.name / "bin"
        account = Account(pwd.getpwnam("nobody"))
        copy = account.runnable(hidden, data_dir)
        assert data_dir in copy.parents
        done = subprocess.run([copy / "initdb", "--version"], capture_output=True, check=True, **account.credentials())
        assert b"PostgreSQL" in done.stdout


def test_data_of_a_user_without_a_name(tmp_path: Path, programs: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless(_: int) -> pwd.struct_passwd:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(pwd, "getpwuid", nameless)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StorageError, match=f"belongs to the user {os.geteuid()}$"):
        matching_programs(tmp_path, programs)


@pytest.mark.skipif(os.geteuid() == 0, reason="root has access to every folder")
def test_data_of_another_user(data_dir: Path, programs: Path | None) -> None:
    with embedded_server(data_dir, programs=programs, fsync=False):
        pass
    (data_dir / "postgres").chmod(0)
    with pytest.raises(StorageError, match="belongs to the user"), embedded_server(data_dir, programs=programs):
        pass
    (data_dir / "postgres").chmod(0o700)
