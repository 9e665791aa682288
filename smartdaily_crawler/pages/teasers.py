"""Read the lists on an article page: teasers of other articles, and rankings."""

from __future__ import annotations

import re

from smartdaily_crawler.markup import records
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.records import Block
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.list_items import read_unit
from smartdaily_crawler.pages.reading import TeaserReading

_RELATED = re.compile(r"相关|推荐|延伸|阅读|喜欢|在看|更多|精彩")
_BELOW = 15
"""Most lines between the end of an article and its teasers."""
_ASIDE = frozenset({"aside", "footer", "nav", "header"})


def read(document: Document, found: list[Block], title: int | None, body: Body | None) -> list[TeaserReading]:
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
