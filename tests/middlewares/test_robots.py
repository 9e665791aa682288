"""RFC 9309 against real servers."""

from __future__ import annotations

import socket

from tests.middlewares.conftest import Answer, Ask, Serve


def rules(text: str) -> Answer:
    return Answer(body=text.encode(), headers={"Content-Type": "text/plain"})


FORBID = rules("User-agent: *\nDisallow: /secret")
FORBID_ALL = rules("User-agent: *\nDisallow: /")


def test_each_status_class(serve: Serve, ask: Ask) -> None:
    moved = serve(rules=[FORBID])
    hosts = {
        "200": serve([FORBID]),
        "301 to another host": serve([Answer(301, headers={"Location": f"{moved.url}/rules"})]),
        "404": serve([Answer(404)]),
        "403": serve([Answer(403)]),
        "429": serve([Answer(429, headers={"Retry-After": "0"})]),
        "500": serve([Answer(500)]),
        "503": serve([Answer(503, headers={"Retry-After": "0"})]),
        "round in circles": serve([Answer(302, headers={"Location": "/robots.txt"})]),
        "to a private address": serve([Answer(302, headers={"Location": "/private/robots.txt"})]),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    pages = [*(f"{host.url}/secret" for host in hosts.values()), f"{nobody}/secret"]
    ends = ask(*pages, RETRY_TIMES=0, RETRY_AFTER_TIMES=1)
    assert dict(zip([*hosts, "nobody there"], ends, strict=True)) == {
        "200": "robots_forbidden",
        "301 to another host": "robots_forbidden",
        "404": 200,
        "403": 200,
        "429": "robots_unreachable",
        "500": "robots_unreachable",
        "503": "robots_unreachable",
        "round in circles": 200,
        "to a private address": 200,
        "nobody there": "robots_unreachable",
    }
    asked = {name: [path for path, _ in host.asked if path != "/robots.txt"] for name, host in hosts.items()}
    assert {name for name, paths in asked.items() if "/secret" in paths} == {
        "404",
        "403",
        "round in circles",
        "to a private address",
    }


def test_a_silent_host_is_unreachable(serve: Serve, ask: Ask) -> None:
    host = serve([Answer(silent=True)])
    assert ask(f"{host.url}/secret", RETRY_TIMES=0, DOWNLOAD_TIMEOUT=1) == ["robots_unreachable"]
    assert host.times("/secret") == []


def test_five_redirects_are_followed(serve: Serve, ask: Ask) -> None:
    steps = {f"r{step}": [Answer(302, headers={"Location": f"/r{step + 1}"})] for step in range(1, 5)}
    host = serve([Answer(302, headers={"Location": "/r1"})], **steps, r5=[FORBID])
    assert ask(f"{host.url}/secret") == ["robots_forbidden"]
    assert [path for path, _ in host.asked] == ["/robots.txt", "/r1", "/r2", "/r3", "/r4", "/r5"]


def test_the_first_500_kibibytes_are_read(serve: Serve, ask: Ask) -> None:
    filler = "# " + "x" * 98 + "\n"
    before = serve([rules(filler * 4900 + "User-agent: *\nDisallow: /secret")])
    beyond = serve([rules(filler * 5200 + "User-agent: *\nDisallow: /secret")])
    assert ask(f"{before.url}/secret", f"{beyond.url}/secret") == ["robots_forbidden", 200]


def test_our_own_group_goes_before_the_common_one(serve: Serve, ask: Ask) -> None:
    own = serve([rules("User-agent: *\nDisallow: /\n\nUser-agent: SmartDaily-Crawler\nDisallow: /secret")])
    other = serve([rules("User-agent: crawler\nDisallow: /\n\nUser-agent: *\nDisallow: /secret")])
    marked = serve([rules("\ufeffUser-agent: *\nDisallow: /secret")])
    pages = [f"{host.url}/{page}" for host in (own, other, marked) for page in ("open", "secret")]
    assert ask(*pages) == [200, "robots_forbidden"] * 3


def test_one_fetch_serves_a_day(serve: Serve, ask: Ask) -> None:
    host = serve([FORBID])
    assert ask(*[f"{host.url}/open"] * 3) == [200, 200, 200]
    assert len(host.times("/robots.txt")) == 1


def test_old_rules_are_asked_for_anew(serve: Serve, ask: Ask) -> None:
    host = serve([FORBID_ALL, FORBID])
    pages = [f"{host.url}/open", f"{host.url}/open"]
    assert ask(*pages, ROBOTS_MAX_AGE=0) == ["robots_forbidden", 200]


def test_old_rules_serve_on_while_the_host_does_not_answer(serve: Serve, ask: Ask) -> None:
    host = serve([FORBID, Answer(500)])
    pages = [f"{host.url}/open", f"{host.url}/open", f"{host.url}/secret"]
    assert ask(*pages, ROBOTS_MAX_AGE=0, RETRY_TIMES=0) == [200, 200, "robots_forbidden"]
    assert len(host.times("/robots.txt")) == 3


def test_a_crawl_delay_is_kept_up_to_the_cap(serve: Serve, ask: Ask) -> None:
    kept = serve([rules("User-agent: *\nCrawl-delay: 0.6")])
    capped = serve([rules("User-agent: *\nCrawl-delay: 3600")])
    pages = [f"{host.url}/open" for host in (kept, capped) for _ in range(3)]
    assert ask(*pages, CRAWL_DELAY_MAX=0.8) == [200] * 6
    for host, delay in ((kept, 0.6), (capped, 0.8)):
        first, _, third = host.times("/open")
        # Both pauses together: where a request is slow to arrive, the pause after it looks shorter than it was.
        assert third - first >= 1.6 * delay
