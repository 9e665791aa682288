"""Read an article page by its structure; selectors of a profile take precedence where they match."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

from smartdaily_crawler.markup import records
from smartdaily_crawler.markup.document import Document, picture_url
from smartdaily_crawler.markup.layout import Line, Picture, Region
from smartdaily_crawler.markup.records import Block
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages import body, byline, headline, pager, profiled, rejection, teasers
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.headline import Headline
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue, ImageReading, Provenance, TeaserReading
from smartdaily_crawler.parsing import dates
from smartdaily_crawler.parsing.info_line import InfoLine
from smartdaily_crawler.parsing.language import is_other
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat

_CAPTION = 60
_ABOVE = 30
"""Lines above the title searched for the breadcrumb."""
_CRUMBS = 120
_CRUMB = 10
_HOME = re.compile(r"首页|主页|网$|^home$", re.IGNORECASE)
_CAPTIONED = re.compile(r"[▲△↑◎]|图(?:片|为|源|[\d一二三四五六七八九十：:])")
_CENTRED = re.compile(r"text-align\s*:\s*center")
_BREADCRUMB = re.compile(r"[>＞»›→/]|当前位置|您的位置|您现在的位置|所在位置")


@dataclass(slots=True)
class _Page:
    """Intermediate results that the fields of a reading share."""

    document: Document
    selectors: Selectors
    headline: Headline
    blocks: list[Block]
    listed: bytearray
    body: Body | None
    body_provenance: Provenance
    conflicts: list[str]

    @property
    def lines(self) -> list[int]:
        return self.body.lines if self.body else []


def read_article(document: Document, selectors: Selectors | None = None, language: str | None = None) -> ArticleReading:
    """Return what a page shows as an article; ``rejected`` is set if it is none.

    :param selectors: of the site's profile; fields without one, or whose selector fails, are read by structure.
    :param language: tag of the site's language; a page in another one is rejected.
    """
    if document.broken:
        return ArticleReading(rejected=document.broken)
    page = _page(document, selectors or Selectors())
    reading = ArticleReading(
        title=page.headline.title,
        body=[document.lines[index].text for index in page.lines],
        body_provenance=page.body_provenance,
        images=_images(page),
        categories=_categories(page),
        canonical_url=_canonical(document),
        next_url=pager.next_part(document),
        conflicts=page.conflicts,
    )
    _read_byline(reading, page)
    reading.summary = _summary(page)
    reading.teasers = _teasers(page)
    reading.rejected = rejection.reason(document, reading, page.blocks, page.body)
    if reading.rejected is None and language and is_other(_text(reading), language):
        reading.rejected = Reason.OTHER_LANGUAGE
    return reading


def _text(reading: ArticleReading) -> str:
    return "\n".join([reading.title.value if reading.title else "", *reading.body])


def _page(document: Document, selectors: Selectors) -> _Page:
    conflicts: list[str] = []
    title = headline.find(document)
    if css := selectors.title:
        title = _chosen("title", profiled.title(document, css), title, conflicts)
    found = records.repeated(document, max(title.line - _ABOVE, 0) if title.line is not None else 0)
    listed = records.lines_of(document, found)
    after = title.line if title.line is not None else -1
    own = text = body.find(document, after, listed)
    if css := selectors.body:
        text = _chosen("body", profiled.text(document, css, after, listed, own), own, conflicts)
    how: Provenance = "structure" if text is own else "selector"
    if title.line is None and text is not None:
        title = _heading_above(document, text) or title
    return _Page(document, selectors, title, found, listed, text, how, conflicts)


_Answer = TypeVar("_Answer")


def _chosen(field: str, selected: _Answer | None, structure: _Answer, conflicts: list[str]) -> _Answer:
    """Return the profile's value, else that of the structure, which is then counted as drift: the profile is outdated."""
    if selected:
        return selected
    if structure and structure != Headline(None, None):
        conflicts.append(Stat.drift(field))
    return structure


def _heading_above(document: Document, text: Body) -> Headline | None:
    """Return the nearest heading before the text, for pages whose title element is only the site's name."""
    for index in range(text.lines[0] - 1, max(text.lines[0] - 20, -1), -1):
        line = document.lines[index]
        if line.heading and line.length >= 6 and not line.is_linked:  # noqa: PLR2004
            return Headline(ExtractedValue(line.text, "structure"), index)
    return None


def _read_byline(reading: ArticleReading, page: _Page) -> None:
    """Set dates and names, each from the place nearest to the title that has it."""
    near = byline.below_title(page.document, page.headline.line, page.lines, page.listed)
    after = byline.after_body(page.document, page.lines, page.listed)
    head = byline.of_head(page.document, "published")
    if not near.published:
        above = byline.above_title(page.document, page.headline.line, page.listed)
        if above.published and not (head and byline.contradicts(above.published, head.value)):
            near = InfoLine(*(below or over for below, over in zip(near, above, strict=True)))
    if not near.published and not after.published:
        below = byline.date_below(page.document, page.headline.line, page.lines, page.listed)
        dated = head is not None and dates.day(head.value) is not None
        near = near._replace(published=None if dated else below.published, source=near.source or below.source)
    printed = near.published or after.published
    dated_by = head or byline.of_head(page.document, "updated")
    reading.published = byline.completed(printed, dated_by) if printed else head
    reading.updated = _found(near.updated or after.updated) or byline.of_head(page.document, "updated")
    reading.source = _found(near.source or after.source) or byline.of_head(page.document, "source")
    reading.author = _found(near.author or after.author or byline.in_text(page.document, page.lines))
    if reading.author is None and (named := byline.shown_of_head(page.document, page.headline.line, page.lines)):
        reading.author = _found(named)
        if reading.source and reading.source.value == named:
            reading.source = None
    reading.editor = _found(near.editor or after.editor)
    _override(reading, page)
    published = reading.published.value if reading.published else ""
    claims = [value for shown, value in page.document.disputed_times if shown and shown in published]
    if any(byline.contradicts(published, claim) for claim in (*claims, *([head.value] if head else []))):
        page.conflicts.append(Stat.meta_conflict("published"))


def _found(value: str | None) -> ExtractedValue | None:
    return ExtractedValue(value, "structure") if value else None


def _override(reading: ArticleReading, page: _Page) -> None:
    """Override fields by the profile's selectors; a field's own has precedence over that of the info line."""
    line = profiled.info(page.document, page.selectors.info_line) if page.selectors.info_line else {}
    if page.selectors.info_line and not line and (reading.published or reading.source):
        page.conflicts.append(Stat.drift("info_line"))
    for field, value in line.items():
        setattr(reading, field, value)
    for field in ("published", "source", "author", "editor"):
        if css := getattr(page.selectors, field):
            selected = profiled.byline(page.document, css, field, page.listed)
            setattr(reading, field, _chosen(field, selected, getattr(reading, field), page.conflicts))


def _summary(page: _Page) -> ExtractedValue | None:
    structure = _described(page)
    if css := page.selectors.summary:
        return _chosen("summary", profiled.summary(page.document, css), structure, page.conflicts)
    return structure


def _teasers(page: _Page) -> list[TeaserReading]:
    css = page.selectors.teasers
    structure = teasers.read(page.document, page.blocks, page.headline.line, page.body)
    if css and (selected := profiled.teasers(page.document, css)):
        return selected + [teaser for teaser in structure if teaser.block != "teasers"]
    if css and any(teaser.block == "teasers" for teaser in structure):
        page.conflicts.append(Stat.drift("teasers"))
    return structure


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
                images.setdefault(url, ImageReading(url=url, caption=_caption(page.document, picture)))
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


def _categories(page: _Page) -> list[str]:
    """Return the names of the breadcrumb above the title, without home; empty without one."""
    stop = page.headline.line if page.headline.line is not None else (page.lines[0] if page.lines else 0)
    for index in range(min(stop, len(page.document.lines) - 1), max(stop - _ABOVE, -1), -1):
        line = page.document.lines[index]
        if line.length <= _CRUMBS and (names := _crumbs(line)):
            return [name for name in names if not _HOME.search(name)]
    return []


def _crumbs(line: Line) -> list[str]:
    """Return the short links of a line with breadcrumb separators between them, else an empty list."""
    names = [link.text for link in line.links if 1 < len(link.text) <= _CRUMB]
    between = re.sub("|".join(map(re.escape, names)), "", line.text) if names else ""
    return names if _BREADCRUMB.search(between) else []


def _canonical(document: Document) -> str | None:
    for element in document.head["link"]:
        if (element.get("rel") or "").strip().lower() == "canonical":
            return document.absolute(element.get("href"))
    return None
