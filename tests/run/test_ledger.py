from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy import Request, signals
from scrapy.signalmanager import SignalManager
from twisted.python.failure import Failure

from pipelines.run.ledger import RequestLedger
from smartdaily_crawler.items import Fetch, Outcome

URL = "https://news.example/1"


class Crawl:
    """Send an engine's signals to a ledger."""

    def __init__(self) -> None:
        self.signals = SignalManager(self)
        self.ledger = RequestLedger(self.signals)

    def schedule(self, request: Request) -> Request:
        self.signals.send_catch_log(signals.request_scheduled, request=request, spider=None)
        return request

    def send(self, request: Request) -> None:
        self.signals.send_catch_log(signals.request_reached_downloader, request=request, spider=None)

    def drop(self, request: Request) -> None:
        self.signals.send_catch_log(signals.request_dropped, request=request, spider=None)

    def idle(self) -> None:
        self.signals.send_catch_log(signals.spider_idle, spider=None)

    def ends(self) -> list[tuple[str, str, str | None]]:
        return [(outcome.fetch.url, outcome.outcome, outcome.reason) for outcome in self.ledger.unfinished()]


@pytest.fixture
def crawl() -> Crawl:
    return Crawl()


def request(url: str = URL, **meta: Any) -> Request:
    return Request(url, meta={"requested_url": url, "kind": "article", **meta})


def outcome(url: str = URL, *parts: str) -> Outcome:
    def fetch(fetched: str) -> Fetch:
        return Fetch(url=fetched, kind="article", final_url=fetched, fetched_at=datetime.now(UTC))

    return Outcome(fetch=fetch(url), parts=[fetch(part) for part in parts], outcome="rejected")


def test_a_run_that_ended_by_itself_reports_unfinished_urls_as_lost(crawl: Crawl) -> None:
    crawl.send(crawl.schedule(request()))
    crawl.idle()
    assert crawl.ends() == [(URL, "failed", "lost")]


def test_requests_in_flight_of_a_stopped_run_are_skipped(crawl: Crawl) -> None:
    crawl.send(crawl.schedule(request()))
    assert crawl.ends() == [(URL, "skipped", "run_stopped")]


def test_a_run_that_was_idle_before_may_be_stopped(crawl: Crawl) -> None:
    crawl.idle()
    crawl.send(crawl.schedule(request()))
    assert crawl.ends() == [(URL, "skipped", "run_stopped")]


def test_scheduled_requests_of_a_stopped_run_are_skipped(crawl: Crawl) -> None:
    crawl.schedule(request("https://news.example/waiting"))
    crawl.send(crawl.schedule(request()))
    assert {end[1:] for end in crawl.ends()} == {("skipped", "run_stopped")}


def test_a_redirect_that_a_stopped_run_did_not_follow_is_skipped(crawl: Crawl) -> None:
    first = crawl.schedule(request())
    crawl.send(first)
    crawl.schedule(first.replace(url="https://news.example/elsewhere", dont_filter=True))
    assert crawl.ends() == [(URL, "skipped", "run_stopped")]


def test_a_committed_item_closes_the_entries_of_its_url_and_its_parts(crawl: Crawl) -> None:
    crawl.send(crawl.schedule(request()))
    crawl.send(crawl.schedule(request("https://news.example/1_2")))
    crawl.ledger.close(outcome(URL, "https://news.example/1_2"))
    assert crawl.ends() == []


def test_a_request_that_the_duplicate_filter_drops_opens_no_entry(crawl: Crawl) -> None:
    crawl.send(crawl.schedule(request()))
    crawl.drop(crawl.schedule(request()))
    crawl.idle()
    assert crawl.ends() == [(URL, "failed", "lost")]
    crawl.ledger.close(outcome())
    crawl.drop(crawl.schedule(request()))
    assert crawl.ends() == []


def test_retries_and_redirects_keep_the_entry_of_the_requested_url(crawl: Crawl) -> None:
    first = crawl.schedule(request())
    crawl.send(first)
    crawl.send(crawl.schedule(first.replace(url="https://news.example/elsewhere", dont_filter=True)))
    crawl.idle()
    assert crawl.ends() == [(URL, "failed", "lost")]


def test_a_fault_is_the_reason(crawl: Crawl) -> None:
    for number, name in enumerate(("callback", "pipeline", "drop")):
        crawl.send(crawl.schedule(request(f"https://news.example/{number}-{name}")))
    response: Any = type("Response", (), {"request": request("https://news.example/0-callback")})
    failure = Failure(KeyError("x"))  # type: ignore[no-untyped-call]  # Twisted
    crawl.signals.send_catch_log(signals.spider_error, failure=failure, response=response, spider=None)
    item = outcome("https://news.example/1-pipeline")
    crawl.signals.send_catch_log(signals.item_error, item=item, response=None, spider=None, failure=failure)
    item = outcome("https://news.example/2-drop")
    crawl.signals.send_catch_log(
        signals.item_dropped, item=item, response=None, spider=None, exception=ValueError("no")
    )
    assert [reason for _, _, reason in crawl.ends()] == ["callback_KeyError", "pipeline_KeyError", "dropped_ValueError"]


def test_requests_outside_the_walk_have_no_entry(crawl: Crawl) -> None:
    crawl.schedule(Request("https://news.example/robots.txt"))
    assert crawl.ends() == []
