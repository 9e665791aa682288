"""The repeated blocks on an article's page: teasers of other articles, and rankings."""

from __future__ import annotations

import re

from smartdaily_crawler.extraction import blocks
from smartdaily_crawler.extraction.blocks import Block
from smartdaily_crawler.extraction.body import Body
from smartdaily_crawler.extraction.document import Document
from smartdaily_crawler.extraction.reading import TeaserReading
from smartdaily_crawler.extraction.units import read_unit

_RELATED = re.compile(r"相关|推荐|延伸|阅读|喜欢|在看|更多|精彩")
_BELOW = 15
"""Lines between an article's end and the teasers under it."""
_ASIDE = frozenset({"aside", "footer", "nav", "header"})


def read(document: Document, found: list[Block], title: int | None, body: Body | None) -> list[TeaserReading]:
    """Block by block in page order; what stands above the title is the site's, not the article's."""
    below = [block for block in found if title is None or block.start > title]
    read_blocks = [
        (block, [unit for each in block.units if (unit := read_unit(document, each, "teasers"))])
        for block in below
    ]
    own = [id(block) for block, units in read_blocks if is_own(document, block, body)]
    summarised = [id(block) for block, units in read_blocks if id(block) in own and _has_summaries(units)]
    for block, units in read_blocks:
        if id(block) not in (summarised or own):
            for unit in units:
                unit.block = "ranking"
    return [unit for _, units in read_blocks for unit in units]


def _has_summaries(units: list[TeaserReading]) -> bool:
    return sum(unit.summary is not None for unit in units) * 2 > len(units)


def is_own(document: Document, block: Block, body: Body | None) -> bool:
    """Whether a block belongs to the article: no ranking, not beside it, and headed so or right below."""
    if blocks.is_ranking(document, block) or any(above.tag in _ASIDE for above in block.region.lineage()):
        return False
    near = body is None or not body.lines or block.start - body.lines[-1] <= _BELOW
    return near or bool(_RELATED.search(blocks.heading(document, block)))
