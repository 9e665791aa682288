"""Choose the user that runs the embedded server, and a folder that this user may read.

PostgreSQL refuses to run as root, and continuous integration and containers run as root.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from pipelines.storage.db.errors import StorageError
from pipelines.storage.embedded.programs import WHEEL

ROOTS_HOME = Path("/var/lib/smartdaily-crawler")
"""Folder of root's data if the server's user may not enter the folder that the caller named."""
STAND_INS = ("postgres", "nobody")


class Credentials(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """The user that runs the server: the current one or, where that is root, another."""

    other: pwd.struct_passwd | None = None
    """``None``: the current user."""

    def credentials(self) -> Credentials:
        """Return the arguments with which ``subprocess`` runs as this user."""
        if self.other is None:
            return {}
        return {"user": self.other.pw_uid, "group": self.other.pw_gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Make this user the folder's owner."""
        if self.other is not None:
            os.chown(folder, self.other.pw_uid, self.other.pw_gid)

    def runnable(self, programs: Path, home: Path) -> Path:
        """Return the programs' folder, or a copy under ``home`` where this user may not run the originals."""
        server = programs / "postgres"
        if self.other is None or (_public(server) and server.stat().st_mode & 0o005 == 0o005):  # noqa: PLR2004
            return programs
        # The wheel's programs load their libraries from three folders up.
        libraries = programs.parents[1].with_name(f"{WHEEL}.libs")
        stamp = f"{server} {server.stat().st_mtime_ns}"
        copy = home / f"programs-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
        if not copy.exists():
            with tempfile.TemporaryDirectory(dir=home, prefix="copy-", ignore_cleanup_errors=True) as made:
                new = Path(made) / "new"
                unneeded = shutil.ignore_patterns("include", "*.a")
                shutil.copytree(programs.parent, new / WHEEL / programs.parent.name, ignore=unneeded)
                if libraries.is_dir():
                    shutil.copytree(libraries, new / libraries.name)
                for path in (new, *new.rglob("*")):
                    path.chmod(0o755)
                with suppress(OSError):  # another process was faster
                    new.rename(copy)
        return copy / WHEEL / programs.parent.name / programs.name


def choose_home(data_dir: Path) -> tuple[Path, Account]:
    """Return the folder for the server's data, created if need be, and the user that runs the server there.

    Raise StorageError where existing data belong to no user of this machine.

    :param data_dir: an absolute path without symbolic links.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    if os.geteuid():
        return data_dir, Account()
    cluster = data_dir / "postgres"
    if cluster.exists() and cluster.stat().st_uid:
        try:
            return data_dir, Account(pwd.getpwuid(cluster.stat().st_uid))
        except KeyError:
            raise StorageError(f"the data folder {cluster} belongs to no user of this machine") from None
    account = Account(next(filter(None, map(_user, STAND_INS)), None))
    if _public(cluster):
        return data_dir, account
    home = ROOTS_HOME / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    home.mkdir(parents=True, exist_ok=True)
    for folder in (home, ROOTS_HOME):
        folder.chmod(0o755)
    return home, account


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _public(path: Path) -> bool:
    """Return whether every user may enter the parent folders of ``path``."""
    return all(folder.stat().st_mode & 0o001 for folder in path.parents)
