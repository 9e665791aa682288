"""What the tests of storage start from."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from pipelines.storage.runs import Run
from tests.storage.making import new_run


@pytest.fixture
def run(engine: Engine) -> Run:
    return new_run(engine)
