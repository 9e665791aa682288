"""Where an export goes: a file or an object in S3, which appears whole or not at all, or standard output."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from pipelines.export.errors import RefusedError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.export.s3 import S3

STANDARD_OUTPUT = "-"


@contextmanager
def opened(target: str, *, s3: S3 | None = None, is_whole: bool = False) -> Iterator[IO[bytes]]:
    """Yield a file to write to. Where the block raises, the target stays as it was; on standard output it is cut off.

    Raise RefusedError where nothing can be written, WriteError where writing fails.

    :param target: a path, or ``-`` for standard output.
    :param s3: the object to write instead.
    :param is_whole: write nothing to standard output before the block has ended, as half of the format is useless.
    """
    path = Path(os.path.realpath(target))
    if s3 is not None:
        s3.check()
        with _staged() as staged, _failing(target):
            yield staged
            staged.flush()
            s3.upload(Path(staged.name))
    elif target == STANDARD_OUTPUT:
        if is_whole and sys.stdout.isatty():
            raise RefusedError("-o - is a terminal: name a file, or pipe it into a program")
        with _failing("standard output"), _gathered(sys.stdout.buffer, is_whole=is_whole) as sink:
            yield sink
            sys.stdout.buffer.flush()
    elif path.exists() and not path.is_file() and not path.is_dir():  # a device or a pipe: it must not be replaced
        with _failing(target), _at_once(path, target) as stream, _gathered(stream, is_whole=is_whole) as sink:
            yield sink
    else:
        with _failing(target), _replaced(path, target) as sink:
            yield sink


@contextmanager
def _replaced(path: Path, target: str) -> Iterator[IO[bytes]]:
    """Yield a new file beside the path, and give it that name where the block ends without an error."""
    try:
        if path.is_dir():
            raise RefusedError(f"{target} is a folder")
        if path.exists() and not os.access(path, os.W_OK):
            raise RefusedError(f"{target} may not be written")
        number, name = tempfile.mkstemp(prefix=".export-", suffix=".part", dir=path.parent)
    except OSError as error:
        raise RefusedError(f"{target} cannot be written: {error.strerror}") from error
    try:
        with open(number, "wb") as sink:  # noqa: PTH123 - a descriptor
            os.fchmod(number, _mode(path))
            yield sink
            sink.flush()
            os.fsync(number)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _mode(path: Path) -> int:
    """Return the permissions of the file, or those of a new one."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0o077)
    os.umask(umask)
    return 0o666 & ~umask


def _at_once(path: Path, target: str) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise RefusedError(f"{target} cannot be written: {error.strerror}") from error


@contextmanager
def _gathered(stream: IO[bytes], *, is_whole: bool) -> Iterator[IO[bytes]]:
    if not is_whole:
        yield stream
        return
    with _staged() as staged:
        yield staged
        staged.seek(0)
        shutil.copyfileobj(staged, stream)


def _staged() -> tempfile._TemporaryFileWrapper[bytes]:
    try:
        return tempfile.NamedTemporaryFile(prefix="export-")
    except OSError as error:
        raise RefusedError(
            f"there is no room for temporary files in {tempfile.gettempdir()}: {error.strerror}"
        ) from error


@contextmanager
def _failing(target: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has read enough
    except OSError as error:
        raise WriteError(f"{target}: {error.strerror or str(error).partition(chr(10))[0]}") from error
