from __future__ import annotations

import pytest

from smartdaily_crawler.learning.names import is_lasting

LASTING = [
    "title",
    "article-title",
    "article_content",
    "rm_txt_con",
    "news_bt1",
    "col-1-1",
    "zdfy",
    "l17",
    "postHead",
    "BodyText",
    "vwtb",
    "e2",
    "h-title",
]
PASSING = [
    "css-1x2y3z",
    "sc-bdVaJa",
    "jsx-2871293847",
    "a8Xk2q",
    "dQxKbn7",
    "Title__text___3fG9a",
    "post-80412",
    "ember123",
    "active",
    "on",
    "current",
    "clearfix",
    "md:flex",
    "w-1/2",
    "fl",
    "text-center",
    "item-20260306",
    "_2kQ9c",
    "3col",
]


@pytest.mark.parametrize("name", LASTING)
def test_names_that_a_person_gave(name: str) -> None:
    assert is_lasting(name)


@pytest.mark.parametrize("name", PASSING)
def test_names_that_the_next_build_or_page_changes(name: str) -> None:
    assert not is_lasting(name)
