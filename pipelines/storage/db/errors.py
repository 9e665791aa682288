"""What can go wrong with the database, said in one line each."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterator


class StorageError(Exception):
    """The database cannot be used. The message is one line for an operator, without a password."""


class StorageUnavailable(StorageError):  # noqa: N818 - named for the state, and so is the run's close reason
    """The database did not answer for as long as the caller was willing to wait."""


class SchemaMismatch(StorageError):  # noqa: N818 - as above
    """The database's schema is not the one this version works with."""


class CodeError(StorageError):
    """The code that writes the items failed. The message names the exception and the line that raised it."""

    def __init__(self, error: BaseException) -> None:
        origin = traceback.extract_tb(error.__traceback__)[-1]
        super().__init__(
            f"{type(error).__name__}: {error} ({Path(origin.filename).name}, line {origin.lineno}): an error in our own code"
        )


def reason(error: DBAPIError) -> str:
    """The first line of what the database said."""
    said = str(error.orig).strip()
    return said.splitlines()[0] if said else type(error.orig).__name__


@contextmanager
def one_line() -> Iterator[None]:
    """A database's error becomes a ``StorageError``."""
    try:
        yield
    except DBAPIError as error:
        raise StorageError(reason(error)) from error
