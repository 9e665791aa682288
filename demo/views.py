"""Values for the templates of skins, with final URLs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from demo.stories import Block, Story


@dataclass(frozen=True)
class Link:
    href: str
    text: str


@dataclass(frozen=True)
class Entry:
    """An article in a list, a teaser or a ranking."""

    href: str
    story: Story
    now: datetime
    """The site's clock, for relative dates such as 3小时前."""


@dataclass(frozen=True)
class Pager:
    """URLs of all pages, and the number of the current one, counted from 1."""

    hrefs: list[str]
    current: int

    @property
    def next(self) -> str | None:
        return self.hrefs[self.current] if self.current < len(self.hrefs) else None


@dataclass(frozen=True)
class Frame:
    """Values printed on every page."""

    now: datetime
    nav: list[Link]
    current: str | None
    """URL of the page's category; ``None`` if it has none."""
    latest: list[Entry]
    hot: list[Entry]


@dataclass(frozen=True, kw_only=True)
class ArticlePage:
    """One page of an article."""

    frame: Frame
    story: Story
    blocks: tuple[Block, ...]
    pager: Pager
    canonical: str
    alternate: str
    """Alternate URL: that of the mobile page."""
    crumb: Link
    description: str
    views: int
    teasers: list[Entry]
    neighbours: list[Entry]
    """The articles before and after this one in its category, for 上一篇 and 下一篇."""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    frame: Frame
    category: Link
    entries: list[Entry]
    pager: Pager
