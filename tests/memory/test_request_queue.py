"""Requests that wait: the latest in memory, the others in a file."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

import pytest
from scrapy import Request, Spider

from smartdaily_crawler.memory import request_queue
from smartdaily_crawler.memory.request_queue import SpillingLifoQueue


class Walk(Spider):
    name = "walk"

    def parse_page(self, response: Any) -> None: ...


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[SpillingLifoQueue]:
    monkeypatch.setattr(request_queue, "CHUNK", 10)
    queue = SpillingLifoQueue(Walk())
    yield queue
    queue.close()


def page(number: int, queue: SpillingLifoQueue) -> Request:
    spider = queue._spider
    assert isinstance(spider, Walk)
    return Request(f"https://example.com/{number}", spider.parse_page, meta={"number": number}, cb_kwargs={"n": (1, 2)})


def urls(queue: SpillingLifoQueue) -> Iterator[int]:
    while request := queue.pop():
        yield request.meta["number"]


def test_the_last_request_comes_first_from_memory_and_from_the_file(queue: SpillingLifoQueue) -> None:
    for number in range(95):
        queue.push(page(number, queue))
    assert (len(queue), len(queue._requests)) == (95, 15)
    assert list(urls(queue)) == list(range(95))[::-1]
    assert len(queue) == 0


def test_a_request_is_the_same_after_the_file(queue: SpillingLifoQueue) -> None:
    for number in range(25):
        queue.push(page(number, queue))
    *_, first = iter(queue.pop, None)
    assert first.to_dict(spider=queue._spider) == page(0, queue).to_dict(spider=queue._spider)
    assert first.callback == queue._spider.parse_page  # type: ignore[union-attr]  # a Walk


def test_requests_are_pushed_while_others_are_taken(queue: SpillingLifoQueue) -> None:
    expected: list[int] = []
    for number in range(400):
        queue.push(page(number, queue))
        expected.append(number)
        if number % 3 == 2:
            assert queue.peek() is not None
            assert [next(urls(queue)), next(urls(queue))] == [expected.pop(), expected.pop()]
    assert list(urls(queue)) == expected[::-1]


def test_requests_with_another_callback_stay_in_memory(queue: SpillingLifoQueue) -> None:
    for number in range(50):
        queue.push(Request(f"https://example.com/{number}", print, meta={"number": number}))
    assert len(queue._requests) == 50
    assert list(urls(queue)) == list(range(50))[::-1]


def test_a_full_disk_loses_no_request(queue: SpillingLifoQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(request_queue, "TemporaryFile", full)
    for number in range(50):
        queue.push(page(number, queue))
    assert list(urls(queue)) == list(range(50))[::-1]
