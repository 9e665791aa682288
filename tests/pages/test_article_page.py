"""Rules of a site for its article pages: what they find, that there is none, and why a selector is silent."""

from __future__ import annotations

import pytest

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.article_page import ArticlePage
from tests.pages.pages import URL

TITLE = "折叠屏手机的铰链又轻了一些"
TEXT = "".join(
    f"<p>{text}</p>"
    for text in ("铰链的零件从四十件减到了二十八件，重量轻了两成。", "新的转轴将在秋季的机型上使用，价格没有公布。") * 3
)
PAGE = (
    f"<h1>{TITLE}</h1><div class=info>2026-03-06 08:30 来源：北辰报 <i class=who>许砚·值班</i></div><div>{TEXT}</div>"
)


def read(page: str = PAGE, page_class: type[ArticlePage] = ArticlePage, **selectors: str) -> dict[str, str | None]:
    reading = read_article(Document(page, URL), Selectors(**selectors), page_class=page_class)
    return {
        name: found.value if (found := getattr(reading, name)) else None for name in ("published", "source", "author")
    }


class NoSource(ArticlePage):
    def source(self) -> str:
        return ""


class Silent(ArticlePage):
    def source(self) -> str | None:
        return self.css(".nothing::text").get()


class ManySources(ArticlePage):
    def source(self) -> str | None:
        return ["北辰报"]  # type: ignore[return-value]


def test_a_rule_can_say_that_a_page_has_no_such_field() -> None:
    assert read()["source"] == "来源：北辰报"
    assert read(page_class=Silent)["source"] == "来源：北辰报"
    assert read(page_class=NoSource)["source"] is None
    assert read(source="")["source"] is None
    assert read(published="")["published"] is None


def test_a_name_that_a_rule_gives_to_a_field_is_no_other_field() -> None:
    class Author(ArticlePage):
        def author(self) -> str | None:
            return "来源：北辰报"

    found = read(page_class=Author)
    assert (found["author"], found["source"]) == ("来源：北辰报", None)


def test_a_method_that_returns_no_text_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"ManySources.source\(\) takes a text or None, not list"):
        read(page_class=ManySources)


@pytest.mark.parametrize(
    ("selectors", "field", "why"),
    [
        ({"author": ".nobody"}, "author", "'.nobody' matches nothing"),
        ({"author": ".info"}, "author", "'.info' matches '2026-03-06 08:30 来源：北辰报 许砚·值班', which is no name"),
        ({"published": ".who"}, "published", "'.who' matches '许砚·值班', which is no date"),
        ({"author": ".who"}, "author", None),
        ({"author": ""}, "author", None),
        ({}, "author", None),
    ],
)
def test_why_a_selector_is_silent(selectors: dict[str, str], field: str, why: str | None) -> None:
    assert ArticlePage(Document(PAGE, URL), Selectors(**selectors)).why_silent(field) == why
