"""A site's own selectors: the fast path of its profile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Selectors:
    """CSS selectors, each optional. ``entry_*`` and ``teaser_*`` are read inside an element of ``entries`` or ``teasers``."""

    title: str | None = None
    info_line: str | None = None
    published: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    summary: str | None = None
    body: str | None = None
    """The element that holds the paragraphs."""
    teasers: str | None = None
    """Each teaser of an article page."""
    entries: str | None = None
    """Each entry of a list page."""
    next_page: str | None = None
    navigation: str | None = None
    """The links of the categories."""
