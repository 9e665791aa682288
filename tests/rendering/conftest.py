"""The real Splash and the real Chromium, which ``make renderers`` installs.

Where one is missing, the tests that need it are skipped; with ``CI=true`` in the environment they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from renderers import servers
from renderers.servers import Splash
from tests.crawl.conftest import scrapy
from tests.rendering.visits import browser, serve

# browser, scrapy and serve: fixtures, for the tests here too
__all__ = ["PYTHON", "Splash", "browser", "running_splash", "scrapy", "serve"]
PYTHON = servers.PYTHON


@pytest.fixture(scope="session")
def splash() -> Iterator[Splash]:
    """One for all tests of a worker, started for the first that asks."""
    with running_splash() as server:
        yield server


@pytest.fixture
def own_splash() -> Iterator[Callable[[], Splash]]:
    """Start servers that the test may kill and freeze."""
    with ExitStack() as servers:
        yield lambda: servers.enter_context(running_splash())


in_full = pytest.mark.skipif(not os.environ.get("EVERY_SKIN"), reason="long test with a browser: make every-skin")
"""Whole crawls by Chromium, and all kinds of answers."""
in_ci = pytest.mark.skipif(
    not os.environ.get("EVERY_SKIN") and not os.environ.get("CI"),
    reason="long test with a browser: make every-skin, as in CI",
)
"""Content and bounds of single pages, by each renderer."""


@pytest.fixture(scope="session")
def chromium() -> Path:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        _missing("Chromium is not installed here: make renderers, as root")
    return Path(found)


@contextmanager
def running_splash() -> Iterator[Splash]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(servers.running_splash(python=PYTHON))
        except servers.NoSplashError as error:
            _missing(str(error))
        yield server


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
