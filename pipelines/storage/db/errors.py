"""Errors of the database, each with a one-line message."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterator


class StorageError(Exception):
    """The database cannot be used. The message is one line for an operator, and contains no password."""


class StorageUnavailable(StorageError):  # noqa: N818 - named for the state, and so is the run's close reason
    """The database did not answer in the time that the caller was willing to wait."""


class SchemaMismatch(StorageError):  # noqa: N818 - as above
    """The database's schema is not the one that this version needs."""


class CodeError(StorageError):
    """The code that writes the items failed. The message names the exception and the line that raised it."""

    def __init__(self, error: BaseException) -> None:
        origin = traceback.extract_tb(error.__traceback__)[-1]
        super().__init__(
            f"{type(error).__name__}: {error} ({Path(origin.filename).name}, line {origin.lineno}): internal error"
        )


def reason(error: BaseException) -> str:
    """Return the first line of the error's message (the driver's for a ``DBAPIError``); without one its class."""
    origin = getattr(error, "orig", None) or error
    return next(iter(str(origin).strip().splitlines()), type(origin).__name__)


@contextmanager
def one_line() -> Iterator[None]:
    """Raise a ``StorageError`` for a ``DBAPIError``, with the first line of its message."""
    try:
        yield
    except DBAPIError as error:
        raise StorageError(reason(error)) from error
