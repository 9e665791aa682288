"""What is answered that is no page, or leads to another one, is told as plain HTTP tells it."""

from __future__ import annotations

import json

from tests.rendering.conftest import in_full
from tests.rendering.hosts import Answer
from tests.rendering.visits import COMES, HTML, LATE, PROSE, Browser, Serve, article, ask, late_page, page, to

pytestmark = in_full

# --- where a page leads


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
    paths = ("/301", "/302", "/308", "/to-secret", "/to-offsite", "/to-private", "/to-file", "/round", "/round-two")
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
    # Only the crawler asks for the other page.
    asked = site.asked()
    assert {asked[f"/page?{path[1:]}"] for path in lead} == {1}
    assert asked["/secret"] == 0
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
    assert {path: end.attempts for path, end in run.ends.items()} == {**dict.fromkeys(paths, 1), "/500": 2, "/503": 4}
    assert {path: site.asked()[path] for path in paths} == {path: end.attempts for path, end in run.ends.items()}


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
    status, headers, body = late_page(link.replace("ANY", "data").replace("ATTRIBUTE", "download = 'x'") + "put(LATE)")
    # The download begins while the document is loading.
    site.answers["/early-download"] = status, headers, body.replace(b"</body>", b"<script src=/late></script></body>")
    paths = ("/boxes", "/stay", "/window", "/blank-link", "/download", "/early-download", "/stay?again")
    run = ask(browser, site.url, *map(article, paths))
    assert run.shown() == set(paths)
    assert run.slow() == {}
    assert site.asked()["/opened"] == 0
