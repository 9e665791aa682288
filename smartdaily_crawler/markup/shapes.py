"""What a list looks like: so much of its markup that the same list is known again on the site's other pages."""

from __future__ import annotations

from typing import NamedTuple

from smartdaily_crawler.markup.layout import Region
from smartdaily_crawler.markup.records import Block

_PAGE = frozenset({"body", "html"})


class Shape(NamedTuple):
    """Parts of one list share it, and a sidebar differs somewhere."""

    lines: int
    """Of a unit."""
    lineage: tuple[str, ...]
    """Tags and first classes, from the unit to the top."""

    @classmethod
    def of(cls, block: Block) -> Shape:
        return cls(block.lines_a_unit, (block.tag, *map(_name, block.region.lineage())))

    def is_like(self, other: Shape) -> bool:
        """Whether both are one list, perhaps with and without a summary."""
        return self.lineage == other.lineage and (
            self.lines == other.lines or min(self.lines, other.lines) > 1
        )


class ListShape(NamedTuple):
    """A list page's main list, and what else is repeated there: sidebars, which stand on every page of a site."""

    main: Shape
    beside: frozenset[Shape]


def _name(region: Region) -> str:
    """Without the number that tells like boxes apart; the page's own element is named for the page."""
    if region.tag in _PAGE:
        return region.tag
    return f"{region.tag}.{(region.element.get('class') or ' ').split(' ')[0].rstrip('0123456789')}"
