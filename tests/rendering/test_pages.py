"""Pages of every kind through the real Splash and the real Chromium: what comes of each, and what it costs.

Each test asks for its pages in one process, several at once. Seconds are those of the page alone, and bounded
generously: a machine under load takes its time.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.rendering.conftest import in_full
from tests.rendering.hosts import Answer, Asked, Host, host
from tests.warm import Command

pytestmark = in_full
ROOT = Path(__file__).parents[2]
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
LIMITS = {"DOWNLOAD_TIMEOUT": 8, "RENDER_TIMEOUT": 40, "RENDER_SCROLL_TIMEOUT": 15, "RETRY_TIMES": 1}
DEADLINE = 30
"""Seconds that no page comes near which ends by itself; it would have forty for its content alone."""


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
        self.released.wait(60)
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
        seconds = {path: end.seconds or 0 for path, end in self.ends.items()}
        return {path: took for path, took in seconds.items() if took > DEADLINE}


def article(path: str, **wish: Any) -> dict[str, Any]:
    return {"url": path, "wish": {"kind": "article", **wish}}


def listing(path: str, **wish: Any) -> dict[str, Any]:
    return {"url": path, "wish": {"kind": "listing", **wish}}


def ask(
    browser: Browser, site: str, *pages: dict[str, Any], sites: tuple[str, ...] = (), **settings: Any
) -> Run:
    """Ask for pages of *site*; *sites* count as its own too."""
    asked = [
        {
            **each,
            "url": each["url"] if "://" in each["url"] else site + each["url"],
            **({"wish": {**each["wish"], "by": browser.by}} if "wish" in each else {}),
        }
        for each in pages
    ]
    order = {"sites": [site, *sites], "pages": asked, "settings": {**LIMITS, **browser.settings, **settings}}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPLASH_")}
    done = browser.command(
        "tests.rendering.asking_pages", environment=environment, said=json.dumps(order), timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "DeprecationWarning" not in done.stderr, done.stderr
    said = json.loads(done.stdout)
    ends = {each["url"]: End(**end) for each, end in zip(pages, said["ends"], strict=True)}
    return Run(ends, said["stats"])


# --- what comes late


def late_page(script: str, body: str = "") -> Answer:
    return page(script.replace("LATE", json.dumps(LATE)), body)


def late(_: Asked) -> Answer:
    time.sleep(1)
    return 200, HTML, LATE.encode()


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
SIDEBAR = (
    "<ul>" + "".join(f"<li><a href=/c/{n}.html>侧栏里的标题第{n}条</a></li>" for n in range(8)) + "</ul>"
)


def test_content_is_waited_for(browser: Browser, serve: Serve) -> None:
    site = serve({**COMES, "/sidebar": late_page("get('/late', put)", SIDEBAR)})
    site.answers["/hang"] = site.hang
    paths = (
        "/at-once",
        "/timer",
        "/chain",
        "/polling",
        "/carousel",
        "/long-poll",
        "/throws",
        "/hostile",
        "/asks-amiss",
    )
    run = ask(
        browser,
        site.url,
        *map(article, paths),
        article("/given", selector="#late p"),
        listing("/sidebar"),
    )
    assert run.shown() == set(run.ends)
    assert run.slow() == {}
    assert {end.status for end in run.ends.values()} == {200}
    assert all(end.flags == ["rendered"] for end in run.ends.values())
    assert {path: site.asked()[path] for path in paths} == dict.fromkeys(paths, 1)


def test_a_page_to_which_nothing_comes_ends_by_itself(browser: Browser, serve: Serve) -> None:
    """QtWebKit knows no ``fetch``, and cannot read ``async``."""
    site = serve({
        **COMES,
        "/barren": page(),
        "/empty": (200, HTML, b""),
        "/never": page(body="<p>x"),
        "/fetch": page("fetch('/late').then(function (r) { return r.text(); }).then(put)"),
        "/async": page("(async () => { put(await (await fetch('/data')).text()); })()"),
        "/frameset": (200, HTML, b"<title>t</title><frameset cols=*><frame src=/data></frameset>"),
    })  # fmt: skip
    run = ask(
        browser,
        site.url,
        *map(article, ("/barren", "/empty", "/fetch", "/async", "/frameset")),
        article("/never", selector="#never"),
    )
    assert run.shown() == ({"/fetch", "/async"} if browser.by == "playwright" else set())
    assert set(run.in_short().values()) == {200}
    assert run.slow() == {}


# --- lists


def entries(numbers: range) -> str:
    return "".join(
        f"<li style=height:120px><a href=/news/{n}.html>新闻列表里的标题第{n}条</a></li>" for n in numbers
    )


def part(asked: Asked) -> Answer:
    """Ten entries; there are five parts, the first in the page."""
    number = int(asked.path.partition("=")[2])
    return 200, HTML, entries(range(number * 10, number * 10 + 10) if number < 5 else range(0)).encode()


FIRST = f"<ul id=list>{entries(range(10))}</ul>"
MORE = """var number = 0, busy = false;
function more() {
    if (busy) { return; }
    busy = true;
    get('/part?number=' + (number += 1), function (html) {
        busy = false;
        document.getElementById('list').insertAdjacentHTML('beforeend', html);
    });
}
"""
BOTTOM = """window.addEventListener('scroll', function () {
    if (window.innerHeight + window.pageYOffset >= document.documentElement.scrollHeight - 50) { LATER }
})"""
LISTS: Answers = {
    "/part": part,
    "/plain": page("", FIRST),
    "/scrolled": page(MORE + BOTTOM.replace("LATER", "more();"), FIRST),
    "/debounced": page(MORE + BOTTOM.replace("LATER", "setTimeout(more, 300);"), FIRST),
    "/button": page(MORE, FIRST + "<button onclick=more()>加载更多</button>"),
    "/script-link": page(MORE, FIRST + "<a href='javascript:more()'>点击加载更多</a>"),
    "/relative-link": page(MORE, FIRST + "<a href='?next' onclick='more()'>查看更多 »</a>"),
    "/link": page(MORE, FIRST + "<a href=more.html>更多</a>"),
    "/observed": page(
        MORE + "new IntersectionObserver(function (seen) { if (seen[0].isIntersecting) { more(); } })"
        ".observe(document.getElementById('end'))",
        FIRST + "<div id=end style=height:10px></div>",
    ),
}


def test_an_endless_list_is_read_to_its_end(browser: Browser, serve: Serve) -> None:
    """QtWebKit knows no ``IntersectionObserver``."""
    site = serve(LISTS)
    endless = ("/scrolled", "/debounced", "/button", "/script-link", "/relative-link", "/observed")
    run = ask(
        browser,
        site.url,
        *(listing(path, scrolls=20) for path in (*endless, "/link", "/plain")),
        listing("/scrolled?2", scrolls=2),
        listing("/scrolled?selector", scrolls=20, selector="#list a"),
        listing("/plain?unscrolled"),
    )
    shown = {path: (end.text or "").count('<a href="/news/') for path, end in run.ends.items()}
    observed = 50 if browser.by == "playwright" else 10
    assert shown == {
        **dict.fromkeys(endless, 50),
        "/observed": observed,
        "/link": 10,
        "/plain": 10,
        "/scrolled?2": 30,
        "/scrolled?selector": 50,
        "/plain?unscrolled": 10,
    }
    assert [path for path, end in run.ends.items() if "cut" in end.flags] == ["/scrolled?2"]
    assert run.slow() == {}


def test_a_list_that_ends_costs_little(browser: Browser, serve: Serve) -> None:
    site = serve(LISTS)
    once, scrolled = listing("/plain"), listing("/plain?scrolled", scrolls=20)
    run = ask(browser, site.url, listing("/plain?warm"), once, scrolled, RENDER_CONCURRENCY=1)
    seconds = {path: end.seconds or 0 for path, end in run.ends.items()}
    assert seconds["/plain?scrolled"] - seconds["/plain"] < 2


# --- where a page leads


def to(location: str, status: int = 302) -> Answer:
    return status, {"Location": location}, b""


def test_a_redirect_is_told_and_not_followed(browser: Browser, serve: Serve) -> None:
    site, other = serve(), serve()
    site.answers.update({
        "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /secret"),
        "/page": page("", LATE),
        "/secret": page("", LATE),
        "/301": to("/page?301", 301),
        "/302": to(f"{site.url}/page?302"),
        "/308": to("/page?308", 308),
        "/to-secret": to("/secret"),
        "/to-offsite": to("http://other.example/"),
        "/to-private": to(f"{other.url}/redirected"),
        "/to-file": to("file:///etc/passwd"),
        "/round": to("/round"),
        "/round-two": to("/round-back"),
        "/round-back": to("/round-two"),
    })  # fmt: skip
    paths = (
        "/301",
        "/302",
        "/308",
        "/to-secret",
        "/to-offsite",
        "/to-private",
        "/to-file",
        "/round",
        "/round-two",
    )
    run = ask(browser, site.url, *map(article, paths))
    assert run.in_short() == {
        "/301": 200,
        "/302": 200,
        "/308": 200,
        "/to-secret": "robots_forbidden",
        "/to-offsite": "redirect_offsite",
        "/to-private": "redirect_private",
        "/to-file": "http_302",
        "/round": "redirect_loop",
        "/round-two": "redirect_loop",
    }
    assert run.shown() == {"/301", "/302", "/308"}
    assert run.ends["/301"].url == f"{site.url}/page?301"
    assert run.slow() == {}
    asked = site.asked()
    assert {asked[f"/page?{status}"] for status in (301, 302, 308)} == {1}
    assert asked["/secret"] == 0
    assert asked["/round"] == 6
    assert other.host.asked == []


def goes(where: str, body: str = "") -> Answer:
    return page(f"location.href = {json.dumps(where)}", body)


def test_a_page_that_its_script_leaves_is_a_redirect(browser: Browser, serve: Serve) -> None:
    """Splash is on the other page when that shows: it has asked for it, whatever robots.txt says."""
    site, other = serve(), serve()
    site.answers.update({
        "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /secret"),
        "/page": page("", LATE),
        "/secret": page("", LATE),
        "/file.pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4"),
        "/href": goes("/page?href", f"<p>{PROSE}</p>"),
        "/replace": page("location.replace('/page?replace')"),
        "/later": page("setTimeout(function () { location.href = '/page?later'; }, 700)"),
        "/refresh": (200, HTML, b"<meta http-equiv=refresh content='0; url=/page?refresh'>"),
        "/late-refresh": (200, HTML, b"<meta http-equiv=refresh content='1; url=/page?late-refresh'>"),
        "/secretly": goes("/secret"),
        "/offsite": goes("http://other.example/"),
        "/private": goes(f"{other.url}/left"),
        "/to-file": goes("file:///etc/passwd", f"<p>{PROSE}</p>"),
        "/blank": goes("about:blank"),
        "/download": goes("/file.pdf"),
        "/restless": page("setInterval(function () { location.href = '/restless?' + Math.random(); }, 100)"),
    })  # fmt: skip
    lead = ("/href", "/replace", "/later", "/refresh", "/late-refresh")
    others = ("/secretly", "/offsite", "/private", "/to-file", "/blank", "/download", "/restless")
    run = ask(browser, site.url, *map(article, (*lead, *others)))
    assert run.in_short() == {
        **dict.fromkeys(lead, 200),
        "/secretly": "robots_forbidden",
        "/offsite": "redirect_offsite",
        "/private": "redirect_private",
        "/to-file": 200,
        "/blank": "http_302",
        "/download": 200,
        "/restless": "redirect_loop",
    }
    assert run.shown() == {*lead, "/to-file"}
    assert {run.ends[path].url for path in lead} == {f"{site.url}/page?{path[1:]}" for path in lead}
    assert (run.ends["/download"].url, run.ends["/download"].size) == (f"{site.url}/file.pdf", 0)
    assert run.slow() == {}
    times = 1 if browser.by == "playwright" else 2
    asked = site.asked()
    assert {asked[f"/page?{path[1:]}"] for path in lead} == {times}
    assert asked["/secret"] < times
    assert other.host.asked == []


def test_a_page_may_call_itself_otherwise_and_ask_for_itself_again(browser: Browser, serve: Serve) -> None:
    itself = "history.replaceState({}, '', 'PATH'); get('/data', put)"
    site = serve({
        **COMES,
        "/called": late_page(itself.replace("PATH", "/canonical")),
        "/canonical": late_page(itself.replace("PATH", "/called")),
        "/hash": late_page("location.hash = 'part'; get('/data', put)"),
        "/cookie": late_page(
            "if (/seen/.test(document.cookie)) { put(LATE); }"
            "else { document.cookie = 'seen=1'; location.reload(); }"
        ),
        "/reloads": late_page("setTimeout(function () { location.reload(); }, 100)"),
        "/名/文 章": late_page("get('/data', put)"),
        "/%E5%90%8D/%E6%96%87%20%E7%AB%A0": late_page("get('/data', put)"),
        "/%C3%FB": late_page("get('/data', put)"),
    })  # fmt: skip
    paths = ("/called", "/hash", "/cookie", "/%E5%90%8D/%E6%96%87%20%E7%AB%A0", "/%C3%FB")
    run = ask(browser, site.url, *map(article, (*paths, "/reloads")))
    assert run.shown() == set(paths)
    assert {path: end.url for path, end in run.ends.items()} == {path: site.url + path for path in run.ends}
    asked = site.asked()
    assert {path: asked[path] for path in ("/called", "/canonical", "/cookie")} == {
        "/called": 1,
        "/canonical": 0,
        "/cookie": 2,
    }
    assert asked["/reloads"] <= 6
    assert run.slow() == {}


# --- what a server answers that is no page


def test_errors_are_those_of_the_site(browser: Browser, serve: Serve) -> None:
    body = f"<p>{PROSE}</p>".encode()
    site = serve({
        "/403": (403, HTML, body),
        "/404": (404, HTML, body),
        "/410": (410, HTML, b""),
        "/500": (500, HTML, body),
        "/503": (503, {**HTML, "Retry-After": "1"}, b""),
    })  # fmt: skip
    paths = ("/403", "/404", "/410", "/500", "/503")
    run = ask(browser, site.url, *map(article, paths), RETRY_AFTER_TIMES=3)
    assert run.in_short() == {path: f"http_{path[1:]}" for path in paths}
    assert {path for path, end in run.ends.items() if end.outcome == "gone"} == {"/404", "/410"}
    assert {path: end.attempts for path, end in run.ends.items()} == {
        **dict.fromkeys(paths, 1),
        "/500": 2,
        "/503": 4,
    }
    assert {path: site.asked()[path] for path in paths} == {
        path: end.attempts for path, end in run.ends.items()
    }


def test_what_is_no_page_is_none(browser: Browser, serve: Serve) -> None:
    """As plain HTTP has it: what is no text makes no document. What it holds is not fetched on."""
    types = {
        "/pdf": "application/pdf",
        "/json": "application/json",
        "/feed": "application/rss+xml",
        "/picture": "image/png",
        "/unknown": "application/octet-stream",
    }
    site = serve({
        **{path: (200, {"Content-Type": kind}, b"\x89\x00" * 50) for path, kind in types.items()},
        "/attachment": (200, {**HTML, "Content-Disposition": "attachment; filename=a.html"}, LATE.encode()),
        "/204": (204, HTML, b""),
    })  # fmt: skip
    run = ask(browser, site.url, *map(article, site.answers))
    assert run.in_short() == {**dict.fromkeys(site.answers, 200), "/204": 204}
    assert {end.text for path, end in run.ends.items() if path != "/204"} == {None}
    assert {end.size for end in run.ends.values()} == {0}
    assert all("rendered" not in end.flags for end in run.ends.values())
    assert run.slow() == {}
    assert set(site.asked().values()) == {1}


def test_pages_are_read_as_they_are_meant(browser: Browser, serve: Serve) -> None:
    """QtWebKit takes Chinese that nobody declares for Latin. A frame that is not there is no fault of the page's."""
    gbk = f"<html><head><title>标题</title></head><body><p>{PROSE}</p></body></html>".encode("gbk")
    site = serve({
        **COMES,
        "/gbk-header": (200, {"Content-Type": "text/html; charset=gbk"}, gbk),
        "/gbk-meta": (200, {"Content-Type": "text/html"}, gbk.replace(b"<head>", b"<head><meta charset=gb2312>")),
        "/gbk-unsaid": (200, {"Content-Type": "text/html"}, gbk),
        "/plain": (200, {"Content-Type": "text/plain; charset=utf-8"}, PROSE.encode()),
        "/xhtml": (
            200,
            {"Content-Type": "application/xhtml+xml"},
            f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{PROSE}</p></body></html>".encode(),
        ),
        "/half": late_page("put(LATE + '<i>\\ud83d</i>')"),
        "/large": late_page("put(LATE + new Array(50001).join('<p>大 ' + new Array(96).join('x') + '</p>'))"),
        "/base": page("get('data', put)", head="<base href=/>"),
        "/frame": page("get('/data', put)", "<iframe src=/framed></iframe>"),
    })  # fmt: skip
    paths = ("/gbk-header", "/gbk-meta", "/xhtml", "/half", "/large", "/base", "/frame")
    run = ask(browser, site.url, *map(article, (*paths, "/gbk-unsaid", "/plain")))
    assert run.shown() - {"/gbk-unsaid"} == set(paths)
    assert run.ends["/gbk-unsaid"].shows_it == (browser.by == "playwright")
    assert PROSE in (run.ends["/plain"].text or "")
    assert run.ends["/large"].size > 5_000_000
    assert set(run.in_short().values()) == {200}
    assert run.slow() == {}


def test_nothing_that_a_page_asks_its_reader_holds_it_up(browser: Browser, serve: Serve) -> None:
    link = "var a = document.createElement('a'); a.href = '/ANY'; a.ATTRIBUTE; document.body.appendChild(a); a.click();"
    site = serve({
        **COMES,
        "/boxes": late_page("alert('a'); confirm('b'); prompt('c'); print(); put(LATE)"),
        "/stay": late_page("window.onbeforeunload = function () { return 'stay'; }; put(LATE)"),
        "/window": late_page("window.open('/opened'); put(LATE)"),
        "/blank-link": late_page(link.replace("ANY", "opened").replace("ATTRIBUTE", "target = '_blank'") + "put(LATE)"),
        "/download": late_page(link.replace("ANY", "data").replace("ATTRIBUTE", "download = 'x'") + "put(LATE)"),
        "/opened": page("", LATE),
    })  # fmt: skip
    paths = ("/boxes", "/stay", "/window", "/blank-link", "/download", "/stay?again")
    run = ask(browser, site.url, *map(article, paths))
    assert run.shown() == set(paths)
    assert run.slow() == {}
    assert site.asked()["/opened"] == 0


# --- what does not answer


@contextmanager
def listener(answer: bytes) -> Iterator[str]:
    """A server that says *answer* to whatever it is asked, and hangs up; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(10_000)
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def test_a_site_that_does_not_answer_is_told_from_a_renderer(browser: Browser, serve: Serve) -> None:
    site = serve()
    site.answers["/hangs"] = site.hang
    with (
        listener(b"") as closing,
        listener(b"SSH-2.0-OpenSSH_9.2\r\n") as other,
        listener(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\n<p>") as cutting,
        socket.socket() as free,
    ):
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        reasons = {
            f"{nobody}/": "connection_refused",
            f"{closing}/": "connection_lost",
            f"{other}/": "connection_lost",
            f"{cutting}/": "cut_short" if browser.by == "playwright" else "render_failed",
            "http://nobody.invalid/": "dns_failure",
            "/hangs": "timeout",
        }
        meta = {"dont_obey_robotstxt": True}
        pages = [{**article(url), "meta": meta} for url in reasons]
        sites = (nobody, closing, other, cutting, "http://nobody.invalid/")
        run = ask(browser, site.url, *pages, sites=sites, DOWNLOAD_TIMEOUT=4)
    assert run.in_short() == reasons
    assert {end.outcome for end in run.ends.values()} == {"failed"}
    assert {end.attempts for end in run.ends.values()} == {2}
    assert run.stats["retry/count"] == len(reasons)
    assert not {"render/unavailable", "render/timeout"} & set(run.stats)


def test_what_hangs_in_a_page_does_not_cost_the_page(browser: Browser, serve: Serve) -> None:
    hanging = {
        "/script": page("", LATE, head="<script src=/hang></script>"),
        "/async": page("", LATE, head="<script async src=/hang></script>"),
        "/style": page("", LATE, head="<link rel=stylesheet href=/hang>"),
        "/picture": page("", f"{LATE}<img src=/hang>"),
        "/frame": page("", f"{LATE}<iframe src=/hang></iframe>"),
    }
    site = serve({**hanging})
    site.answers["/hang"] = site.hang
    run = ask(browser, site.url, *map(article, hanging))
    assert run.shown() == set(hanging)
    assert {end.attempts for end in run.ends.values()} == {1}
    assert run.slow() == {}


# --- what a page may not reach, and what it may not leave behind


def test_nothing_private_is_reached(browser: Browser, serve: Serve) -> None:
    """The site is on private ground itself: its own port is all of it that a page may ask.

    A frame's script has all of Chromium's guards, and in Splash those of ``on_request`` alone, which sees no WebSocket.
    """
    site, other = serve(), serve()
    port = other.url.rpartition(":")[2]
    spellings = [
        f"http://{name}:{port}" for name in ("127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]")
    ]
    asks = "".join(f"try {{ get('{url}/xhr', put); }} catch (e) {{}}" for url in spellings)
    asks += f"""try {{
        var socket = new WebSocket('ws://127.0.0.1:{port}/socket');
        socket.onopen = function () {{ socket.send('x'); }};
    }} catch (e) {{}}
    try {{ new Worker('data:text/javascript,fetch("{other.url}/worker")'); }} catch (e) {{}}
    try {{ navigator.sendBeacon('{other.url}/beacon', 'x'); }} catch (e) {{}}
    try {{ window.open('{other.url}/window'); }} catch (e) {{}}
    try {{ new EventSource('{other.url}/events'); }} catch (e) {{}}
    try {{ fetch('{other.url}/fetch', {{mode: 'no-cors'}}); }} catch (e) {{}}
    get('/moved', put); new Image().src = '{other.url}/image';"""
    head = f"""<style>@import url({other.url}/import.css); body {{ background: url({other.url}/background); }}</style>
        <link rel=stylesheet href={other.url}/style.css><link rel=stylesheet href=/moved>
        <link rel=prefetch href={other.url}/prefetch><link rel=preconnect href={other.url}>
        <script src={other.url}/script.js></script><script src=/moved></script>"""
    frames = f"<iframe src={other.url}/frame></iframe><iframe src=/moved></iframe><img src=/moved><object data={other.url}/object></object>"
    form = f"<form id=form method=post target=nowhere action={other.url}/form></form>"
    if browser.by == "playwright":
        frames += "<iframe src=/framed></iframe>"
    site.answers.update({
        "/data": (200, HTML, LATE.encode()),
        "/framed": page(asks),
        "/moved": to(f"{other.url}/moved"),
        "/page": page(asks + "get('/data', put);", frames + form, head),
        "/form": page("document.getElementById('form').submit(); get('/data', put)", form),
    })  # fmt: skip
    run = ask(browser, site.url, article("/page"), article("/form"))
    assert "/page" in run.shown()
    assert run.slow() == {}
    assert other.host.asked == []


def test_a_page_is_asked_for_in_the_crawlers_name(browser: Browser, serve: Serve) -> None:
    head = "<style>@font-face { font-family: f; src: url(/font.woff); } p { font-family: f; }</style>"
    seen = (
        "<img src=/picture.png><video src=/film.mp4 autoplay></video><audio src=/sound.mp3 autoplay></audio>"
    )
    site = serve({
        "/data": (200, HTML, LATE.encode()),
        "/style.css": (200, {"Content-Type": "text/css"}, b""),
        "/script.js": (200, {"Content-Type": "text/javascript"}, b"get('/data', put)"),
        "/page": page(
            "put('<i>' + navigator.userAgent + '</i>');",
            seen,
            head + "<link rel=stylesheet href=/style.css><script defer src=/script.js></script>",
        ),
    })  # fmt: skip
    headers = {"If-None-Match": '"1"', "If-Modified-Since": "Fri, 06 Mar 2026 00:00:00 GMT", "X-Word": "kept"}
    run = ask(browser, site.url, {**article("/page"), "headers": headers}, AUTOTHROTTLE_ENABLED=True)
    [end] = run.ends.values()
    assert end.shows_it
    assert end.seconds
    assert "<i>smartdaily-crawler/" in (end.text or "")
    asked = {one.path: one.headers for one in site.host.asked}
    assert set(site.asked()) == {"/page", "/style.css", "/script.js", "/data"}
    assert {
        path for path, sent in asked.items() if not sent["user-agent"].startswith("smartdaily-crawler/")
    } == set()
    assert asked["/page"]["x-word"] == "kept"
    assert not {"if-none-match", "if-modified-since", "cookie"} & set(asked["/page"])


def test_a_page_leaves_nothing_to_the_next(browser: Browser, serve: Serve) -> None:
    """One tab. What a site put into Chromium's localStorage stays for the run; Splash has none."""
    tells = """put('<i>' + [typeof window.left, document.cookie || '-', window.name || '-'].join(' ') + '</i>');
    window.left = 1; window.name = 'left'; document.cookie = 'script=1; path=/';
    setInterval(function () { get('/tick', function () {}); location.hash = Math.random(); }, 50);"""
    answer = page(tells + "get('/data', put);")
    answer[1]["Set-Cookie"] = "server=1; Path=/"
    site = serve(
        {
            "/data": (200, HTML, LATE.encode()),
            "/page": answer,
            "/quiet": page("put('<i>none</i>')"),
            "/tick": (200, HTML, b""),
        }
    )
    pages = [article(f"/page?{n}") for n in range(3)]
    run = ask(browser, site.url, *pages, article("/quiet"), RENDER_CONCURRENCY=1)
    assert all("<i>undefined server=1 -</i>" in (run.ends[each["url"]].text or "") for each in pages)
    cookies = [one.headers.get("cookie") for one in site.host.asked if one.path.startswith("/page")]
    assert cookies == [None] * 3
    if browser.by == "playwright":
        assert run.stats["playwright/page_count"] == 1
    since = [one.path for one in site.host.asked]
    assert "/tick" not in since[since.index("/quiet") + 1 :]


def test_a_request_of_scrapy_playwrights_own(chromium: Path, serve: Serve, command: Command) -> None:
    site = serve({"/written": late_page("document.write(LATE)"), "/plain": (200, HTML, LATE.encode())})
    own = {"url": "/written", "meta": {"playwright": True}}
    run = ask(
        Browser("playwright", {"CHROMIUM": str(chromium)}, command),
        site.url,
        own,
        {"url": "/plain"},
        article("/written?wish"),
    )
    assert run.shown() == set(run.ends)
    assert {path: end.flags for path, end in run.ends.items()} == {
        "/written": ["playwright"],
        "/plain": [],
        "/written?wish": ["rendered"],
    }
    assert run.ends["/written"].seconds
