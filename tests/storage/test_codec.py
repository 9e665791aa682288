"""Encoding items as JSON, and decoding them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.storage.spill.codec import NotAnItemError, decode, encode
from smartdaily_crawler.items import Article, Listing, Navigation, Outcome
from tests.storage.making import NOON, article, listing, navigation, outcome

ANY_TEXT = st.text(st.characters(exclude_categories=[]))
"""Any text, with NULs and lone surrogates."""
OFFSETS = st.integers(-86_399, 86_399).map(lambda seconds: timezone(timedelta(seconds=seconds)))
for kind, strategy in ((str, ANY_TEXT), (datetime, st.datetimes(timezones=OFFSETS))):
    st.register_type_strategy(kind, strategy)


@given(st.one_of(*map(st.from_type, (Navigation, Listing, Article, Outcome))))
def test_round_trip(item: Any) -> None:
    kept = json.dumps(encode(item))
    assert kept.isascii()
    assert decode(json.loads(kept)) == item


@pytest.mark.parametrize(
    ("spoilt", "complaint"),
    [
        ({"title": object()}, "Article.title may not be .*<object"),
        ({"title": 5}, "Article.title may not be"),
        ({"title": b"5"}, "Article.title may not be"),
        ({"title": NOON}, "Article.title may not be"),
        ({"body": [None]}, r"Article.body\[0\] may not be"),
        ({"published_on": "0000-00-00"}, "Article.published_on may not be .*0000-00-00"),
        ({"published_on": NOON}, "Article.published_on may not be"),
        ({"teasers": ["b"]}, r"Article.teasers\[0\] cannot be read"),
        ({"provenance": {"title": float("nan")}}, r"Article.provenance\['title'\] may not be"),
        ({"provenance": {1: "meta"}}, r"Article.provenance\['repr'\] may not be"),
    ],
)
def test_a_value_of_a_wrong_type_is_kept_but_never_decoded(spoilt: dict[str, Any], complaint: str) -> None:
    kept = json.loads(json.dumps(encode(article("a", **spoilt)), allow_nan=False))
    with pytest.raises(NotAnItemError, match=complaint):
        decode(kept)


@pytest.mark.parametrize(
    "kept", [None, [], {}, {"type": "Fetch"}, {"type": []}, {"type": "Article"}, {"type": "Article", "fields": {}}]
)
def test_values_that_are_no_items(kept: Any) -> None:
    with pytest.raises(NotAnItemError):
        decode(kept)


def test_fields_of_another_version() -> None:
    kept = encode(article("a"))
    del kept["fields"]["images"], kept["fields"]["fetch"]["renderer"]
    assert decode(kept) == article("a")
    kept["fields"]["published_on"] = "0000-00-00"
    with pytest.raises(NotAnItemError, match=r"Article\.published_on cannot be read"):
        decode(kept)
    with pytest.raises(NotAnItemError, match="Article cannot be read: 'mood'"):
        decode({**kept, "fields": {"mood": "good"}})


def test_every_type_is_known() -> None:
    for item in (article("a", teases="b"), listing("手机", "a"), navigation("手机"), outcome("a", "gone")):
        assert decode(encode(item)) == item
