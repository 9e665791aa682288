"""Without Splash and without Playwright everything else works, and nothing imports them."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.server import serve
from demo.site import Site
from tests.crawl.conftest import Scrapy

BAD_INPUT = 2
NARROW = ("-a", "max_pages=1", "-a", "follow_teasers=false", "-a", "categories=笔记本")
ABSENT = """
import sys

for name in ("scrapy_splash", "scrapy_playwright", "playwright"):
    sys.modules[name] = None
"""


@pytest.fixture
def absent(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that can import neither, whatever is installed here."""
    (tmp_path / "sitecustomize.py").write_text(ABSENT, encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path), "SPLASH_URL": "", "CHROMIUM": ""}


def test_a_plain_crawl(scrapy: Scrapy, absent: dict[str, str]) -> None:
    with serve(Site(day=1)) as server:
        done = scrapy("crawl", "smartdaily", *NARROW, SITE_URL=server.url, **absent)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("splash", "render=splash needs SPLASH_URL, such as http://127.0.0.1:8050"),
        (
            "playwright",
            "render=playwright has no renderer: in a checkout .venv/bin/pip install -r requirements-playwright.txt, beside an installed wheel pip install 'smartdaily-crawler[playwright]'",
        ),
        (
            "auto",
            "render=auto has no renderer: set SPLASH_URL, or in a checkout .venv/bin/pip install -r requirements-playwright.txt, beside an installed wheel pip install 'smartdaily-crawler[playwright]'",
        ),
        ("always", "render takes never, splash, playwright, auto, not 'always'"),
    ],
)
def test_what_is_missing_is_named(policy: str, message: str, scrapy: Scrapy, absent: dict[str, str]) -> None:
    done = scrapy("crawl", "smartdaily", "-a", f"render={policy}", SITE_URL="http://127.0.0.1:9/", **absent)
    assert done.returncode == BAD_INPUT
    assert done.stderr.splitlines()[-1] == f"scrapy crawl: {message}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("environment", "settings", "message"),
    [
        (
            {"SPLASH_URL": "localhost:8050"},
            (),
            "SPLASH_URL takes a URL such as http://127.0.0.1:8050, not 'localhost:8050'",
        ),
        (
            {},
            ("-a", "render=playwright", "-s", "PLAYWRIGHT_CDP_URL=redis://127.0.0.1"),
            "PLAYWRIGHT_CDP_URL takes a URL such as http://127.0.0.1:8050, not 'redis://127.0.0.1'",
        ),
        (
            {"SPLASH_URL": "http://127.0.0.1:9"},
            ("-s", "RENDER_CONCURRENCY=0"),
            "RENDER_CONCURRENCY takes a whole number from 1 up, not '0'",
        ),
    ],
)
def test_what_is_wrong_is_said(
    environment: dict[str, str], settings: tuple[str, ...], message: str, scrapy: Scrapy
) -> None:
    done = scrapy(
        "crawl", "smartdaily", "-a", "render=splash", *settings, SITE_URL="http://127.0.0.1:9/", **environment
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (BAD_INPUT, f"scrapy crawl: {message}")


def test_no_chromium(scrapy: Scrapy) -> None:
    pytest.importorskip("scrapy_playwright", reason="the extra playwright is not installed: make renderers")
    command = ("crawl", "smartdaily", "-a", "render=playwright")
    for setting, environment in (((), {"CHROMIUM": "/no/such/browser"}), (("-s", "CHROMIUM=/no/such/browser"), {})):
        done = scrapy(*command, *setting, SITE_URL="http://127.0.0.1:9/", **environment)
        assert done.returncode == BAD_INPUT
        assert "finds no Chromium" in done.stderr.splitlines()[-1]
