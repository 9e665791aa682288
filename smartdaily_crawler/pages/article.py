"""Read an article page by its structure; the rules of its site have the last word where they match."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from smartdaily_crawler.markup import declared, records
from smartdaily_crawler.markup.document import Document, picture_url
from smartdaily_crawler.markup.layout import Picture, Region
from smartdaily_crawler.markup.records import Block
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages import body, byline, headline, navigation, pager, rejection
from smartdaily_crawler.pages.article_page import ArticlePage
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.headline import Headline
from smartdaily_crawler.pages.list_items import read_teasers
from smartdaily_crawler.pages.reading import (
    BY_RULE,
    ArticleReading,
    ExtractedValue,
    ImageReading,
    Provenance,
    TeaserReading,
)
from smartdaily_crawler.parsing import dates, info_line
from smartdaily_crawler.parsing.info_line import InfoLine
from smartdaily_crawler.parsing.language import is_other
from smartdaily_crawler.reasons import OTHER_KINDS, Reason
from smartdaily_crawler.stat_names import Stat

_CAPTION = 60
_LISTS_ABOVE = 30
"""Lines above the title that are searched for lists."""
_CAPTIONED = re.compile(r"[▲△↑◎]|图(?:片|为|源|[\d一二三四五六七八九十：:])")
_CENTRED = re.compile(r"text-align\s*:\s*center")


@dataclass(slots=True)
class _Page:
    """Intermediate results that the fields of a reading share."""

    document: Document
    rules: ArticlePage
    headline: Headline
    blocks: list[Block]
    listed: bytearray
    body: Body | None
    paragraphs: list[str] | None
    """Those that a method of the site returns."""
    body_provenance: Provenance
    conflicts: list[str]

    @property
    def lines(self) -> list[int]:
        return self.body.lines if self.body else []


def read_article(
    document: Document,
    selectors: Selectors | None = None,
    language: str | None = None,
    page_class: type[ArticlePage] = ArticlePage,
    listed: Sequence[str] = (),
) -> ArticleReading:
    """Return what a page shows as an article; ``rejected`` is set if it is none.

    :param selectors: of the site's profile; fields without one, or whose selector matches nothing, are read by structure.
    :param language: tag of the site's language; a page in another one is rejected.
    :param page_class: with the methods by which the site reads fields.
    :param listed: titles of the links that led to the page, as ``headline.as_listed`` takes them.
    """
    if document.broken:
        return ArticleReading(rejected=document.broken)
    rules = page_class(document, selectors)
    conflicts: list[str] = []
    page = _page(document, rules, _title(document, rules, conflicts), conflicts.copy())
    told = _told(page, listed)
    if told is not page.headline:
        reading = _reading(_page(document, rules, told, conflicts), language)
        if not reading.rejected:
            return reading
    return _reading(page, language)


def read_part(
    document: Document,
    selectors: Selectors | None = None,
    language: str | None = None,
    page_class: type[ArticlePage] = ArticlePage,
    *,
    with_teasers: bool = True,
) -> ArticleReading:
    """Return text, pictures and teasers of a further page of an article; its title, dates and names are those of the first page."""
    if document.broken:
        return ArticleReading(rejected=document.broken)
    rules = page_class(document, selectors)
    page = _page(document, rules, _title(document, rules, []), [])
    reading = _content(page, language)
    if with_teasers:
        reading.teasers = _teasers(page)
    return reading


def _told(page: _Page, listed: Sequence[str]) -> Headline:
    """Return the title of a page that was read alone, or that of a list; the rule of the site has precedence."""
    title = page.headline
    is_by_rule = title.title is not None and title.title.provenance in BY_RULE
    return title if is_by_rule else headline.as_listed(page.document, title, listed)


def _reading(page: _Page, language: str | None) -> ArticleReading:
    reading = _content(page, language)
    first = page.headline.line if page.headline.line is not None else next(iter(page.lines), 0)
    reading.categories = navigation.breadcrumb(page.document, first)
    reading.canonical_url = declared.canonical(page.document)
    _read_byline(reading, page)
    reading.summary = _summary(page)
    reading.teasers = _teasers(page)
    reading.rejected = _rejected(page, reading) or reading.rejected
    return reading


def _content(page: _Page, language: str | None) -> ArticleReading:
    """Return what a page adds to its article; ``rejected`` is set if that is in another language."""
    document = page.document
    reading = ArticleReading(
        title=page.headline.title,
        body=page.paragraphs or [document.lines[index].text for index in page.lines],
        body_provenance=page.body_provenance,
        images=_images(page),
        next_url=pager.next_part(document),
        conflicts=page.conflicts,
    )
    if language and is_other(_text(reading), language):
        reading.rejected = Reason.OTHER_LANGUAGE
    return reading


def _rejected(page: _Page, reading: ArticleReading) -> str | None:
    is_article = page.rules.is_article()
    if is_article is not None:
        return None if is_article else Reason.BY_RULE
    reason = rejection.reason(page.document, reading, page.headline, page.blocks, page.body)
    # A text that the site's rule finds makes an article of a page that looks like another kind.
    return None if reason in OTHER_KINDS and reading.body and page.body_provenance in BY_RULE else reason


def _text(reading: ArticleReading) -> str:
    return "\n".join([reading.title.value if reading.title else "", *reading.body])


def _page(document: Document, rules: ArticlePage, title: Headline, conflicts: list[str]) -> _Page:
    """Find the text of a title; add to *conflicts*."""
    found = records.repeated(document, max((title.line or 0) - _LISTS_ABOVE, 0), title.line)
    listed = records.lines_of(document, found)
    after = title.line if title.line is not None else -1
    text = body.find(document, after, listed)
    paragraphs = rules.body()
    how: Provenance = "method" if paragraphs else "structure"
    if not paragraphs and rules.has_rule("body"):
        selected = rules.selected_body(after, listed)
        _compare("body", selected, text, partial(_is_same, document), conflicts)
        if selected:
            text, how = selected, "selector"
    if text is not None:
        if title.title is None or title.title.provenance not in BY_RULE:
            title = headline.beside(document, title, text.lines, listed)
        if how == "structure":
            text.lines = [index for index in text.lines if title.line is None or index > title.line]
    return _Page(document, rules, title, found, listed, text, paragraphs, how, conflicts)


def _title(document: Document, rules: ArticlePage, conflicts: list[str]) -> Headline:
    """Return the title by the site's rule, at its line if it has one, else by structure."""
    structure = headline.find(document)
    if not rules.has_rule("title"):
        return structure
    value = rules.value("title")
    _compare("title", value, structure.title, lambda one, other: one.value == other.value, conflicts)
    if value is None or not value.value:
        return structure
    lines = [at for at, line in enumerate(document.lines) if line.text and value.value.startswith(line.text)]
    return Headline(value, max(lines, key=lambda at: document.lines[at].length, default=structure.line))


_Answer = TypeVar("_Answer")


def _compare(
    field: str,
    rule: _Answer | None,
    structure: _Answer | None,
    are_equal: Callable[[_Answer, _Answer], bool],
    conflicts: list[str],
) -> None:
    """Note that a rule is silent where the structure is not, or that they differ: on many pages, both may tell of a redesign."""
    if not structure:
        return
    if not rule:
        conflicts.append(Stat.drift(field))
    elif not are_equal(rule, structure):
        conflicts.append(Stat.differs(field))


_SAME = 0.6


def _is_same(document: Document, one: Body, other: Body) -> bool:
    """Return whether two texts have most of their lines in common, by their length."""

    def size(lines: set[int]) -> int:
        return sum(document.lines[index].length for index in lines)

    both = set(one.lines), set(other.lines)
    return size(both[0] & both[1]) >= _SAME * max(map(size, both))


def _read_byline(reading: ArticleReading, page: _Page) -> None:
    """Set dates and names, each from the place nearest to the title that has it."""
    near = byline.below_title(page.document, page.headline, page.lines, page.listed)
    after = byline.after_body(page.document, page.lines, page.listed)
    head = byline.of_head(page.document, "published")
    if not near.published:
        above = byline.above_title(page.document, page.headline.line, page.listed)
        if above.published and not (head and byline.contradicts(above.published, head.value)):
            near = byline.merged(near, above)
    if not near.published and not after.published:
        below = byline.date_below(page.document, page.headline.line, page.lines, page.listed)
        dated = head is not None and dates.day(head.value) is not None
        last = (
            below.published
            or byline.date_above(page.document, page.headline.line, page.listed)
            or byline.date_of_edition(page.document, page.headline.line)
        )
        near = near._replace(published=None if dated else last, source=near.source or below.source)
    line = byline.merged(byline.account_as_source(near, after), after)
    _set_dates(reading, page, line, head)
    _set_names(reading, page, line)
    _override(reading, page)
    published = reading.published.value if reading.published else ""
    claims = [value for shown, value in page.document.disputed_times if shown and shown in published]
    if any(byline.contradicts(published, claim) for claim in (*claims, *([head.value] if head else []))):
        page.conflicts.append(Stat.meta_conflict("published"))


def _set_dates(reading: ArticleReading, page: _Page, line: InfoLine, head: ExtractedValue | None) -> None:
    """Set the dates; if only an update is printed and the head has no date, it is that of publication too."""
    updated = byline.of_head(page.document, "updated")
    reading.published = head or _found(line.updated)
    if line.published:
        year_by = updated if dates.is_readable(line.published) else None
        reading.published = byline.completed(line.published, head or year_by)
    reading.updated = _found(line.updated) or updated


def _set_names(reading: ArticleReading, page: _Page, line: InfoLine) -> None:
    """Set source, author and editor. An organisation that is printed as the author is the source, if no other is."""
    reading.editor = _found(line.editor)
    reading.source = _found(line.source) or byline.of_head(page.document, "source")
    named = byline.shown_author(page.document, page.headline.line, page.lines)
    is_confirmed = named and not (line.author and (info_line.has_label(line.author) or named in line.author))
    reading.author = _found(named if is_confirmed else line.author)
    if line.author and info_line.is_organisation(line.author):
        reading.source = reading.source or reading.author
        if reading.source and info_line.name(reading.source.value) == info_line.name(line.author):
            reading.author = None
    if not reading.author:
        reading.author = _found(
            byline.in_text(page.document, page.lines, page.listed)
            or byline.between(page.document, page.headline.line, page.lines, page.listed)
        )


def _found(value: str | None) -> ExtractedValue | None:
    return ExtractedValue(value, "structure") if value else None


def _override(reading: ArticleReading, page: _Page) -> None:
    """Override fields by the site's rules; a field's own has precedence over that of the info line."""
    rules = page.rules
    line = rules.info_line()
    if rules.selectors.info_line and not line and (reading.published or reading.source):
        page.conflicts.append(Stat.drift("info_line"))
    for field in InfoLine._fields:
        structure = getattr(reading, field)
        value = line.get(field)
        if field in _BY_RULE and rules.has_rule(field):
            value = rules.value(field) or value
            _compare(field, value, structure, _have_one_day if field == "published" else _have_one_name, page.conflicts)
        value = value or structure
        setattr(reading, field, value if value and value.value else None)
    if reading.author and reading.source and reading.source.value == reading.author.value:
        # One name is one field: that of the rule, else that of the author.
        setattr(reading, "author" if reading.source.provenance in BY_RULE else "source", None)


_BY_RULE = ("published", "source", "author", "editor")


def _have_one_day(one: ExtractedValue, other: ExtractedValue) -> bool:
    return not byline.contradicts(one.value, other.value)


def _have_one_name(one: ExtractedValue, other: ExtractedValue) -> bool:
    return info_line.name(one.value) == info_line.name(other.value)


def _summary(page: _Page) -> ExtractedValue | None:
    structure = _described(page)
    if not page.rules.has_rule("summary"):
        return structure
    value = page.rules.value("summary")
    _compare("summary", value, structure, lambda *_: True, page.conflicts)  # both are texts about the article
    value = value or structure
    return value if value and value.value else None


def _teasers(page: _Page) -> list[TeaserReading]:
    structure = read_teasers(page.document, page.blocks, page.headline.line, page.body)
    if not page.rules.has_rule("teasers"):
        return structure
    chosen = page.rules.teasers()
    beside = [teaser for teaser in structure if teaser.block == "teasers"]
    _compare("teasers", chosen, beside, _share_a_url, page.conflicts)
    return structure if chosen is None else chosen + [teaser for teaser in structure if teaser.block != "teasers"]


def _share_a_url(some: list[TeaserReading], others: list[TeaserReading]) -> bool:
    return not {teaser.url for teaser in some}.isdisjoint(teaser.url for teaser in others)


def _described(page: _Page) -> ExtractedValue | None:
    description = page.document.meta("og:description", "description")
    title = page.headline.title.value if page.headline.title else None
    if description is None or description == title or not _is_about(page, description):
        return None
    return ExtractedValue(description, "meta")


def _is_about(page: _Page, summary: str) -> bool:
    """Return whether a summary shares words with the text; a description of the site does not."""
    words = re.findall(r"[\u4e00-\u9fff]{4}|[A-Za-z\d]{4,}", summary)
    text = "".join(page.document.lines[index].text for index in page.lines)
    title = page.headline.title.value if page.headline.title else ""
    return len(words) >= 2 and sum(word in text or word in title for word in words) * 2 >= len(words)  # noqa: PLR2004


def _images(page: _Page) -> list[ImageReading]:
    """Return the pictures in the body's element, up to one directly below the text."""
    if page.body is None or not page.lines:
        return []
    region = page.body.region
    start = max(region.start, page.headline.line + 1 if page.headline.line is not None else 0)
    images: dict[str, ImageReading] = {}
    for picture in page.document.pictures:
        if (
            start <= picture.line <= page.lines[-1] + 1
            and not page.listed[picture.line]
            and (url := picture_url(page.document, picture))
        ):
            within = picture.region is not None and region in picture.region.lineage()
            if within:
                # The lines are no paragraphs of a text that the site's own method returns.
                before = None if page.paragraphs else bisect_left(page.lines, picture.line)
                caption = _caption(page.document, picture)
                images.setdefault(url, ImageReading(url=url, caption=caption, paragraph=before))
    return list(images.values())


def _caption(document: Document, picture: Picture) -> str | None:
    """Return the short line after a picture if it is a caption: marked, equal to ``alt``, centred, or alone beside it."""
    if picture.line >= len(document.lines):
        return None
    line = document.lines[picture.line]
    if line.length > _CAPTION or line.is_linked:
        return None
    if line.text == " ".join((picture.element.get("alt") or "").split()) or _CAPTIONED.match(line.text):
        return line.text
    around = picture.region
    while around is not None and around.start == around.end:
        around = around.parent
    alone = around is not None and (around.start, around.end) == (picture.line, picture.line + 1)
    return line.text if alone or _is_centred(line.region) else None


def _is_centred(region: Region) -> bool:
    element = region.element
    return (
        region.tag == "center" or element.get("align") == "center" or bool(_CENTRED.search(element.get("style") or ""))
    )
