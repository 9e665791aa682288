"""CSS selectors of a site profile."""

from __future__ import annotations

from dataclasses import dataclass

OF_ARTICLE = ("published", "source", "author", "editor", "summary")
"""Fields for which an empty selector says that no page of the site has one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selectors:
    """CSS selectors, each optional."""

    title: str | None = None
    info_line: str | None = None
    published: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    summary: str | None = None
    body: str | None = None
    """Selects the element that holds the paragraphs."""
    teasers: str | None = None
    """Selects each teaser of an article page."""
    entries: str | None = None
    """Selects each entry of a list page."""
    next_page: str | None = None
    navigation: str | None = None
    """Selects the links to the categories."""
