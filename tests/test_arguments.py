from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments

SITE = "https://news.example/"


def parse(**raw: Any) -> WalkArguments:
    return WalkArguments.parse(raw, {"SITE_URL": SITE})


def test_defaults_are_the_whole_walk() -> None:
    assert parse() == WalkArguments(site_url=SITE)
    assert parse().is_whole


@pytest.mark.parametrize(
    "raw", [{"categories": "笔记本"}, {"max_pages": "3"}, {"follow_teasers": "no"}, {"mode": "backfill"}]
)
def test_anything_narrower_is_not_whole(raw: dict[str, str]) -> None:
    assert not parse(**raw).is_whole


def test_categories_are_separated_by_commas_of_either_width() -> None:
    assert parse(categories=" 智能手机，笔记本, 平板电脑,").categories == {"智能手机", "笔记本", "平板电脑"}


def test_site_url_gets_its_path() -> None:
    assert parse(site_url=" https://news.example ").site_url == SITE
    assert parse(site_url="https://news.example?lang=zh").site_url == "https://news.example/?lang=zh"
    assert parse(site_url="https://news.example/zh/").site_url == "https://news.example/zh/"


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ({"site_url": "news.example"}, "news.example"),
        ({"site_url": "https://"}, "https://"),
        ({"site_url": "http://[::1"}, "site_url"),
        ({"site_url": "http://a b/"}, "site_url"),
        ({"site_url": "http://news.example:x/"}, "site_url"),
        ({"site_url": "http://a..b/"}, "site_url"),
        ({"site_url": "http://user:secret@news.example/"}, "without a user"),
        ({"max_pages": "-1"}, "max_pages"),
        ({"max_pages": "1.5"}, "max_pages"),
        ({"follow_teasers": "2"}, "follow_teasers"),
        ({"site": "x"}, "site"),
        ({"profile": "no-such.toml"}, "no-such.toml"),
        ({"mode": "fast"}, "incremental, full, backfill"),
        ({"mode": "backfill", "since": "06.03.2026"}, "since takes a date such as 2026-03-06"),
        ({"mode": "backfill", "since": "2026-03-06", "until": "2026-03-05"}, "after until"),
        ({"since": "2026-03-06"}, "mode=backfill"),
        ({"wait": "a while"}, "wait"),
        ({"wait": "-1"}, "wait"),
        ({"wait": "inf"}, "wait"),
        ({"categories": ","}, "categories takes names separated by commas, not ','"),
        ({"max_pages": 0}, "max_pages takes a whole number from 1 up, not '0'"),
        ({"max_pages": 1.5}, "max_pages"),
        ({"site_url": 5}, "site_url"),
        ({"mode": ["full", "backfill"]}, "mode"),
        ({"discover": "rss"}, "discover takes lists, feeds, all, not 'rss'"),
        ({"discover": "feeds", "categories": "笔记本"}, "categories goes with discover=lists"),
        ({"render": "yes"}, "render takes never, splash, playwright, auto, not 'yes'"),
    ],
)
def test_wrong_arguments_are_named(raw: dict[str, str], word: str) -> None:
    with pytest.raises(ArgumentError, match=word) as raised:
        parse(**raw)
    assert "\n" not in str(raised.value)


def test_a_backfill_covers_its_days_and_what_has_no_date() -> None:
    arguments = parse(mode="backfill", since="2026-03-02", until="2026-03-04")
    days = [date(2026, 3, day) for day in range(1, 6)]
    assert [arguments.covers(day) for day in days] == [False, True, True, True, False]
    assert arguments.covers(None)


def test_settings_are_defaults_of_arguments() -> None:
    settings = {"SITE_URL": SITE, "WALK_MODE": "full", "WALK_MAX_PAGES": 3, "WALK_CATEGORIES": "笔记本", "WALK_WAIT": 5}
    assert WalkArguments.parse({"mode": "incremental"}, settings) == WalkArguments(
        site_url=SITE, mode="incremental", max_pages=3, categories=frozenset({"笔记本"}), wait=5.0
    )
    with pytest.raises(ArgumentError, match="max_pages"):
        WalkArguments.parse({}, settings | {"WALK_MAX_PAGES": "many"})


def test_settings_may_be_values_of_python() -> None:
    settings = {
        "SITE_URL": SITE,
        "WALK_MODE": "backfill",
        "WALK_SINCE": date(2026, 3, 6),
        "WALK_CATEGORIES": ["笔记本", "智能手机"],
        "WALK_FOLLOW_TEASERS": False,
        "WALK_WAIT": 0,
    }
    assert WalkArguments.parse({}, settings) == WalkArguments(
        site_url=SITE,
        mode="backfill",
        since=date(2026, 3, 6),
        categories=frozenset({"笔记本", "智能手机"}),
        follow_teasers=False,
    )
    with pytest.raises(ArgumentError, match="max_pages"):
        WalkArguments.parse({}, {"SITE_URL": SITE, "WALK_MAX_PAGES": 0})


def test_no_site_at_all() -> None:
    with pytest.raises(ArgumentError, match="SITE_URL"):
        WalkArguments.parse({}, {})
