"""Visits to pages of a test's own through the real Splash and the real Chromium, and what comes of each.

Each test asks for its pages in one process, several at once. Seconds are those of the page alone, and bounded
generously: a machine under load takes its time.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.rendering.hosts import Answer, Asked, Host, host
from tests.waiting import HANGS
from tests.warm import Command

HTML = {"Content-Type": "text/html; charset=utf-8"}
PROSE = "正文在这里，由脚本写出来的一段话，长到可以算作正文的样子，还有第二句话，也有第三句话。"
LATE = f"<div id=late><p>{PROSE}{PROSE}</p></div>"
XHR = """function get(path, then) {
    var request = new XMLHttpRequest();
    request.open('GET', path);
    request.onload = function () { then(request.responseText); };
    request.send();
}
function put(html) { document.getElementById('main').insertAdjacentHTML('beforeend', html); }
"""
LIMITS = {"DOWNLOAD_TIMEOUT": 8, "RENDER_TIMEOUT": 60, "RENDER_SCROLL_TIMEOUT": 15, "RETRY_TIMES": 1}
"""With 5 s to spare they are just below the 90 s of Splash's ``--max-timeout``."""


def page(script: str = "", body: str = "", head: str = "") -> Answer:
    document = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>t</title>{head}</head>"
    document += f"<body><div id=main>{body}</div><script>{XHR}{script}</script></body></html>"
    return 200, HTML, document.encode()


Answers = dict[str, Answer | Callable[[Asked], Answer]]


@dataclass
class Site:
    """A site of some pages, and what it was asked for."""

    answers: Answers
    """By path; what is not there is a 404."""
    host: Host = field(default_factory=Host)
    released: threading.Event = field(default_factory=threading.Event)
    """Set at the end of a test: what hangs is let go."""

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        found = self.answers.get(path, (404, HTML, b""))
        return found(asked) if callable(found) else found

    def hang(self, _: Asked) -> Answer:
        self.released.wait(HANGS)
        return 200, HTML, b""

    @property
    def url(self) -> str:
        return self.host.url

    def asked(self) -> Counter[str]:
        return Counter(self.host.paths())


Serve = Callable[..., Site]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(answers: Answers | None = None) -> Site:
            site = Site(answers or {})
            site.host = stack.enter_context(host(site.answer))
            stack.callback(site.released.set)
            return site

        yield start


@dataclass(frozen=True)
class Browser:
    by: str
    settings: dict[str, str | None]
    command: Command


@pytest.fixture(params=["splash", "playwright"])
def browser(request: pytest.FixtureRequest, command: Command) -> Browser:
    if request.param == "splash":
        return Browser("splash", {"SPLASH_URL": request.getfixturevalue("splash").url}, command)
    request.getfixturevalue("chromium")
    return Browser("playwright", {}, command)


@dataclass(frozen=True)
class End:
    """What became of a page."""

    outcome: str
    reason: str
    error: str
    status: int | None
    url: str | None
    flags: list[str]
    attempts: int
    seconds: float | None
    size: int
    text: str | None

    @property
    def shows_it(self) -> bool:
        """Whether the prose is there as text; in a script it is escaped."""
        return f"<p>{PROSE}" in (self.text or "")

    @property
    def in_short(self) -> int | str:
        return self.reason or self.status or self.outcome


@dataclass(frozen=True)
class Run:
    ends: dict[str, End]
    """By address, without the site's own."""
    stats: dict[str, Any]

    def in_short(self) -> dict[str, int | str]:
        return {path: end.in_short for path, end in self.ends.items()}

    def shown(self) -> set[str]:
        return {path for path, end in self.ends.items() if end.shows_it}

    def slow(self) -> dict[str, float]:
        """Return pages whose content was waited for in vain, and their seconds; those of a busy machine may take nearly as long."""
        seconds = {path: end.seconds or 0 for path, end in self.ends.items()}
        return {path: took for path, took in seconds.items() if took > LIMITS["RENDER_TIMEOUT"]}


def article(path: str, **render_options: Any) -> dict[str, Any]:
    return {"url": path, "render_options": {"kind": "article", **render_options}}


def listing(path: str, **render_options: Any) -> dict[str, Any]:
    return {"url": path, "render_options": {"kind": "listing", **render_options}}


def ask(browser: Browser, site: str, *pages: dict[str, Any], sites: tuple[str, ...] = (), **settings: Any) -> Run:
    """Ask for pages of *site*; *sites* count as its own too."""
    asked = [
        {
            **each,
            "url": each["url"] if "://" in each["url"] else site + each["url"],
            **({"render_options": {**each["render_options"], "by": browser.by}} if "render_options" in each else {}),
        }
        for each in pages
    ]
    order = {"sites": [site, *sites], "pages": asked, "settings": {**LIMITS, **browser.settings, **settings}}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPLASH_")}
    done = browser.command("tests.rendering.asking_pages", environment=environment, stdin_text=json.dumps(order))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "DeprecationWarning" not in done.stderr, done.stderr
    result = json.loads(done.stdout)
    ends = {each["url"]: End(**end) for each, end in zip(pages, result["ends"], strict=True)}
    return Run(ends, result["stats"])


def late_page(script: str, body: str = "") -> Answer:
    return page(script.replace("LATE", json.dumps(LATE)), body)


def late(_: Asked) -> Answer:
    time.sleep(1)
    return 200, HTML, LATE.encode()


def to(location: str, status: int = 302) -> Answer:
    return status, {"Location": location}, b""


COMES: Answers = {
    "/data": (200, HTML, LATE.encode()),
    "/late": late,
    "/at-once": late_page("get('/data', put)"),
    "/timer": late_page("setTimeout(function () { put(LATE); }, 1500)"),
    "/chain": late_page("get('/late', function () { get('/data', put); })"),
    "/polling": late_page(
        "var n = 0, id = setInterval(function () { if (++n === 15) { clearInterval(id); put(LATE); } }, 100)"
    ),
    "/carousel": late_page(
        "get('/data', put); setInterval(function () { put('<i>x</i>'); }, 300);"
        "(function turn() { put('<b>y</b>'); setTimeout(turn, 300); }())"
    ),
    "/long-poll": late_page("get('/hang', put); get('/data', put)"),
    "/given": late_page("get('/late', put)", f"<div><span>{PROSE}</span></div>"),
    "/throws": late_page("put(LATE); throw new Error('on purpose')"),
    "/hostile": late_page(
        "put(LATE); window.setTimeout = window.XMLHttpRequest = window.Date = window.MutationObserver = null;"
        "Array.prototype.forEach = null"
    ),
    "/asks-amiss": late_page("try { new XMLHttpRequest().send(); } catch (e) { put(LATE); }"),
}
"""Pages on which the prose comes in one way or another."""
