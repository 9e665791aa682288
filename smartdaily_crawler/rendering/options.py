"""How a page is to be rendered: what a request says of it in ``meta["render"]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from smartdaily_crawler.items import Kind

Renderer = Literal["splash", "playwright"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderOptions:
    """A page as a browser shows it once its content is there."""

    by: Renderer
    kind: Kind
    """What is expected on the page, and so waited for."""
    selector: str | None = None
    """CSS of what is waited for; ``None``: told by the structure, a list or running text."""
    scrolls: int = 0
    """How often a list is scrolled to its end for more, at the most."""
