"""Items on disk while the database is away: one file a run, left for the next run to drain.

A file is lines of ASCII JSON: a head that says whose it is, encoded items, and how the run ended. Its owner holds a lock
on it, which the kernel releases however the owner ends; a file without an owner waits to be drained.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from smartdaily_crawler.reasons import CloseReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = 1
SUFFIX = ".jsonl"
BROKEN = ".broken"
MAKING = ".new"
"""Behind the name of a file that has no owner and no head yet."""
_CLOSING = "closing"


class BrokenSpoolError(Exception):
    """A file's head cannot be read; the message is one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The first line."""

    format: int = FORMAT
    run_id: int
    site: str
    """Name of the site."""
    database: str
    """As ``runs.identity`` gives it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """How the run ended; the last line. A killed run leaves none."""

    at: str | None
    """ISO 8601, by the crawler's clock; ``None`` where nobody knows."""
    reason: str
    verdict: str
    stats: dict[str, Any]


KILLED = Closing(at=None, reason=CloseReason.STORAGE_UNAVAILABLE, verdict="failed", stats={})
"""The end of a run that did not live to tell it."""


@dataclass(slots=True)
class Contents:
    """What stands after the head."""

    items: list[dict[str, Any]] = field(default_factory=list)
    """Encoded, in the order in which they were let go."""
    closing: Closing | None = None
    is_torn: bool = False
    """The last line is not whole: its writer was killed before it let the line go."""
    broken: int = 0
    """Lines that something else has spoilt."""


class Spool:
    """The file that one run writes; it is made for the first record."""

    def __init__(self, folder: Path, head: Head) -> None:
        self._folder = folder
        self._head = head
        self._file: IO[bytes] | None = None
        self._place = folder
        """Of the file, once it is made."""
        self.path: Path | None = None
        """``None`` while nothing is in it."""

    def append(self, items: Sequence[dict[str, Any]]) -> None:
        """Keep all of the encoded items or, where OSError is raised, none. On return they are on the disk."""
        if self._file is None:
            self._file, self._place = self._make()
        self._write(self._file, items)
        self.path = self._place

    def close(self, closing: Closing) -> None:
        """Leave the file to the next run."""
        self.append([{_CLOSING: asdict(closing)}])
        if self._file is not None:
            self._file.close()

    def _make(self) -> tuple[IO[bytes], Path]:
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-run-{self._head.run_id}{SUFFIX}"
        new = place.with_name(f"{place.name}{MAKING}")
        file = new.open("xb", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._write(file, [asdict(self._head)])
            new.rename(place)
            _sync_folder(self._folder)
        except OSError:
            file.close()
            for made in (new, place):
                made.unlink(missing_ok=True)
            raise
        return file, place

    def _write(self, file: IO[bytes], records: Sequence[dict[str, Any]]) -> None:
        lines = memoryview("".join(f"{json.dumps(record)}\n" for record in records).encode("ascii"))
        end = file.seek(0, os.SEEK_END)
        try:
            while lines:
                lines = lines[file.write(lines) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise


def waiting(folder: Path) -> list[Path]:
    """The files that runs have left or still write, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


@contextmanager
def claimed(path: Path) -> Iterator[IO[bytes] | None]:
    """The file, ours until the block ends; ``None`` where another process has it, or has drained it."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        # Whoever had it before us may have drained and deleted it.
        yield file if os.fstat(file.fileno()).st_nlink else None


def read_head(file: IO[bytes]) -> Head:
    """The first line. Raises BrokenSpoolError."""
    try:
        return Head(**json.loads(file.readline()))
    except (TypeError, ValueError):
        raise BrokenSpoolError("its first line is not the head of a spool") from None


def read_contents(file: IO[bytes]) -> Contents:
    contents = Contents()
    for line in file:
        if not line.endswith(b"\n"):
            contents.is_torn = True
            break
        try:
            record = dict(json.loads(line))
            if _CLOSING in record:
                contents.closing = Closing(**record[_CLOSING])
            else:
                contents.items.append(record)
        except (TypeError, ValueError):
            contents.broken += 1
    return contents


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be drained, so that no run tries it again; gives its new name."""
    return path.rename(path.with_name(f"{path.name}{BROKEN}"))


def _sync_folder(folder: Path) -> None:
    """A file's name is on the disk only when its folder is."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
