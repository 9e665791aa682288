"""Shapes of lists, by which the same list is recognized on other pages of a site."""

from __future__ import annotations

from typing import NamedTuple

from smartdaily_crawler.markup.layout import Region
from smartdaily_crawler.markup.records import Block

_PAGE = frozenset({"body", "html"})


class Shape(NamedTuple):
    """Shape of a block; equal for parts of one list, different for sidebars."""

    lines: int
    """Lines of a list item."""
    lineage: tuple[str, ...]
    """Tag and first class of each element, from the item up."""

    @classmethod
    def of(cls, block: Block) -> Shape:
        return cls(block.lines_a_unit, (block.tag, *map(_name, block.region.lineage())))

    def is_like(self, other: Shape) -> bool:
        """Return whether both may be one list, with or without summaries."""
        return self.lineage == other.lineage and (self.lines == other.lines or min(self.lines, other.lines) > 1)


class ListShape(NamedTuple):
    """Shapes of a list page: the main list, and the other lists, which are sidebars of all pages."""

    main: Shape
    beside: frozenset[Shape]


def _name(region: Region) -> str:
    """Return tag and first class, without a trailing number: boxes of one kind are numbered. Body classes differ by page."""
    if region.tag in _PAGE:
        return region.tag
    return f"{region.tag}.{(region.element.get('class') or ' ').split(' ')[0].rstrip('0123456789')}"
