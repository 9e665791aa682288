"""A host that asks to come back in an hour is left alone, also by the next run."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select, stats
from tests.crawl.test_walk import HOME, article, listing
from tests.waiting import wait_for

LATER = Answer(status=429, headers={"Retry-After": "3600"})
SHORT = ("-s", "RETRY_AFTER_MAX=0.2")


class Counting(dict[str, "Answer | str"]):
    """Pages, and how often each was requested."""

    def __init__(self, pages: dict[str, Answer | str]) -> None:
        super().__init__(pages)
        self.asked: Counter[str] = Counter()

    def get(self, path: str, default: Answer | str | None = None) -> Answer | str | None:  # type: ignore[override]
        self.asked[path] += 1
        return super().get(path, default)


def site(status: int, seconds: str | None) -> Counting:
    """A site of forty articles that answers each of them so."""
    headers = {} if seconds is None else {"Retry-After": seconds}
    entries = [(f"/a/{n}.html", f"第{n}篇文章讲的是另一件事情") for n in range(40)]
    return Counting({
        "/": HOME, "/phone/": listing(*entries), "/pc/": listing(*entries),
        **{path: Answer(status=status, headers=headers) for path, _ in entries},
    })  # fmt: skip


def text(path: str) -> str:
    return article(
        f"{path}讲的是这件事", *[f"{path}的第{n}段，只为这一篇而写的文字，别处没有同样的。" for n in range(5)]
    )


def recover(pages: Counting) -> None:
    pages.update({path: text(path) for path in pages if path.startswith("/a/")})


def articles(pages: Counting) -> int:
    return sum(times for path, times in pages.asked.items() if path.startswith("/a/"))


def test_a_host_that_asks_for_an_hour_gets_it(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pages = site(429, "3600")
    url = serve_pages(pages)
    done = scrapy("crawl", "smartdaily", *SHORT, SITE_URL=url)
    # As many as are under way at once, and each of them once more.
    assert 2 <= articles(pages) <= 2 * 16
    [run] = select(engine, "SELECT verdict, stats, finished_at FROM api.run")
    [(host, until)] = [(k.removeprefix("throttle/until/"), v) for k, v in run["stats"].items() if "until" in k]
    assert url == f"http://{host}/"
    ahead = datetime.fromisoformat(until) - run["finished_at"]
    assert timedelta(minutes=50) < ahead <= timedelta(hours=1)
    assert run["verdict"] == "failed", "no article was read"
    assert any(until in reason for reason in run["stats"]["run/reasons"]), run["stats"]["run/reasons"]
    assert done.stderr.count("not requested again before") == 1
    assert sum(run["stats"].get(f"reason/{name}", 0) for name in ("retry_later", "http_429")) == 40

    pages.asked.clear()
    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert (done.returncode, dict(pages.asked)) == (3, {})
    assert "HOST_PAUSE_MAX=0" in done.stderr
    assert "Traceback" not in done.stderr
    [run] = select(engine, "SELECT verdict, reason, stats FROM api.run ORDER BY run_id DESC LIMIT 1")
    assert (run["verdict"], run["reason"]) == ("refused", "retry_later")
    assert until[:10] in run["stats"]["run/reasons"][0]

    recover(pages)
    done = scrapy("crawl", "smartdaily", "-s", "HOST_PAUSE_MAX=0", SITE_URL=url)
    assert done.returncode in (0, 4), done.stderr[-2500:]
    assert articles(pages) == 40


def test_the_hour_ends(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pages = site(503, "3600")
    url = serve_pages(pages)
    scrapy("crawl", "smartdaily", *SHORT, "-s", "HOST_PAUSE_MAX=1", SITE_URL=url)
    until = next(value for name, value in stats(engine).items() if name.startswith("throttle/until/"))
    assert datetime.fromisoformat(until) < datetime.now(UTC) + timedelta(seconds=2)
    recover(pages)
    wait_for(lambda: datetime.now(UTC) > datetime.fromisoformat(until))
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode in (0, 4)
    assert articles(pages) > 40


def test_a_robots_txt_that_asks_for_an_hour(scrapy: Scrapy, serve_pages: ServePages) -> None:
    pages = Counting({"/robots.txt": LATER, "/": HOME})
    url = serve_pages(pages)
    assert scrapy("crawl", "smartdaily", *SHORT, SITE_URL=url).returncode == 1
    assert dict(pages.asked) == {"/robots.txt": 2}
    assert scrapy("crawl", "smartdaily", *SHORT, SITE_URL=url).returncode == 3
    assert dict(pages.asked) == {"/robots.txt": 2}


def test_one_busy_page_closes_nothing(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    entries = [(f"/a/{n}.html", f"第{n}篇文章讲的是另一件事情") for n in range(8)]
    pages = Counting({
        "/": HOME, "/phone/": listing(*entries), "/pc/": listing(*entries),
        **{path: text(path) for path, _ in entries},
        "/a/3.html": Answer(status=503, headers={"Retry-After": "3600"}),
    })  # fmt: skip
    scrapy("crawl", "smartdaily", *SHORT, "-s", "CONCURRENT_REQUESTS=1", SITE_URL=serve_pages(pages))
    assert pages.asked["/a/3.html"] == 2
    assert len(select(engine, "SELECT 1 FROM api.article WHERE state = 'fetched'")) == 7


def test_an_overloaded_site_without_a_time_is_left_too(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pages = site(503, None)
    scrapy("crawl", "smartdaily", *SHORT, SITE_URL=serve_pages(pages))
    assert 20 <= articles(pages) < 40 * 2
    assert json.dumps(stats(engine)).count("throttle/until/") == 1


def test_times_that_overflow(scrapy: Scrapy, serve_pages: ServePages) -> None:
    for value in (
        "9" * 400,
        "Fri, 06 Mar 99999 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "-" * 40,
        "Mon, 01 Jan 0001 00:00:00 GMT",
    ):
        entries = [(f"/a/{n}.html", f"第{n}篇文章讲的是另一件事情") for n in range(3)]
        dated = {"Date": value, "Age": value, "Memento-Datetime": value}
        url = serve_pages({
            "/": Answer(body=HOME, headers=dated), "/phone/": Answer(body=listing(*entries), headers=dated), "/pc/": listing(*entries),
            "/a/0.html": Answer(status=429, headers={"Retry-After": value}),
            "/a/1.html": Answer(body=article("第一篇文章").replace("2026-03-06 08:30", "昨天 08:30"), headers=dated),
            "/a/2.html": Answer(status=503, headers={"Retry-After": value, "Date": value}),
        })  # fmt: skip
        done = scrapy("crawl", "smartdaily", "-s", "RETRY_AFTER_MAX=0.1", SITE_URL=url)
        assert "Traceback" not in done.stderr, (value, done.stderr)
        assert "internal error" not in done.stderr
