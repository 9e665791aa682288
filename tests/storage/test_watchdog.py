"""Round trips without an answer are cut; slow statements that may take long are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipelines.storage.db import engine as engines
from pipelines.storage.db.engine import connect
from pipelines.storage.db.watchdog import unwatched
from tests.waiting import HANGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def impatient(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Engine that cuts a round trip after half a second, long before the server would end a statement."""
    monkeypatch.setattr(engines, "GRACE", -59.5)
    engine = connect(database_url, timeout=60)
    yield engine
    engine.dispose()


def test_a_round_trip_without_an_answer_is_cut(impatient: Engine) -> None:
    with pytest.raises(DBAPIError, match=r"nothing was heard for 0\.5 s"), impatient.begin() as connection:
        connection.execute(text(f"SELECT pg_sleep({HANGS})"))
    with impatient.begin() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_round_trips_that_are_answered_may_be_many(impatient: Engine) -> None:
    with impatient.begin() as connection:
        for _ in range(6):
            connection.execute(text("SELECT pg_sleep(0.2)"))


def test_a_migration_may_take_long(impatient: Engine) -> None:
    with impatient.begin() as connection, unwatched(connection):
        connection.execute(text("SELECT pg_sleep(0.8)"))


def test_the_server_ends_a_statement_by_itself(database_url: str) -> None:
    engine = connect(database_url, timeout=0.2)
    with pytest.raises(DBAPIError, match="statement timeout"), engine.begin() as connection:
        connection.execute(text(f"SELECT pg_sleep({HANGS})"))
    engine.dispose()
