"""What the scripts of shells load: addresses, and the contents of the answers, which are JSON."""

from __future__ import annotations

from demo.skins.base import Skin
from demo.views import ArticlePage, Frame, ListPage

SIDE = "/data/side.json"


def article_path(path: str) -> str:
    """Return the data's address for the path of one of an article's pages."""
    return f"/data{path}.json"


def list_path(category: str, page: int = 1) -> str:
    """Return the data's address for the path of a category's list; its pages are counted from 1."""
    return f"/data/list{category}{page}.json"


def article(skin: Skin, page: ArticlePage) -> dict[str, object]:
    return {"title": skin.article_title(page), "html": skin.article_body(page)}


def listing(page: ListPage) -> dict[str, object]:
    """Return a list's entries and the address of its next page, ``None`` at its end."""
    return {
        "entries": [
            {
                "href": entry.href,
                "title": entry.story.title,
                "summary": entry.story.summary,
                "date": f"{entry.story.published:%Y-%m-%d}",
            }
            for entry in page.entries
        ],
        "next": list_path(page.category.href, page.pager.current + 1) if page.pager.next else None,
    }


def side(skin: Skin, frame: Frame) -> dict[str, object]:
    return {"html": skin.side(frame)}
