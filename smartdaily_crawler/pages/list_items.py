"""Read list items: title, summary, date, picture; and the lists on an article page: teasers of other articles, and rankings."""

from __future__ import annotations

import re
from bisect import bisect_left

from smartdaily_crawler.markup import records
from smartdaily_crawler.markup.document import Document, picture_url
from smartdaily_crawler.markup.records import Block, Unit
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.reading import TeaserReading
from smartdaily_crawler.parsing import standalone_dates

_MORE = re.compile(
    r"\s*[\[【(（<]?\s*(?:查看|阅读|继续|点击)?(?:详细内容|详细|全文|更多|详情|原文|阅读|继续阅读|查看)\s*[\]】)）>»›]*\s*$"
)
_MORE_SIGNS = frozenset("容细文多情读看")
"""Characters, at least one of which is part of each match."""
_MORE_LENGTH = 20
_SUMMARY = 12
"""Least letters of a summary; a shorter line is a section, an author or a counter."""
_RELATED = re.compile(r"相关|推荐|延伸|阅读|喜欢|在看|更多|精彩")
_BELOW = 15
"""Most lines between the end of an article and its teasers."""
_ASIDE = frozenset({"aside", "footer", "nav", "header"})


def read_unit(document: Document, unit: Unit, name: str) -> TeaserReading | None:
    """Return a list item as a teaser; ``None`` if its link is no http(s) URL.

    :param name: value of ``TeaserReading.block``.
    """
    url = document.absolute(unit.link.href)
    if url is None:
        return None
    title = _title(document, unit)
    published, rest = _parted(_texts(document, unit, title))
    return TeaserReading(
        url=url,
        title=title,
        block=name,
        summary=_summary(rest, title),
        published=published,
        image_url=_picture(document, unit),
    )


def is_dated(document: Document, unit: Unit) -> bool:
    """Return whether a list item has a standalone date."""
    return any(map(standalone_dates.span_of, _texts(document, unit, unit.link.text)))


def _title(document: Document, unit: Unit) -> str:
    """Return the heading or the link's text; if that ends in an ellipsis, the title attribute if it completes it."""
    line = document.lines[unit.line]
    text = line.text if line.heading and line.is_linked and len(line.links) == 1 else unit.link.text
    if len(text) > len(line.text) and not _goes_on(document, unit):  # the link contains more than the title
        text = line.text
    stem = text.rstrip(".…")
    if stem == text:
        return text
    whole = " ".join((unit.link.element.get("title") or "").split())
    return whole if len(whole) > len(stem) and whole.startswith(stem) else text


def _goes_on(document: Document, unit: Unit) -> bool:
    """Return whether the title continues in the next line of its link."""
    line, *following = document.lines[unit.line : unit.line + 2]
    return any(unit.link in after.links and after.region is line.region for after in following)


def _texts(document: Document, unit: Unit, title: str) -> list[str]:
    """Return the texts of the item's lines without the title, their nodes joined with ``BOUNDARY``."""
    texts = []
    for index in range(unit.start, unit.end):
        line = document.lines[index]
        runs = line.runs
        if index == unit.line:
            # The most frequent case: nothing beside the link.
            if line.linked == line.length and line.links == (unit.link,):
                continue
            runs = [
                run for run in runs if (words := " ".join(run.split())) not in title and words not in unit.link.text
            ]
        if runs:
            texts.append(standalone_dates.BOUNDARY.join(runs).strip())
    return texts


def _parted(texts: list[str]) -> tuple[str | None, list[str]]:
    """Return the first standalone date, ``None`` without one, and the texts without such dates."""
    published: str | None = None
    rest: list[str] = []
    for text in texts:
        if span := standalone_dates.span_of(text):
            published = published or text[slice(*span)].strip()
            rest.append(standalone_dates.without(text, span))
        else:
            rest.append(text)
    return published, rest


def _summary(texts: list[str], title: str) -> str | None:
    if not texts:
        return None
    whole = (" ".join(text.replace(standalone_dates.BOUNDARY, "").split()) for text in texts)
    longest = max((text for text in whole if text != title), key=len, default="")
    if len(longest) < _SUMMARY:
        return None
    summary = longest
    if not _MORE_SIGNS.isdisjoint(longest[-_MORE_LENGTH:]):
        more = _MORE.search(longest, max(len(longest) - _MORE_LENGTH, 0))
        summary = longest[: more.start()] if more else longest
    # Nearly all have enough letters at once.
    is_long = any(_letters(part) >= _SUMMARY for part in (summary[: 2 * _SUMMARY], summary))
    return summary if is_long else None


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _picture(document: Document, unit: Unit) -> str | None:
    lines = document.picture_lines
    pictures = document.pictures[bisect_left(lines, unit.start) : bisect_left(lines, unit.end)]
    return next((url for picture in pictures if (url := picture_url(document, picture))), None)


def read_teasers(document: Document, found: list[Block], title: int | None, body: Body | None) -> list[TeaserReading]:
    """Return the items of all lists below the title, in document order, with ``block`` set to ``teasers`` or ``ranking``."""
    below = [block for block in found if title is None or block.start > title]
    read_blocks = [
        (block, [unit for each in block.units if (unit := read_unit(document, each, "teasers"))]) for block in below
    ]
    own = [id(block) for block, units in read_blocks if _is_own(document, block, units, body)]
    summarised = [id(block) for block, units in read_blocks if id(block) in own and _has_summaries(units)]
    for block, units in read_blocks:
        if id(block) not in (summarised or own):
            for unit in units:
                unit.block = "ranking"
    return [unit for _, units in read_blocks for unit in units]


def _has_summaries(units: list[TeaserReading]) -> bool:
    return sum(unit.summary is not None for unit in units) * 2 > len(units)


def _is_own(document: Document, block: Block, units: list[TeaserReading], body: Body | None) -> bool:
    """Return whether a list belongs to the article.

    It is no ranking and no sidebar; and it has such a heading, is inside the article, or is directly below it with more
    than titles.
    """
    if any(above.tag in _ASIDE for above in block.region.lineage()):
        return False
    if records.is_ranking(document, block) and not _has_summaries(units):  # teasers may have the heading 更多热门内容
        return False
    if _RELATED.search(records.heading(document, block)) or body is None or not body.lines:
        return True
    near = block.start - body.lines[-1] <= _BELOW
    return near and (_is_inside(document, block, body) or any(unit.summary or unit.published for unit in units))


def _is_inside(document: Document, block: Block, body: Body) -> bool:
    """Return whether a list is between the paragraphs of the text."""
    around = document.lines[body.lines[-1]].region
    if around.end - around.start == 1:
        around = around.parent or around
    return block.start < around.end
