from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.network.robots import Robots
from smartdaily_crawler.rendering.availability import Availability
from smartdaily_crawler.rendering.errors import RendererGivenUpError
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import Beside, Timeouts


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def renderer_with(patience: float, clock: Clock, *, is_stopping: bool = False) -> Availability:
    return Availability(patience, lambda: is_stopping, clock)


def test_one_that_answers_is_asked_at_once(clock: Clock) -> None:
    asyncio.run(renderer_with(60, clock).wait())


def test_pauses_double_and_one_answer_ends_them(clock: Clock) -> None:
    renderer, pauses = renderer_with(60, clock), []
    for _ in range(6):
        renderer.was_silent(clock.now)
        pauses.append(renderer.pause)
        clock.now += renderer.pause
    assert pauses == [0.5, 1, 2, 4, 8, 8]
    renderer.answered()
    renderer.was_silent(clock.now)
    assert renderer.pause == 0.5


def test_those_that_were_asked_together_make_one_pause(clock: Clock) -> None:
    renderer = renderer_with(60, clock)
    for _ in range(4):
        renderer.was_silent(clock.now)
    assert renderer.pause == 0.5


def test_asked_in_vain_for_too_long_it_is_given_up(clock: Clock) -> None:
    renderer = renderer_with(60, clock)
    renderer.was_silent(clock.now)
    clock.now += 59
    renderer.was_silent(clock.now)
    assert not renderer.is_given_up
    clock.now += 2
    renderer.was_silent(clock.now)
    with pytest.raises(RendererGivenUpError):
        asyncio.run(renderer.wait())


def test_one_that_nobody_asked_for_long_is_asked_again(clock: Clock) -> None:
    """A page that is tried again comes after all that are not, which may be minutes later."""
    renderer = renderer_with(60, clock)
    renderer.was_silent(clock.now)
    clock.now += 600
    asyncio.run(renderer.wait())


def test_a_run_that_is_stopped_waits_for_nobody(clock: Clock) -> None:
    renderer = renderer_with(60, clock, is_stopping=True)
    with pytest.raises(IgnoreRequest, match="run_stopped"):
        asyncio.run(renderer.wait())


def test_a_long_wait_for_one_page_counts_from_when_it_was_asked(clock: Clock) -> None:
    renderer, asked = renderer_with(20, clock), clock.now
    clock.now += 25
    renderer.was_silent(asked)
    assert renderer.is_given_up


def test_a_tab_is_kept_if_robots_txt_ends_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    chromium_page = pytest.importorskip("smartdaily_crawler.rendering.chromium_page", exc_type=ImportError)

    async def within(*_: object) -> None:
        raise IgnoreRequest

    monkeypatch.setattr(Robots, "within", within)
    monkeypatch.setattr(chromium_page, "ScrapyPlaywrightDownloadHandler", Mock())
    crawler = Crawler(Spider, {"USER_AGENT": "bot"})
    pages = chromium_page.ChromiumPages(crawler, Timeouts(1, 1, 1))
    pages._idle.append(tab := object())
    options = RenderOptions(by="playwright", kind="article")
    with pytest.raises(IgnoreRequest):
        asyncio.run(pages.render(Request("http://news.example/"), options, Beside()))
    assert pages._idle == [tab]
