"""What a rendered page requests from its own host counts as requests of ours."""

from __future__ import annotations

import pytest

from tests.rendering.conftest import in_full
from tests.rendering.hosts import Answer, Asked
from tests.rendering.visits import HTML, LATE, Browser, Serve, article, ask, late_page, page
from tests.warm import Command

by_each = pytest.mark.parametrize("browser", ["splash", pytest.param("playwright", marks=in_full)], indirect=True)
DELAY = 0.4
PAGES = ("/1", "/2", "/3")


def script(**headers: str) -> Answer:
    return (
        200,
        {"Content-Type": "text/javascript", **{name.replace("_", "-"): each for name, each in headers.items()}},
        b"var x = 1;",
    )


@by_each
def test_each_counts_against_the_delay_of_the_host_and_static_files_count_once(browser: Browser, serve: Serve) -> None:
    site, other = serve(), serve({"/cdn.js": script()})
    site.answers.update({
        "/data": (200, HTML, LATE.encode()),
        "/lasting.js": script(Cache_Control="max-age=600"),
        "/lasting.css": (200, {"Content-Type": "text/css", "Cache-Control": "max-age=600"}, b"p { color: red }"),
        "/passing.js": script(Cache_Control="no-store"),
        **{
            path: page(
                "get('/data', put); get('/data?more', put)",
                head=f"<link rel=stylesheet href=/lasting.css><script src={other.url}/cdn.js></script>"
                f"<script src=/lasting.js></script><script src=/passing.js?{path}></script>",
            )
            for path in PAGES
        },
    })  # fmt: skip
    run = ask(
        browser,
        site.url,
        *map(article, PAGES),
        DOWNLOAD_DELAY=DELAY,
        DOWNLOAD_DELAY_JITTER=0,
        CONCURRENT_REQUESTS_PER_DOMAIN=1,
    )
    assert run.shown() == set(PAGES)
    asked = site.asked()
    assert {path: asked[path] for path in ("/lasting.js", "/lasting.css", "/data", "/data?more")} == {
        "/lasting.js": 1,
        "/lasting.css": 1,
        "/data": 3,
        "/data?more": 3,
    }
    resources = sum(asked.values()) - len(PAGES)
    assert run.stats["render/resources"] == resources == 11
    first, second, third = (site.host.times(path)[0] for path in PAGES)
    assert second - first >= 6 * DELAY - 0.1
    assert third - second >= 4 * DELAY - 0.1


@by_each
def test_a_host_that_refuses_a_request_of_a_page_is_left_alone(browser: Browser, serve: Serve) -> None:
    """A page without its content counts as refused itself."""
    refusals = iter(["1"])

    def data(_: Asked) -> Answer:
        waits = next(refusals, None)
        return (200, HTML, LATE.encode()) if waits is None else (503, {**HTML, "Retry-After": waits}, b"")

    site = serve({
        "/fine": late_page("put(LATE); get('/counter', put)"),
        "/counter": (429, {**HTML, "Retry-After": "2"}, b""),
        "/empty": late_page("get('/data', put)"),
        "/data": data,
        "/plain": (200, HTML, LATE.encode()),
    })  # fmt: skip
    pages = article("/fine"), article("/empty"), {"url": "/plain"}
    run = ask(browser, site.url, *pages, DOWNLOAD_DELAY=0.05, CONCURRENT_REQUESTS_PER_DOMAIN=1)
    assert run.shown() == {"/fine", "/empty", "/plain"}
    assert {path: end.attempts for path, end in run.ends.items()} == {"/fine": 1, "/empty": 2, "/plain": 1}
    assert (run.stats["throttle/429"], run.stats["throttle/503"]) == (1, 1)
    [counter], [refused, data_at], [first, again] = (site.host.times(path) for path in ("/counter", "/data", "/empty"))
    assert first - counter >= 1.95
    assert again - refused >= 0.95
    assert data_at > again


def test_requests_that_wait_in_the_downloader_are_held_too(command: Command, serve: Serve) -> None:
    refusals = iter([(429, {**HTML, "Retry-After": "1"}, b"")])
    site = serve({"/busy": lambda _: next(refusals, (200, HTML, b"")), "/a": (200, HTML, b""), "/b": (200, HTML, b"")})
    pages = [{"url": path} for path in ("/busy", "/a", "/b")]
    ask(Browser("", {}, command), site.url, *pages, DOWNLOAD_DELAY=0.2, CONCURRENT_REQUESTS_PER_DOMAIN=1)
    refused, *others = sorted(one.at for one in site.host.asked if one.path != "/robots.txt")
    assert len(others) == 3
    assert others[0] - refused >= 0.95
    assert others[1] - others[0] >= 0.1
