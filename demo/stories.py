"""A story: one article on one day, independent of the skin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
CATEGORIES = {
    "yejie": "业界资讯",
    "shouji": "智能手机",
    "yingjian": "电脑硬件",
    "pingban": "平板电脑",
    "shoubiao": "智能手表",
    "jiadian": "智能家电",
    "erji": "耳机音频",
    "bijiben": "笔记本",
    "redian": "热点资讯",
}
"""Names by slug, in the order of the navigation."""

Precision = Literal["day", "minute", "second"]
CLOCKS: dict[Precision, str] = {"day": "", "minute": "%H:%M", "second": "%H:%M:%S"}


@dataclass(frozen=True)
class Block:
    """One piece of a body."""

    kind: Literal["paragraph", "subhead", "picture"]
    text: str
    """A picture's caption if ``kind`` is picture; empty if it has none."""
    src: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One article; its times are in Asia/Shanghai."""

    number: int
    born: datetime
    """Time of creation, a part of the URL; never changes."""
    published: datetime
    """Time printed on pages, to ``precision``."""
    precision: Precision
    title: str
    original_title: str | None = None
    subject: str
    """Phrase that skins print in bold where it first occurs in a paragraph."""
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    pages: tuple[tuple[Block, ...], ...]
    """The body, cut into in-article pages."""
    summary: str
    categories: tuple[str, ...] = ()
    """Slugs, that of the breadcrumb first; empty if the story is in no list."""
    popularity: int
    copy_of: int | None = None
    adapted_from: int | None = None
    """Number of the story whose text this one has under another title, with an ending of its own."""

    @property
    def blocks(self) -> list[Block]:
        return [block for page in self.pages for block in page]

    @property
    def body(self) -> list[str]:
        """Texts of all blocks in order: paragraphs, subheads and captions."""
        return [block.text for block in self.blocks if block.text]

    @property
    def lead(self) -> str:
        return next(block.text for block in self.blocks if block.kind == "paragraph")

    @property
    def pictures(self) -> list[Block]:
        return [block for block in self.blocks if block.kind == "picture"]

    @property
    def category(self) -> str:
        """Slug of the breadcrumb's category."""
        return self.categories[0] if self.categories else next(iter(CATEGORIES))

    @property
    def clock(self) -> str:
        """Time as printed; empty if only the date is printed."""
        return f"{self.published:{CLOCKS[self.precision]}}" if self.precision != "day" else ""

    def views(self, day: int) -> int:
        return self.popularity * (day + 3) + self.number % (day + 7)
