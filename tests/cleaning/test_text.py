from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartdaily_crawler.cleaning.text import clean, paragraphs

ANYTHING = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  星河 发布\n新机 ", "星河 发布 新机"),
        ("\u3000\u3000段落\xa0开头", "段落 开头"),
        ("星\x00河\u200b发\ufeff布", "星河发布"),
        ("\ue5e5\ue5e5正文\ue5e5继续", "正文 继续"),
        ("坏\ud800字\udfff", "坏字"),
        ("行\u2028间\x85距", "行 间 距"),
        ("一家👨\u200d👩\u200d👧合影", "一家👨\u200d👩\u200d👧合影"),
        ("零\u200d宽", "零宽"),
        ("", None),
        (" \xa0\u3000\n\t\u200b\ue5e5\x00", None),
    ],
)
def test_clean(raw: str, expected: str | None) -> None:
    assert clean(raw) == expected


@given(ANYTHING)
def test_clean_is_idempotent_and_leaves_text_that_can_be_stored(raw: str) -> None:
    cleaned = clean(raw)
    if cleaned is not None:
        assert clean(cleaned) == cleaned
        assert "\x00" not in cleaned
        cleaned.encode("utf-8")


def test_paragraphs_keep_order_and_drop_empty_ones() -> None:
    assert paragraphs(["\u3000一", "", "\xa0", "二 "]) == ["一", "二"]
