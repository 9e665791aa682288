from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response

from smartdaily_crawler.crawl.fetches import fetch_of
from smartdaily_crawler.items import Kind
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.policy import JsDetectionStats, Rendering
from smartdaily_crawler.sites.profile import Render

SHELL = Document('<div id="app"></div><script src="/assets/app.3f2a.js"></script>', "http://news.example/")
PLAIN = Document("<p>页面不存在</p>", "http://news.example/")


def rendering(policy: Render, stats: Counter[str] | None = None, before: dict[str, Any] | None = None) -> Rendering:
    counted = Counter() if stats is None else stats
    return Rendering(
        policy,
        None if policy == "never" else "playwright" if policy == "playwright" else "splash",
        Selectors(entries="li.item", body="div.text"),
        JsDetectionStats(lambda event: counted.update([event]), before),
    )


def page(kind: Kind = "article", path: str = "/news/7.html", **meta: Any) -> Request:
    return Request(f"http://news.example{path}", meta={"kind": kind, **meta})


@pytest.mark.parametrize(
    ("policy", "by"), [("never", None), ("splash", "splash"), ("playwright", "playwright"), ("auto", None)]
)
def test_a_first_page(policy: Render, by: str | None) -> None:
    render_options = rendering(policy).before(page())
    assert (render_options.by if render_options else None) == by


def test_what_is_waited_for_is_what_the_profile_names() -> None:
    always = rendering("splash")
    kinds: list[Kind] = ["home", "listing", "article", "part"]
    chosen = [always.before(page(kind)) for kind in kinds]
    assert [render_options and render_options.selector for render_options in chosen] == [
        None,
        "li.item",
        "div.text",
        "div.text",
    ]


def test_a_shell_is_asked_for_again_once() -> None:
    auto = rendering("auto")
    again = auto.after(page(), SHELL, found=False)
    assert again is not None
    assert again.meta["render"] == RenderOptions(by="splash", kind="article", selector="div.text")
    assert again.dont_filter
    assert auto.after(again, SHELL, found=False) is None


def test_another_sight_has_its_own_retries_and_counts_those_before() -> None:
    auto = rendering("auto")
    first = page(requested_url="http://news.example/news/7.html", retry_times=2, max_retry_times=5)
    again = auto.after(first, SHELL, found=False)
    assert again is not None
    assert {"retry_times", "max_retry_times"}.isdisjoint(again.meta)
    again.meta["retry_times"] = 1
    assert fetch_of(again).attempts == 5


def test_a_shell_at_the_end_of_a_redirect_keeps_its_kind() -> None:
    for statuses, kind in (([301], "permanent"), ([301, 302], "temporary")):
        first = page(
            requested_url="http://news.example/old/7.html", redirect_reasons=statuses, redirect_times=len(statuses)
        )
        again = rendering("auto").after(first, SHELL, found=False)
        assert again is not None
        assert {"redirect_reasons", "redirect_times"}.isdisjoint(again.meta)
        assert fetch_of(again, Response(again.url)).redirect == kind


def test_a_list_is_looked_at_first_and_scrolled_then() -> None:
    splash = rendering("splash")
    first = page("listing", render=splash.before(page("listing")))
    assert splash.may_hold_more(first)
    deeper = splash.deeper(first, 7)
    assert deeper.meta["render"] == RenderOptions(by="splash", kind="listing", selector="li.item", scrolls=7)
    assert not splash.may_hold_more(deeper)
    assert not splash.may_hold_more(page("listing"))


@pytest.mark.parametrize("policy", ["never", "splash", "playwright"])
def test_only_auto_looks_at_a_page(policy: Render) -> None:
    assert rendering(policy).after(page(), SHELL, found=False) is None


def test_what_is_no_shell_is_not_asked_for_again() -> None:
    auto = rendering("auto")
    assert auto.after(page(), PLAIN, found=False) is None
    assert auto.after(page(), SHELL, found=True) is None
    assert auto.after(page(), None, found=False) is None


def test_after_ten_shells_of_a_kind_the_browser_is_asked_at_once() -> None:
    auto = rendering("auto")
    for _ in range(10):
        assert auto.before(page()) is None
        assert auto.after(page(), SHELL, found=False)
    assert auto.before(page()) is not None
    assert auto.before(page(path="/video/7.html")) is None
    assert auto.before(page(kind="listing")) is None


def test_one_in_twenty_is_asked_for_plainly_all_the_same() -> None:
    auto = rendering("auto", before={"render/js_required/article /news": 10})
    plainly = 0
    for _ in range(100):
        request = page()
        if render_options := auto.before(request):
            request.meta["render"] = render_options
            auto.after(request, SHELL, found=True)
        else:
            plainly += 1
            assert auto.after(request, SHELL, found=False)
    assert plainly == 5


def test_a_place_whose_rendered_pages_show_nothing_is_doubted_too() -> None:
    auto = rendering("auto", before={"render/js_required/article /news": 10})
    unseen = 0
    for _ in range(40):
        unseen += auto.before(page()) is not None
        assert auto.after(page(render="unseen"), SHELL, found=False) is None
    assert unseen == 38


def test_plain_pages_count_that_were_seen_before_the_first_shell() -> None:
    stats: Counter[str] = Counter()
    auto = rendering("auto", stats)
    auto.after(page(), PLAIN, found=True)
    for _ in range(12):
        auto.after(page(), SHELL, found=False)
    assert auto.before(page()) is None
    assert stats == {"render/static/article /news": 1, "render/js_required/article /news": 12}


def test_one_plain_page_ends_the_certainty_of_a_run() -> None:
    stats: Counter[str] = Counter()
    auto = rendering("auto", stats, {"render/js_required/article /news": 200})
    assert auto.before(page()) is None  # the one in twenty
    auto.after(page(), SHELL, found=True)
    auto.js_detection.count_js_required("article /news")
    assert auto.before(page()) is None
    assert stats == {"render/static/article /news": 1, "render/js_required/article /news": 1}


def test_a_kind_that_was_plain_in_the_run_before_is_learnt_anew() -> None:
    before = {
        "render/js_required/article /news": 50,
        "render/static/article /news": 1,
        "render/js_required/listing /ai": 12,
    }
    js_detection = JsDetectionStats(lambda _: None, before)
    assert not js_detection.is_sure("article /news")
    assert js_detection.is_sure("listing /ai")
    assert js_detection.carried() == {"render/js_required/listing /ai": 12}


def test_places_are_bounded() -> None:
    stats: Counter[str] = Counter()
    js_detection = JsDetectionStats(lambda event: stats.update([event]))
    for number in range(1_000):
        js_detection.count_js_required(f"article /{number}")
    assert len(stats) == 200
