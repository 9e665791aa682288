"""Fixtures of the storage tests."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from pipelines.storage.schema.run_key import RunKey
from tests.storage.making import new_run


@pytest.fixture
def run(engine: Engine) -> RunKey:
    return new_run(engine)
