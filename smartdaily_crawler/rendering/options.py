"""Render options of a request, stored in ``meta["render"]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from smartdaily_crawler.items import Kind

Renderer = Literal["splash", "playwright"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderOptions:
    """Which renderer to use, and which content of the page to wait for."""

    by: Renderer
    kind: Kind
    """Kind of page, which decides the content that is waited for."""
    selector: str | None = None
    """CSS selector of that content; ``None``: wait for a list or running text, by the kind."""
    scrolls: int = 0
    """Maximum number of times to scroll a list to its end for more entries."""
