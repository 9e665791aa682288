"""The pages in a real Chromium: clicked through, checked by axe, and photographed by ``make web-pictures``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.rendering.conftest import in_ci
from tests.storage.making import read
from tests.web.days import crawl_days, write_hostile
from tests.web.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page
    from sqlalchemy import Engine

    from tests.crawl.conftest import Scrapy

PICTURES = os.environ.get("WEB_PICTURES")
DAYS = 7
NARROW, WIDE = 390, 1280
CLICKS = (
    ("overview", "/", None),
    ("site", "/", ".card h2 a"),
    ("day", "{site}", "details li a"),
    ("run", "{site}", "table tbody th a"),
    ("outcomes", "{run}", "td.n a"),
    ("article", "{day}", ".articles a"),
    ("revisions", "{revised}", "a[href*='from=']"),
    ("graph", "{site}", "a[href$='/graph']"),
    ("search", "/", ".find button"),
    ("absent", "/", None),
)
"""Name of a page, the page on which to start, and the link or button that leads to it."""


@contextmanager
def visiting(browser: Browser, url: str, *, width: int, scheme: Any, scripts: bool = True) -> Iterator[Page]:
    """Yield a page. Fail afterwards where a script of the data ran, or anything was requested from elsewhere or refused."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    page, faults = context.new_page(), list[str]()

    def dismiss(dialog: Dialog) -> None:
        faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: None if "404" in told.text else faults.append(told.text))
    page.on("request", lambda asked: None if asked.url.startswith(url) else faults.append(asked.url))
    yield page
    context.close()
    assert faults == []


def visit(
    page: Page,
    url: str,
    words: str,
    revised: str,
    each: Callable[[str], None],
    *,
    checked: Container[str] | None = None,
) -> None:
    """Click through the pages of ``CLICKS``; call ``each`` with the name of each one that was reached.

    :param words: what to search for.
    :param revised: path of an article with two revisions.
    :param checked: names of the pages that axe checks; ``None``: all.
    """
    found = {"revised": revised}
    for name, start, selector in CLICKS:
        page.goto(url + ("/absent" if name == "absent" else start.format(**found)))
        if name == "search":
            page.fill("#q", words)
        if selector:
            for closed in page.locator("details > summary").all():
                closed.click()
            page.locator(selector).first.click()
            page.wait_for_load_state()
        found[name] = page.url.removeprefix(url)
        assert page.locator("h1").is_visible(), name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True, f"{name} is too wide"
        if checked is None or name in checked:
            violations = Axe().run(page).response["violations"]
            assert [(each["id"], each["impact"], each["nodes"][0]["html"]) for each in violations] == [], name
        each(name)


@contextmanager
def launched(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=os.geteuid() != 0)
        yield browser
        browser.close()


@in_ci
def test_hostile_texts_in_chromium(engine: Engine, database_url: str, tmp_path: Path, chromium: Path) -> None:
    ids = write_hostile(engine)
    with serving(database_url, tmp_path) as (url, _), launched(chromium) as browser:
        with visiting(browser, url, width=NARROW, scheme="dark") as page:
            visit(page, url, "alert", f"/articles/{ids[0]}", lambda _: None, checked=("site", "article", "graph"))
            for article_id in ids[-3:]:
                page.goto(f"{url}/articles/{article_id}")
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
            page.goto(url)
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "main"
            page.goto(f"{url}/sites/hostile.example/graph")
            page.locator("a.node").first.focus()
            assert page.locator("svg.exploring .node.near").count() > 1
        with visiting(browser, url, width=WIDE, scheme="light", scripts=False) as page:
            page.goto(url)
            page.locator(".card h2 a").first.click()
            page.fill("#q", "alert")
            page.locator(".find button").click()
            assert page.locator("mark").count() > 1


@pytest.mark.skipif(not PICTURES, reason="photographs every page in Chromium: make web-pictures")
def test_pictures(engine: Engine, database_url: str, scrapy: Scrapy, tmp_path: Path, chromium: Path) -> None:
    """Photograph every page in both themes at two widths."""
    assert PICTURES
    fonts = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True).stdout
    assert fonts, "no font has Chinese characters: install fonts-noto-cjk"
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    site = crawl_days(scrapy, DAYS)
    [article_id] = read(engine, "SELECT max(article_id) FROM api.revision WHERE 'body' = ANY (changed_fields)")
    revised = f"/articles/{article_id}"
    with (
        serving(database_url, tmp_path) as (url, _),
        serving(database_url, tmp_path, WEB_TOKEN="a-token-of-some-length") as (guarded, _),
        launched(chromium) as browser,
    ):
        for scheme in ("light", "dark"):
            for width in (WIDE, NARROW):
                with visiting(browser, guarded, width=width, scheme=scheme) as page:
                    page.goto(guarded)
                    assert Axe().run(page).response["violations"] == []
                    page.screenshot(path=folder / f"login-{scheme}-{width}.png")
                with visiting(browser, url, width=width, scheme=scheme) as page:

                    def photograph(name: str, of: str = f"{scheme}-{width}", page: Page = page) -> None:
                        page.screenshot(path=folder / f"{name}-{of}.png", full_page=True)

                    visit(page, url, "显存", revised, photograph)
        # The beginning of two pages for the docs, small.
        clip: Any = {"x": 0, "y": 0, "width": 1100, "height": 800}
        with visiting(browser, url, width=1100, scheme="light") as page:
            page.goto(f"{url}/sites/{site}")
            page.screenshot(path=folder / "docs-site.png", clip=clip)
            page.goto(f"{url}/sites/{site}/graph")
            page.locator("a.node").nth(13).hover()
            page.screenshot(path=folder / "docs-graph.png", clip=clip)
