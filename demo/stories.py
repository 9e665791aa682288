"""A story: one article on one day, before any skin prints it."""

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
"""Name by slug, in the navigation's order."""

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
    """``born`` never changes and is part of the address; pages print ``published`` to ``precision``. Asia/Shanghai."""

    number: int
    born: datetime
    published: datetime
    precision: Precision
    title: str
    original_title: str | None = None
    subject: str
    """A phrase that skins print in bold at its first mention in a paragraph."""
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    pages: tuple[tuple[Block, ...], ...]
    """The body, cut into in-article pages."""
    summary: str
    categories: tuple[str, ...] = ()
    """Slugs, the breadcrumb's first; empty if no list shows the story."""
    popularity: int
    copy_of: int | None = None

    @property
    def blocks(self) -> list[Block]:
        return [block for page in self.pages for block in page]

    @property
    def body(self) -> list[str]:
        """All visible text in order, with captions among the paragraphs."""
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
        """The time as printed; empty if only the date is."""
        return f"{self.published:{CLOCKS[self.precision]}}" if self.precision != "day" else ""

    def views(self, day: int) -> int:
        return self.popularity * (day + 3) + self.number % (day + 7)
