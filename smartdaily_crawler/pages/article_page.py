"""The rules of a site for its article pages: selectors of its profile, and methods of a class of its own.

A rule is believed wherever it matches, whatever the structure of the page shows; the structure answers where it is silent.
"""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import asdict
from functools import cached_property
from typing import Any, Literal

from parsel import Selector, SelectorList

from smartdaily_crawler.markup import records
from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages import body
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.list_items import read_unit
from smartdaily_crawler.pages.reading import ExtractedValue, TeaserReading
from smartdaily_crawler.parsing import dates, info_line

_LONGEST = 40
"""Characters of a date or a name."""
Byline = Literal["published", "source", "author", "editor"]


class ArticlePage:
    """One article page, with a method for each field that a site may read by a rule of its own.

    Subclass it, override what you need, and set the class as ``article_page`` of the site's spider. A method returns the value
    as printed, with or without its label; ``""`` if the page has none; or ``None`` to leave the field to the structure. A
    method that is not overridden reads by the selector in the site's profile, and an empty selector says that there is none.

    >>> class ExamplePage(ArticlePage):
    ...     def source(self):
    ...         return self.css(".from::text").re_first("转自(.+)")
    >>> page = ExamplePage(Document("<h1>标题</h1><i class=from>转自北辰资讯</i>", "http://news.example.com/1.html"))
    >>> page.source(), page.author()
    ('北辰资讯', None)
    """

    def __init__(self, document: Document, selectors: Selectors | None = None) -> None:
        self.document = document
        self.selectors = selectors or Selectors()

    @property
    def url(self) -> str:
        """URL at which the page answered."""
        return self.document.url

    @cached_property
    def selector(self) -> Selector:
        """The whole page, scripts included."""
        return Selector(text=self.document.text, type="html", base_url=self.url)

    def css(self, query: str) -> SelectorList[Selector]:
        return self.selector.css(query)

    def xpath(self, query: str) -> SelectorList[Selector]:
        return self.selector.xpath(query)

    def is_article(self) -> bool | None:
        """Return whether the page is an article; by default ``None``, which leaves it to the structure."""
        return None

    def title(self) -> str | None:
        return self._first_text(self.selectors.title)

    def published(self) -> str | None:
        return self._printed("published")

    def source(self) -> str | None:
        return self._printed("source")

    def author(self) -> str | None:
        return self._printed("author")

    def editor(self) -> str | None:
        return self._printed("editor")

    def summary(self) -> str | None:
        return self._first_text(self.selectors.summary)

    def body(self) -> list[str] | None:
        """Return the paragraphs. Those of a selector are not returned here: see ``selected_body``."""
        return None

    def teasers(self) -> list[TeaserReading] | None:
        units = (records.unit_of(self.document, element) for element in self._elements(self.selectors.teasers))
        found = [teaser for unit in units if unit and (teaser := read_unit(self.document, unit, "teasers"))]
        return found or None

    def info_line(self) -> dict[str, ExtractedValue]:
        """Return the fields of the selected info line by name; empty if none is selected."""
        found: dict[str, ExtractedValue] = {}
        for element in self._elements(self.selectors.info_line):
            for field, value in info_line.parse("\t".join(self.document.runs_of(element)))._asdict().items():
                if value:
                    found[field] = ExtractedValue(value, "selector")
        return found

    def value(self, field: str) -> ExtractedValue | None:
        """Return what a field's rule finds, with its provenance; ``None`` if it is silent.

        The value is empty if the rule says that the page has none. Raise ``TypeError`` for a method that returns no text.
        """
        value = getattr(self, field)()
        if value is None:
            return None
        if not isinstance(value, str):
            raise TypeError(f"{type(self).__name__}.{field}() takes a text or None, not {type(value).__name__}")
        text = " ".join(value.split())
        return ExtractedValue(text, self.provenance(field)) if text or not value else None

    def why_silent(self, field: str) -> str | None:
        """Return why the selector of a field finds nothing, for people; ``None`` without a selector or if it finds something."""
        css = getattr(self.selectors, field)
        if not css or self.provenance(field) == "method" or getattr(self, field)():
            return None
        texts = [text for element in self._elements(css) if (text := text_of(element))]
        if not texts:
            return f"{css!r} matches nothing"
        shown = texts[0] if len(texts[0]) <= _LONGEST else f"{texts[0][:_LONGEST]}…"
        return f"{css!r} matches {shown!r}, which is no {'date' if field == 'published' else 'name'}"

    def provenance(self, field: str) -> Literal["method", "selector"]:
        return "selector" if getattr(type(self), field) is getattr(ArticlePage, field) else "method"

    def has_rule(self, field: str) -> bool:
        return self.provenance(field) == "method" or getattr(self.selectors, field, None) is not None

    def selected_body(self, after: int, listed: bytearray) -> Body | None:
        """Return the selected text.

        If one element is selected, it holds the paragraphs, and the lists in it are left out; if several are, they are the paragraphs.

        :param after: index of the title's line, -1 without one.
        :param listed: lines in lists.
        """
        regions = [
            region for element in self._elements(self.selectors.body) if (region := self.document.region_of(element))
        ]
        regions = [region for region in regions if region.start < region.end]
        if not regions:
            return None
        if len(regions) == 1:
            region = regions[0]
            lines = body.own_lines(self.document, region, min(after, region.start - 1), listed)
        else:
            region = regions[0].parent or regions[0]
            lines = sorted({line for each in regions for line in range(each.start, each.end)})
        return Body(region, lines) if lines else None

    def _elements(self, css: str | None) -> list[Any]:
        return self.document.select(css) if css else []

    def _first_text(self, css: str | None) -> str | None:
        if css == "":
            return ""
        return next((text for element in self._elements(css) if (text := text_of(element))), None)

    def _printed(self, field: Byline) -> str | None:
        """Return the value of the field's label in the first selected text that may have it, or the whole text.

        A text with the labels of other fields has none; a date or a paragraph is no name, and a text without a date no date.
        """
        if getattr(self.selectors, field) == "":
            return ""
        for element in self._elements(getattr(self.selectors, field)):
            text = " ".join("".join(self.document.runs_of(element)).split())
            value: str | None = info_line.parse(text)._asdict()[field]
            if value:
                return value
            if not text or len(text) > _LONGEST or info_line.has_label(text):
                continue
            if any(dates.spans(text)) == (field == "published"):
                return text
        return None


def rules_version(selectors: Selectors, page: type[ArticlePage]) -> str:
    """Return a digest of a site's rules for article pages; empty without any.

    >>> rules_version(Selectors(), ArticlePage), len(rules_version(Selectors(title="h1"), ArticlePage))
    ('', 8)
    """
    rules = [f"{name}={css}" for name, css in asdict(selectors).items() if css is not None]
    if page is not ArticlePage:
        try:
            rules.append(inspect.getsource(page))
        except OSError:  # a class without a file
            rules.append(page.__qualname__)
    return hashlib.sha256("\n".join(rules).encode()).hexdigest()[:8] if rules else ""
