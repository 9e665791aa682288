"""Keep items on disk while the database is away: one file a run, which the next run drains.

A file consists of lines of ASCII JSON: a head that identifies the run, encoded items, and how the run ended. Its writer
holds a lock on it, which the kernel releases however the writer ends; a file without a lock is ready to be drained.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from smartdaily_crawler.reasons import CloseReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = 1
SUFFIX = ".jsonl"
BROKEN = ".broken"
MAKING = ".new"
"""Suffix of a file that is not locked and has no head yet."""
_CLOSING = "closing"


class BrokenSpoolError(Exception):
    """The head of a file cannot be read; the message is one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The first line: which run of which site writes the file, and for which database."""

    format: int = FORMAT
    run_id: int
    site: str
    """Name of the site, such as ``news.example``."""
    database: str
    """As ``runs.identity`` returns it."""

    def __post_init__(self) -> None:
        if [type(value) for value in (self.run_id, self.site, self.database)] != [int, str, str]:
            raise TypeError("not the head of a spool")


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """The last line: how the run ended. A killed run writes none."""

    at: str | None
    """ISO 8601 in UTC, by the crawler's clock; ``None`` for a killed run."""
    reason: str
    verdict: str
    stats: dict[str, Any]

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError for what the database could not store: it would fail every later run."""
        if [type(value) for value in (self.reason, self.verdict, self.stats)] != [str, str, dict]:
            raise TypeError("not the closing of a spool")
        if self.at is not None:
            datetime.fromisoformat(self.at)


KILLED = Closing(at=None, reason=CloseReason.STORAGE_UNAVAILABLE, verdict="failed", stats={})
"""Stands in for the closing line that a killed run did not write."""


@dataclass(slots=True)
class Contents:
    """The lines after the head."""

    items: list[dict[str, Any]] = field(default_factory=list)
    """Encoded, in the order in which they were appended."""
    closing: Closing | None = None
    is_torn: bool = False
    """The last line is incomplete: the writer was killed while writing it."""
    broken: int = 0
    """Number of other lines that cannot be read."""


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A file that waits for the next run of its site."""

    site: str
    """Empty if its head cannot be read."""
    size: int
    """In bytes."""
    written_at: float
    """Time of its last record, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class SpoolState:
    """What is in the folder of a spool."""

    files: list[SpooledFile]
    """The oldest first, with those that a run still writes."""
    broken: int
    """Number of files that were set aside."""


class Spool:
    """The file that one run writes; created with its first record."""

    def __init__(self, folder: Path, head: Head) -> None:
        self._folder = folder
        self._head = head
        self._file: IO[bytes] | None = None
        self._place = folder
        """Path of the file, once it is created."""
        self.path: Path | None = None
        """Path of the file; ``None`` while it holds no record."""

    def append(self, items: Sequence[dict[str, Any]]) -> None:
        """Append all of the encoded items or, where OSError is raised, none. On return they are on disk."""
        if self._file is None:
            self._file, self._place = self._make()
        self._write(self._file, items)
        self.path = self._place

    def close(self, closing: Closing) -> None:
        """Append the closing line, and release the file to the next run. Raise OSError."""
        self.append([{_CLOSING: asdict(closing)}])
        if self._file is not None:
            self._file.close()

    def _make(self) -> tuple[IO[bytes], Path]:
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-run-{self._head.run_id}{SUFFIX}"
        new = place.with_name(f"{place.name}{MAKING}")
        # Articles may be nobody else's to read.
        file = open(new, "xb", buffering=0, opener=lambda path, flags: os.open(path, flags, 0o600))  # noqa: SIM115
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


def try_folder(folder: Path) -> None:
    """Make the folder if need be, and a file in it for a moment. Raise OSError: a run should not learn of it when it needs a spool."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder):
        pass


def waiting(folder: Path) -> list[Path]:
    """Return the files that runs have left or still write, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def spool_state(folder: Path) -> SpoolState:
    """Look at the files in the folder; none if there is no such folder. Raise OSError where one may not be read."""
    files = []
    for path in waiting(folder):
        # Without a lock, for which a run that drains the file would pass it over.
        with suppress(FileNotFoundError), path.open("rb") as file:
            stat = os.fstat(file.fileno())
            try:
                site = read_head(file).site
            except BrokenSpoolError:
                site = ""
            files.append(SpooledFile(site, stat.st_size, stat.st_mtime))
    return SpoolState(files, len(list(folder.glob(f"*{SUFFIX}{BROKEN}"))))


@contextmanager
def claimed(path: Path) -> Iterator[IO[bytes] | None]:
    """Lock the file until the block ends; give ``None`` where another process holds it, or has drained it."""
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
        # The process that held the lock before may have drained and deleted the file.
        yield file if os.fstat(file.fileno()).st_nlink else None


def read_head(file: IO[bytes]) -> Head:
    """Read the first line. Raise BrokenSpoolError, also for another ``FORMAT``."""
    try:
        head = Head(**json.loads(file.readline()))
    except (TypeError, ValueError):
        raise BrokenSpoolError("its first line is not the head of a spool") from None
    if head.format != FORMAT:
        raise BrokenSpoolError(f"it has format {head.format}, and this version reads format {FORMAT}")
    return head


def read_contents(file: IO[bytes]) -> Contents:
    """Read the lines after the head; count those that cannot be read."""
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
    """Rename a file that cannot be drained, so that no run tries it again. Return its new path."""
    return path.rename(path.with_name(f"{path.name}{BROKEN}"))


def _sync_folder(folder: Path) -> None:
    """Sync the folder too: a file's name is on disk only after that."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
