from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from smartdaily_crawler.crawl.frontier import CrawlState, ListingState
from smartdaily_crawler.crawl.paging import CategoryWalk, End, Limits
from smartdaily_crawler.items import Teaser

LIMITS = Limits(budget=50, known_unchanged=3)
NEXT = "http://news.example.com/phone/2.html"


def entries(*numbers: int, day: int = 6) -> list[Teaser]:
    return [
        Teaser(url=f"http://news.example.com/{number}.html", position=1, title="标题", published_on=date(2026, 3, day))
        for number in numbers
    ]


def shown(pattern: str, *, was_walked: bool = True) -> ListingState:
    """``k``: known and unchanged; ``n``: new."""
    return ListingState([CrawlState("", is_known_unchanged=letter == "k") for letter in pattern], was_walked)


def turn(walk: CategoryWalk, pattern: str, first: int = 1, next_url: str | None = NEXT, **limits: Any) -> End | None:
    page = entries(*range(first, first + len(pattern)))
    return walk.turn(page, shown(pattern), next_url, replace(LIMITS, **limits))


@pytest.mark.parametrize(
    ("pattern", "end"),
    [("nnnnn", None), ("nkknkk", None), ("nnkkk", "caught_up"), ("kkk", "caught_up"), ("kkknn", "caught_up")],
)
def test_enough_known_unchanged_entries_in_a_row_end_the_walk(pattern: str, end: End | None) -> None:
    assert turn(CategoryWalk("手机"), pattern) == end


def test_known_unchanged_entries_count_across_pages() -> None:
    walk = CategoryWalk("手机")
    assert turn(walk, "nkk") is None
    assert turn(walk, "kn", first=4, next_url=NEXT + "?3") == "caught_up"


def test_pinned_entries_do_not_end_the_walk() -> None:
    assert turn(CategoryWalk("手机"), "kknnn") is None


@pytest.mark.parametrize(
    ("next_url", "limits", "end"),
    [
        (None, {}, "last"),
        (NEXT, {"budget": 1}, "budget"),
        (NEXT, {"max_pages": 1}, "limit"),
        (NEXT, {"max_pages": 2}, None),
        (NEXT, {"since": date(2026, 3, 7)}, "older"),
        (NEXT, {"since": date(2026, 3, 6)}, None),
    ],
)
def test_other_ends_of_the_walk(next_url: str | None, limits: dict[str, Any], end: End | None) -> None:
    assert turn(CategoryWalk("手机"), "nnn", next_url=next_url, **limits) == end


def test_a_page_that_is_older_except_for_one_entry_does_not_end_the_walk() -> None:
    walk = CategoryWalk("手机")
    page = [*entries(1, 2, day=1), *entries(3, day=6)]
    assert walk.turn(page, shown("nnn"), NEXT, replace(LIMITS, since=date(2026, 3, 5))) is None
    assert walk.page == 2


def test_pagers_that_point_back_or_repeat_a_page() -> None:
    walk = CategoryWalk("手机")
    walk.ask(NEXT)
    assert turn(walk, "nnn") == "loop"
    assert turn(walk, "nnn", next_url=NEXT + "?3") == "nothing_new"


@pytest.mark.parametrize(
    ("pattern", "was_walked", "gap"), [("nnn", True, True), ("nnk", True, False), ("nnn", False, False)]
)
def test_a_first_page_without_anything_known_is_a_gap(pattern: str, was_walked: bool, gap: bool) -> None:
    walk = CategoryWalk("手机")
    walk.turn(entries(1, 2, 3), shown(pattern, was_walked=was_walked), NEXT, LIMITS)
    assert walk.gap is gap


def dated(*days_ago: int) -> list[Teaser]:
    return [
        replace(entry, published_on=date(2026, 3, 6) - timedelta(days=ago))
        for entry, ago in zip(entries(*range(len(days_ago))), days_ago, strict=True)
    ]


@pytest.mark.parametrize(
    ("days_ago", "is_unordered"),
    [
        (range(30), False),
        ([40, 50, 60, 45, *range(20)], False),
        ([*range(10), 4, *range(10, 20), 7, *range(20, 30)], False),
        ([3] * 30, False),
        (range(30, 0, -1), True),
        ([*range(5, 25), *range(25)], True),
        ([n * 7 % 29 for n in range(24)], True),
    ],
    ids=["by date", "pinned", "updated", "one day", "oldest first", "begins again", "by heat"],
)
def test_a_list_whose_dates_do_not_fall_is_recognised(days_ago: list[int], is_unordered: bool) -> None:
    walk = CategoryWalk("手机")
    walk.turn(dated(*days_ago), shown("n"), NEXT, LIMITS)
    assert walk.is_unordered is is_unordered


def test_neither_known_nor_old_entries_end_an_unordered_walk() -> None:
    walk = CategoryWalk("手机")
    page = dated(*range(30, 0, -1))
    assert walk.turn(page, shown("k" * 30), NEXT, replace(LIMITS, since=date(2026, 3, 7))) is None


def test_entries_repeated_on_each_page_are_not_out_of_order() -> None:
    walk = CategoryWalk("手机")
    page = dated(*range(60, 66), *range(40))
    for first in range(0, 40, 10):
        walk.turn([*page[:4], *page[6 + first : 16 + first]], shown("n"), f"{NEXT}?{first}", LIMITS)
    assert not walk.is_unordered
