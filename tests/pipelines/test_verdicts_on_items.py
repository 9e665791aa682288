"""Validate and deduplicate: an invalid or repeated article becomes an outcome, and no item is dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from scrapy.utils.test import get_crawler

from pipelines.deduplicate import DeduplicatePipeline
from pipelines.validate import ValidatePipeline
from smartdaily_crawler.items import Article, Fetch, Listing, Outcome
from smartdaily_crawler.parsing.dates import OLDEST_DAY

URL = "https://news.example/1.html"
NOW = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)


def validate() -> ValidatePipeline:
    return ValidatePipeline.from_crawler(get_crawler())


def deduplicate() -> DeduplicatePipeline:
    return DeduplicatePipeline.from_crawler(get_crawler())


def fetch(url: str = URL, final_url: str | None = None) -> Fetch:
    return Fetch(url=url, kind="article", final_url=final_url or url, status=200, fetched_at=NOW)


def article(**fields: object) -> Article:
    return replace(
        Article(url=URL, fetch=fetch(), title="新款折叠屏开卖", body=["一段。"], published_on=date(2026, 3, 6)),
        **fields,  # type: ignore[arg-type]  # fields of Article
    )


@pytest.mark.parametrize(("fields", "reason"), [({"title": None}, "no_title"), ({"body": []}, "no_body")])
def test_an_invalid_article_is_rejected_with_its_parts(fields: dict[str, object], reason: str) -> None:
    part = fetch("https://news.example/1_2.html")
    item = article(parts=[part], **fields)
    assert validate().process_item(item) == Outcome(fetch=item.fetch, parts=[part], outcome="rejected", reason=reason)


@pytest.mark.parametrize("day", [NOW.date() + timedelta(days=4), OLDEST_DAY - timedelta(days=1)])
def test_an_impossible_date_costs_the_date_and_not_the_article(day: date) -> None:
    pipeline = validate()
    item = article(published_on=day, published_at=NOW, provenance={"title": "structure", "published": "structure"})
    assert pipeline.process_item(item) == article(provenance={"title": "structure"}, published_on=None)
    assert pipeline.stats.get_value("date/impossible") == 1


@pytest.mark.parametrize("day", [None, OLDEST_DAY, NOW.date(), NOW.date() + timedelta(days=3)])
def test_a_valid_article_passes_unchanged(day: date | None) -> None:
    item = article(published_on=day)
    assert validate().process_item(item) is item


def test_other_items_pass() -> None:
    listing = Listing(fetch=fetch(), category="智能手机", page=1)
    assert validate().process_item(listing) is listing
    assert deduplicate().process_item(listing) is listing


@pytest.mark.parametrize(("redirect", "alias_of"), [("permanent", URL), ("temporary", None)])
def test_a_page_is_stored_once_a_run(redirect: Literal["permanent", "temporary"], alias_of: str | None) -> None:
    pipeline = deduplicate()
    first, again = article(), article(fetch=fetch("https://m.news.example/1.html"))
    again.fetch.redirect = redirect
    assert pipeline.process_item(first) is first
    expected = Outcome(fetch=again.fetch, outcome="duplicate", reason="seen", alias_of=alias_of)
    assert pipeline.process_item(again) == expected
    assert pipeline.stats.get_value("article/met") == 1
