"""What a page does not get: more time than its share, more than a visitor may reach, anything of the page before."""

from __future__ import annotations

import html
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.rendering.conftest import in_ci
from tests.rendering.visits import HTML, LATE, Browser, Serve, article, ask, late, late_page, page, to
from tests.warm import Command

pytestmark = in_ci

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
            # A browser opens connections in advance.
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
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
        run = ask(
            browser, site.url, *pages, sites=sites, DOWNLOAD_TIMEOUT=12
        )  # half of it for the browser, which a busy machine delays
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
    run = ask(browser, site.url, *map(article, hanging), DOWNLOAD_TIMEOUT=12)  # as a busy machine loads them slowly
    assert run.shown() == set(hanging)
    assert {end.attempts for end in run.ends.values()} == {1}
    assert run.slow() == {}


# --- what a page may not reach, and what it may not leave behind


def test_nothing_private_is_reached(browser: Browser, serve: Serve) -> None:
    """The site is on private ground itself: its own port is all of it that a page may ask."""
    site, other = serve(), serve()
    port = other.url.rpartition(":")[2]
    spellings = [f"http://{name}:{port}" for name in ("127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]")]
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
    frames += "<iframe src=/framed></iframe>"
    if browser.by == "playwright":  # for Splash see test_fence.py
        frames += f"<iframe srcdoc='{html.escape(f'<script>{asks}</script>')}'></iframe>"
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


def test_a_page_is_asked_for_in_the_crawlers_name_and_language(browser: Browser, serve: Serve) -> None:
    head = "<style>@font-face { font-family: f; src: url(/font.woff); } p { font-family: f; }</style>"
    seen = "<img src=/picture.png><video src=/film.mp4 autoplay></video><audio src=/sound.mp3 autoplay></audio>"
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
    assert {path for path, sent in asked.items() if not sent["user-agent"].startswith("smartdaily-crawler/")} == set()
    assert asked["/page"]["x-word"] == "kept"
    assert asked["/page"]["accept-language"] == "zh-CN,zh;q=0.9"
    # Scripts in Splash ask in the language of its Qt.
    scripts = "zh-CN" if browser.by == "playwright" else "en"
    assert asked["/data"]["accept-language"].partition(",")[0] == scripts
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


def test_a_request_of_scrapy_playwrights_own(chromium: Path, serve: Serve, command: Command, tmp_path: Path) -> None:
    """Our scripts are not in these pages. Those with a profile pass the proxy too, although scrapy-playwright does not start them with the options of others."""
    other, stun = serve(), socket.socket(type=socket.SOCK_DGRAM)
    stun.bind(("127.0.0.1", 0))
    stun.setblocking(False)
    peer = f"""var peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{stun.getsockname()[1]}'}}]}});
    peer.createDataChannel('x');
    peer.createOffer().then(function (offer) {{ return peer.setLocalDescription(offer); }});"""
    site = serve({
        "/written": late_page(f"document.write(LATE + '<script src=/late><\\/script>'); {peer}"),
        "/late": late,
        "/profile": late_page(f"document.write(LATE + '<script src={other.url}/script.js><\\/script>')"),
        "/plain": (200, HTML, LATE.encode()),
    })  # fmt: skip
    own = {"url": "/written", "meta": {"playwright": True}}
    profile = {"user_data_dir": str(tmp_path), "executable_path": str(chromium), "args": ["--no-sandbox"]}
    with_profile = {"playwright": True, "playwright_context": "profile", "playwright_context_kwargs": profile}
    run = ask(
        Browser("playwright", {"CHROMIUM": str(chromium)}, command),
        site.url,
        own,
        {"url": "/profile", "meta": with_profile},
        {"url": "/plain"},
        article("/written?options"),
    )
    assert run.shown() == set(run.ends)
    assert {path: end.flags for path, end in run.ends.items()} == {
        "/written": ["playwright"],
        "/profile": ["playwright"],
        "/plain": [],
        "/written?options": ["rendered"],
    }
    assert run.ends["/written"].seconds
    assert other.host.asked == []
    with stun, pytest.raises(BlockingIOError):
        stun.recv(100)


def test_where_a_name_leads_is_seen_by_the_crawler(browser: Browser, serve: Serve) -> None:
    """Names as the crawler resolves them: one that may be private, and one that may not, in pages and as a page itself."""
    site, other, ours = serve(), serve(), serve()
    ours.answers["/script.js"] = (200, {"Content-Type": "text/javascript"}, f"put({json.dumps(LATE)})".encode())
    inner, cdn = (
        f"http://{name}:{where.url.rpartition(':')[2]}"
        for name, where in (("inner.example", other), ("cdn.example", ours))
    )
    site.answers.update({
        "/moved": to(f"{inner}/moved"),
        "/page": page(
            f"get('/moved', put); get('{inner}/xhr', put);",
            f"<iframe src={inner}/frame></iframe><iframe src=/moved></iframe>",
            f"<link rel=stylesheet href=/moved><script src=/moved></script><script defer src={cdn}/script.js></script>",
        ),
        "/to-inner": page(f"location = '{inner}/target'"),
        "/to-elsewhere": page(f"setTimeout(function () {{ location = '{cdn}/target' }}, 100)"),
        "/by-form": page("document.forms[0].submit()", f"<form method=post action={cdn}/target></form>"),
        "/refreshes": page("", "", f"<meta http-equiv=refresh content='0; url={inner}/target'>"),
    })  # fmt: skip
    leaving = ("/to-inner", "/to-elsewhere", "/by-form", "/refreshes")
    itself = {**article(f"{inner}/itself"), "meta": {"dont_obey_robotstxt": True}}
    run = ask(
        browser,
        site.url,
        *map(article, ("/page", *leaving)),
        itself,
        sites=(inner,),
        TWISTED_DNS_RESOLVER="tests.crawl.names.Names",
        TEST_NAMES=dict.fromkeys(("inner.example", "cdn.example"), "127.0.0.1"),
        PRIVATE_HOSTS=["cdn.example"],
    )
    assert "/page" in run.shown()
    assert run.ends[f"{inner}/itself"].reason == "private_address"
    assert other.host.asked == []
    assert {one.path for one in ours.host.asked} == {"/script.js"}
    assert {path: run.ends[path].reason for path in leaving} == {
        "/to-inner": "private_address",
        "/to-elsewhere": "redirect_offsite",
        "/by-form": "redirect_offsite",
        "/refreshes": "private_address",
    }


def test_robots_txt_is_obeyed_for_what_a_page_requests(browser: Browser, serve: Serve) -> None:
    rules = (
        "/closed", "/*.json$", "/closed/open/*/not", "/*?secret=", "/api;v=1", "/q?a=1&b=2", "/a%2fb", "/p|", "/%62oard", "/标签", "/%b1%ea", "/list",
    )  # fmt: skip
    lines = ["User-agent: *", *(f"Disallow: {rule}" for rule in rules), "Allow: /closed/open", "Allow: /list?open="]
    closed = (
        "/closed/a", "/a.json", "/closed/open/b/not", "/x?secret=1", "/x%3Fsecret=1", "/api;v=1/a", "/q?a=1&b=2&c",
        "/a%2Fb", "/p%7Cq", "/board", "/%E6%A0%87%E7%AD%BE/1", "/标签", "/%b1%EA.html", "/list?shut=1",
    )  # fmt: skip
    may = (
        "/a.json?b",
        "/closed/open",
        "/closed/open/b",
        "/closed/open/not",
        "/api",
        "/q?a=1",
        "/a/b",
        "/%E6%A0%87",
        "/list?open=1",
        "/data",
    )
    site = serve({
        "/robots.txt": (200, {"Content-Type": "text/plain"}, "\n".join(lines).encode()),
        "/data": (200, HTML, LATE.encode()),
        "/page": page("".join(f"get('{path}', put);" for path in (*closed, *may)), "", "<script src=/closed.js></script>"),
        "/leaves": page("setTimeout(function () { location = '/page?left' }, 300)", "", "<script src=/closed-too.js></script>"),
    })  # fmt: skip
    run = ask(browser, site.url, article("/page"), {**article("/leaves"), "meta": {"dont_redirect": True}})
    assert run.shown() == {"/page"}
    assert set(site.asked()) == {"/page", "/leaves", *may}
    assert run.stats["render/forbidden"] == len(closed) + 1 + 1  # and one script of each page
