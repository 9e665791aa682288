"""Field evaluators: where the structure finds a field on a page, and whether a selector has the same result."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from lxml import etree

from smartdaily_crawler.learning import candidates, locators, values
from smartdaily_crawler.learning.candidates import Candidate
from smartdaily_crawler.learning.samples import ArticleSample, ListingSample, NavigationSample, Samples
from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.pages.navigation import read_navigation
from smartdaily_crawler.pages.reading import ExtractedValue
from smartdaily_crawler.parsing import info_line

_WORDS = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z]+")


class Case(Protocol):
    """One page and one field."""

    @property
    def document(self) -> Document: ...

    @property
    def placed(self) -> Sequence[etree._Element]:
        """Elements in which the structure finds the field; empty without it."""

    def candidates(self) -> list[Candidate]:
        """Return possible selectors for ``placed``, which is not empty."""

    def agrees(self, css: str, others: Selectors) -> bool | None:
        """Return whether selector and structure have equal results; ``None`` if neither has one.

        :param others: selectors of the other fields, which are in effect too.
        """


Cases = Callable[[Samples], Sequence[Case]]


@dataclass
class _ArticleCase:
    sample: ArticleSample
    field: str
    placed: Sequence[etree._Element]

    @property
    def document(self) -> Document:
        return self.sample.document

    def candidates(self) -> list[Candidate]:
        return candidates.of_elements(self.placed)

    def _selected(self, css: str) -> etree._Element | None:
        return next((element for element in self.document.select(css) if text_of(element)), None)

    def _structure(self, field: str) -> object:
        return values.cleaned(field, getattr(self.sample.reading, field), self.sample.clock)

    def _is_of_head(self) -> bool:
        """Return whether the field is only in the page's head, which selectors do not read."""
        found: ExtractedValue | None = getattr(self.sample.reading, self.field)
        return found is not None and found.provenance == "meta"


class _ValueCase(_ArticleCase):
    """The title, or a date or a name in an element of its own."""

    def agrees(self, css: str, others: Selectors) -> bool | None:
        selected, structure = self._selected(css), self._structure(self.field)
        if selected is None:
            return None if structure is None or self._is_of_head() else False
        found = getattr(read_article(self.document, replace(others, **{self.field: css})), self.field)
        wins = found is not None and found.provenance == "selector"
        return wins and values.cleaned(self.field, found, self.sample.clock) == structure


class _InfoLineCase(_ArticleCase):
    """An element with a date and names; some names may be elsewhere."""

    def agrees(self, css: str, others: Selectors) -> bool | None:
        given = self.given(css)
        if not given:
            return None if self._structure("published") is None else False
        wins = read_article(self.document, replace(others, info_line=css)).published
        return (
            wins is not None
            and wins.provenance == "selector"
            and all(value == self._structure(field) for field, value in given.items())
        )

    def given(self, css: str) -> dict[str, object]:
        """Return the cleaned fields in the selected element, by name; without those it does not contain."""
        selected = self._selected(css)
        line = info_line.parse("\t".join(map(str, selected.itertext()))) if selected is not None else None
        found = {field: getattr(line, field) for field in values.INFO_LINE_FIELDS} if line else {}
        return {
            field: values.cleaned(field, ExtractedValue(value, "selector"), self.sample.clock)
            for field, value in found.items()
            if value
        }

    def covers(self, css: str, field: str) -> bool | None:
        """Return whether the element has the structure's value of a field; ``None`` if the structure has none."""
        structure = self._structure(field)
        return None if structure is None else self.given(css).get(field) == structure


class _BodyCase(_ArticleCase):
    def agrees(self, css: str, others: Selectors) -> bool | None:
        if self._selected(css) is None:
            return None if not self.sample.reading.body else False
        reading = read_article(self.document, replace(others, body=css))
        same = values.paragraphs(reading) == values.paragraphs(self.sample.reading)
        return reading.body_provenance == "selector" and same


class _TeasersCase(_ArticleCase):
    def agrees(self, css: str, others: Selectors) -> bool | None:
        return _same_units(
            self.document.select(css),
            values.units(self.sample.reading.teasers, "teasers"),
            lambda: values.units(read_article(self.document, replace(others, teasers=css)).teasers, "teasers"),
        )


@dataclass
class _EntriesCase:
    sample: ListingSample
    placed: Sequence[etree._Element]

    @property
    def document(self) -> Document:
        return self.sample.document

    def candidates(self) -> list[Candidate]:
        return candidates.of_elements(self.placed)

    def agrees(self, css: str, others: Selectors) -> bool | None:
        return _same_units(
            self.document.select(css),
            values.units(self.sample.reading.entries, "entries"),
            lambda: values.units(read_listing(self.document, replace(others, entries=css)).entries, "entries"),
        )


@dataclass
class _NextCase:
    sample: ListingSample
    placed: Sequence[etree._Element]

    @property
    def document(self) -> Document:
        return self.sample.document

    def candidates(self) -> list[Candidate]:
        """Return selectors by the link's names and by its text."""
        link = self.placed[0]
        word = _WORDS.search(text_of(link))
        around = link.getparent()
        if word is None or around is None:
            return candidates.of_element(link)
        reading = f'a:contains("{word[0]}")'
        return [*candidates.of_element(link), Candidate(2.5, reading), *candidates.inside(around, reading)]

    def agrees(self, css: str, others: Selectors) -> bool | None:  # noqa: ARG002 - no other selector matters
        here = self.document.url.partition("#")[0]
        urls = (self.document.absolute(element.get("href")) for element in self.document.select(css))
        selected = next((url for url in urls if url and url.partition("#")[0] != here), None)
        if selected is None and self.sample.reading.next_url is None:
            return None
        return selected == self.sample.reading.next_url


@dataclass
class _NavigationCase:
    sample: NavigationSample
    placed: Sequence[etree._Element]

    @property
    def document(self) -> Document:
        return self.sample.document

    def candidates(self) -> list[Candidate]:
        first, *others = self.placed
        around = set(first.iterancestors()).intersection(*(other.iterancestors() for other in others))
        container = next(above for above in first.iterancestors() if above in around)
        return [*candidates.inside(container, "a"), *candidates.of_elements(self.placed)]

    def agrees(self, css: str, others: Selectors) -> bool | None:
        selected = self.document.select(css)
        if not selected and not self.sample.links:
            return None
        wanted = {link.url for link in self.sample.links}
        urls = {url for element in selected if (url := self.document.absolute(element.get("href")))}
        strangers = [url for url in urls - wanted if not _is_home(url)]
        reading = read_navigation(self.document, replace(others, navigation=css))
        return wanted <= urls and not strangers and reading == self.sample.links


def _same_units(
    selected: Sequence[object], structure: Sequence[object], read: Callable[[], Sequence[object]]
) -> bool | None:
    """Return whether a selector selects an element for each item of the structure, and the same items are read from them."""
    if not structure and not selected:
        return None
    return len(selected) == len(structure) and read() == structure


def _is_home(url: str) -> bool:
    return urlsplit(url).path in {"", "/"} and not urlsplit(url).query


def _one(element: etree._Element | None) -> list[etree._Element]:
    return [] if element is None else [element]


def _title(samples: Samples) -> list[Case]:
    return [
        _ValueCase(each, "title", _one(locators.of_title(each.document, each.reading))) for each in samples.articles
    ]


def _body(samples: Samples) -> list[Case]:
    return [_BodyCase(each, "body", _one(locators.of_body(each.document, each.reading))) for each in samples.articles]


def info_lines(samples: Samples) -> list[_InfoLineCase]:
    """Return an evaluator of the info line for each article page."""
    return [
        _InfoLineCase(each, "published", _one(locators.of_info_line(each.document, each.reading)))
        for each in samples.articles
    ]


def _value(field: str) -> Cases:
    def cases(samples: Samples) -> list[Case]:
        return [
            _ValueCase(each, field, _one(locators.of_value(each.document, each.reading, field)))
            for each in samples.articles
        ]

    return cases


def _teasers(samples: Samples) -> list[Case]:
    return [_TeasersCase(each, "teasers", _teaser_units(each)) for each in samples.articles]


def _teaser_units(sample: ArticleSample) -> list[etree._Element]:
    own = [teaser for teaser in sample.reading.teasers if teaser.block == "teasers"]
    return locators.of_units(sample.document, own)


def _entries(samples: Samples) -> list[Case]:
    return [_EntriesCase(each, locators.of_units(each.document, each.reading.entries)) for each in samples.listings]


def _next_page(samples: Samples) -> list[Case]:
    return [_NextCase(each, _one(locators.of_next(each.document, each.reading.next_url))) for each in samples.listings]


def _navigation(samples: Samples) -> list[Case]:
    return [_NavigationCase(each, locators.of_links(each.document, each.links)) for each in samples.navigations]


FIELDS: dict[str, Cases] = {
    "title": _title,
    "info_line": info_lines,
    **{field: _value(field) for field in values.INFO_LINE_FIELDS},
    "body": _body,
    "teasers": _teasers,
    "entries": _entries,
    "next_page": _next_page,
    "navigation": _navigation,
}
"""Evaluators by field, in the order of ``Selectors``. There is none for the summary: the structure takes it from the head."""
