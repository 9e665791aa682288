"""What the scripts of shells ask for: addresses, and the contents of the answers, which are JSON."""

from __future__ import annotations

from demo.skins.base import Skin
from demo.views import ArticlePage, Entry, Frame, ListPage

SIDE = "/data/side.json"


def article_path(path: str) -> str:
    """For the path of one of an article's pages."""
    return f"/data{path}.json"


def list_path(category: str, page: int = 1) -> str:
    """For the path of a category's list; its pages are counted from 1."""
    return f"/data/list{category}{page}.json"


def article(skin: Skin, page: ArticlePage) -> dict[str, object]:
    return {"title": skin.article_title(page), "html": skin.article_body(page)}


def listing(page: ListPage) -> dict[str, object]:
    """``next`` is the address of the list's next page, and null at its end."""
    return {
        "entries": [entry(one) for one in page.entries],
        "next": list_path(page.category.href, page.pager.current + 1) if page.pager.next else None,
    }


def entry(one: Entry) -> dict[str, str]:
    return {
        "href": one.href,
        "title": one.title,
        "summary": one.summary,
        "date": f"{one.published:%Y-%m-%d}",
    }


def side(skin: Skin, frame: Frame) -> dict[str, object]:
    return {"html": skin.side(frame)}
