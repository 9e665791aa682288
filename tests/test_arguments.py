from __future__ import annotations

from typing import Any

import pytest

from smartdaily_crawler.arguments import ArgumentError, WalkArguments

SITE = "https://news.example/"


def parse(**raw: Any) -> WalkArguments:
    return WalkArguments.parse(raw, default_site_url=SITE)


def test_defaults_are_the_whole_walk() -> None:
    assert parse() == WalkArguments(site_url=SITE)
    assert parse().is_whole


@pytest.mark.parametrize("raw", [{"categories": "笔记本"}, {"max_pages": "3"}, {"follow_teasers": "no"}])
def test_anything_narrower_is_not_whole(raw: dict[str, str]) -> None:
    assert not parse(**raw).is_whole


def test_categories_are_parted_by_commas_of_either_width() -> None:
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
    ],
)
def test_wrong_arguments_are_named(raw: dict[str, str], word: str) -> None:
    with pytest.raises(ArgumentError, match=word) as raised:
        parse(**raw)
    assert "\n" not in str(raised.value)


def test_no_site_at_all() -> None:
    with pytest.raises(ArgumentError, match="SITE_URL"):
        WalkArguments.parse({}, default_site_url=None)
