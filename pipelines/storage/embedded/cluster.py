"""A folder of PostgreSQL data, and the programs that create, start and stop its server."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.storage.db.errors import StorageError
from pipelines.storage.embedded.programs import Programs, find_programs

if TYPE_CHECKING:
    from pipelines.storage.embedded.account import Account

USER = "smartdaily"
PORT = 5432
"""Part of the socket's name; the server listens on no network."""
SOCKET_PATH_LIMIT = 103
"""Bytes in the path of a unix socket: 107 on Linux, 103 on macOS."""
SOCKETS = "smartdaily-"
HALF_MADE = "initdb-"
START_SECONDS = 60


@dataclass(frozen=True)
class Postmaster:
    """Contents of a server's ``postmaster.pid``."""

    process: str
    port: int
    sockets: str


@dataclass(frozen=True)
class Cluster:
    """One server's data under ``home``, and the user that runs it."""

    home: Path
    programs: Programs
    account: Account
    fsync: bool

    @property
    def folder(self) -> Path:
        return self.home / "postgres"

    def make(self) -> None:
        """Create the data under a temporary name first, so that a killed initdb does not block the next one."""
        folder = Path(tempfile.mkdtemp(prefix=HALF_MADE, dir=self.home))
        self.account.own(folder)
        locale = ["--locale=C.UTF-8"]
        if self.programs.major >= 17:  # noqa: PLR2004 - the first version with a locale provider of its own
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if self.fsync else ["--no-sync"]
        # Any user who may enter the socket's folder is trusted; there are no network connections.
        trust = ["--auth-local=trust", "--auth-host=reject", f"--username={USER}"]
        made = self._run("initdb", "--encoding=UTF8", *locale, *trust, *sync, folder=folder)
        if made.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise StorageError(f"initdb in {self.home} failed: {_last_line(made.stderr)}")
        folder.rename(self.folder)

    def tidy(self) -> None:
        """Remove data folders of killed initdbs. One may still be writing, so every start repeats this."""
        for half_made in self.home.glob(f"{HALF_MADE}*"):
            shutil.rmtree(half_made, ignore_errors=True)

    def is_running(self) -> bool:
        return self._run("pg_ctl", "status").returncode == 0

    def postmaster(self) -> Postmaster | None:
        """Read ``postmaster.pid`` of a running or killed server; ``None`` without one. Only the server deletes the file."""
        with suppress(FileNotFoundError):
            lines = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            if len(lines) > 4:  # noqa: PLR2004 - process, data, start time, port, folder of sockets
                return Postmaster(process=lines[0], port=int(lines[3]), sockets=lines[4])
        return None

    def start(self) -> None:
        killed = self.postmaster()
        sockets = _private_folder()
        self.account.own(sockets)
        log = self.folder / "server.log"
        wait = f"--timeout={START_SECONDS}"
        options = f"--options={self._options(sockets)}"
        started = self._run("pg_ctl", "start", "--wait", wait, f"--log={log}", options)
        if started.returncode:
            shutil.rmtree(sockets, ignore_errors=True)
            # The start of a user who was killed meanwhile may have come first.
            if not self.is_running():
                raise StorageError(f"PostgreSQL in {self.folder} does not start: {_last_failure(log, started.stderr)}")
        elif killed:
            _remove_sockets(killed)

    def stop(self) -> None:
        """Stop the server. One that does not stop in time is used by the next user."""
        running = self.postmaster()
        stopped = self._run("pg_ctl", "stop", "--mode=fast", f"--timeout={START_SECONDS}")
        if running and stopped.returncode == 0:
            _remove_sockets(running)

    def _options(self, sockets: Path) -> str:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(sockets),
            "timezone": "UTC",
            "log_checkpoints": "off",
        }
        if not self.fsync:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return shlex.join(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))

    def _run(self, program: str, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(self.programs.folder / program), *arguments, f"--pgdata={folder or self.folder}"]
        try:
            return subprocess.run(  # noqa: S603 - our own programs and paths
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath},  # without the caller's PG… variables
                timeout=2 * START_SECONDS,
                start_new_session=True,  # Ctrl-C must stop the crawl, not the server
                **self.account.credentials(),
            )
        except subprocess.SubprocessError as error:
            raise StorageError(f"{program} in {self.folder}: {error}") from error


def matching_programs(folder: Path, wanted: Path | None) -> Programs:
    """Return the newest programs or, where ``folder`` has data already, those of its version. Raise StorageError."""
    found = find_programs(wanted)
    if not folder.exists():
        return found[0]
    if not os.access(folder, os.R_OK | os.X_OK):
        raise StorageError(f"the data folder {folder} belongs to the user {_owner(folder)}")
    major = int((folder / "PG_VERSION").read_text(encoding="ascii"))
    for programs in found:
        if programs.major == major:
            return programs
    have = ", ".join(f"{programs.version} in {programs.folder}" for programs in found)
    raise StorageError(
        f"the data folder {folder} was written by PostgreSQL {major}, but here is {have}: "
        f"set PGBIN to programs of version {major}, or dump and restore"
    )


def _owner(folder: Path) -> str:
    """Return the name of the folder's user, or its number where it has none, as in a container."""
    try:
        return folder.owner()
    except KeyError:
        return str(folder.stat().st_uid)


def _private_folder() -> Path:
    """Create a folder for the socket; in /tmp, where a path under TMPDIR is too long for one."""
    folder = Path(tempfile.mkdtemp(prefix=SOCKETS))
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix=SOCKETS, dir="/tmp"))


def _remove_sockets(postmaster: Postmaster) -> None:
    if Path(postmaster.sockets).name.startswith(SOCKETS):
        shutil.rmtree(postmaster.sockets, ignore_errors=True)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"


def _last_failure(log: Path, otherwise: str) -> str:
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in reversed(lines[-50:]):
            if "FATAL:" in line:
                return line.partition("FATAL:")[2].strip()
    return _last_line(otherwise)
