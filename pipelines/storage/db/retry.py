"""Trying again where that may help, for as long as the caller is willing to wait."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from pipelines.storage.db.errors import StorageError, StorageUnavailable, one_line, reason

if TYPE_CHECKING:
    from sqlalchemy import Engine

Result = TypeVar("Result")
Question = Callable[[Connection], Result]

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0
REFUSALS = ("22", "23", "54")
"""SQLSTATE classes that say the data are at fault: bad values, broken constraints, limits."""
MISTAKES = ("0A", "26", "2B", "3D", "3F", "42")
"""SQLSTATE classes that say the statement, the schema or the rights are at fault: waiting mends nothing."""


def with_retries(action: Callable[[], Result], *, patience: float) -> Result:
    """The action's result, trying for ``patience`` seconds. Data errors are the caller's to handle: they pass."""
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE
    while True:
        try:
            return action()
        except NoConnectionFree as error:
            raise StorageUnavailable("no connection to the database was free") from error
        except DBAPIError as error:
            if _is_refusal(error):
                raise
            state = _sqlstate(error)
            if state.startswith(MISTAKES):
                raise StorageError(reason(error)) from error
            wait = pause * random.uniform(0.5, 1.5)  # noqa: S311 - so that rivals do not meet again
            if time.monotonic() + wait > deadline:
                raise StorageUnavailable(
                    f"the database did not answer for {patience:g} s: {reason(error)}"
                ) from error
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


def ask(engine: Engine, question: Question[Result], *, patience: float) -> Result:
    """What one transaction answers; it is committed. Raises StorageError."""

    def look() -> Result:
        with engine.begin() as connection:
            return question(connection)

    with one_line():
        return with_retries(look, patience=patience)


def _is_refusal(error: DBAPIError) -> bool:
    return _sqlstate(error).startswith(REFUSALS)


def _sqlstate(error: DBAPIError) -> str:
    """Empty where the connection broke: nobody said anything."""
    return getattr(error.orig, "pgcode", None) or ""
