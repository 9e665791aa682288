"""Retry what may succeed later, for as long as the caller is willing to wait."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from pipelines.storage.db.errors import StorageError, StorageUnavailable, one_line, reason

if TYPE_CHECKING:
    from sqlalchemy import Engine

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Query = Callable[Concatenate[Connection, Arguments], Result]

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0
DATA_ERRORS = ("22", "23", "54")
"""SQLSTATE classes for wrong data: bad values, broken constraints, limits."""
PERMANENT_ERRORS = ("0A", "26", "2B", "3D", "3F", "42")
"""SQLSTATE classes for a wrong statement, a wrong schema or missing rights: a retry cannot help."""


def with_retries(action: Callable[[], Result], *, patience: float) -> Result:
    """Return the action's result, retrying with growing pauses for up to ``patience`` seconds.

    Let a ``DBAPIError`` about the data through, for the caller to handle. Raise StorageUnavailable where the database
    did not answer in time, and StorageError where a retry cannot help.
    """
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE
    while True:
        try:
            return action()
        except NoConnectionFree as error:
            raise StorageUnavailable("no connection to the database was free") from error
        except DBAPIError as error:
            state = _sqlstate(error)
            if state.startswith(DATA_ERRORS):
                raise
            if state.startswith(PERMANENT_ERRORS):
                raise StorageError(reason(error)) from error
            wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 - so that competing processes do not collide again
            if time.monotonic() + wait > deadline:
                raise StorageUnavailable(f"the database did not answer for {patience:g} s: {reason(error)}") from error
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


def query(engine: Engine, call: Query[[], Result], *, patience: float) -> Result:
    """Return what ``call`` returns in one transaction, which is then committed; retry for ``patience`` seconds.

    Raise StorageError.
    """

    def transaction() -> Result:
        with engine.begin() as connection:
            return call(connection)

    with one_line():
        return with_retries(transaction, patience=patience)


def _sqlstate(error: DBAPIError) -> str:
    """Return the error's SQLSTATE; empty where the connection broke and the server sent none."""
    return getattr(error.orig, "pgcode", None) or ""
