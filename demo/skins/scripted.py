"""Skins that need a browser: a script fills app shells with the content of skin ``glued``, which it loads as JSON."""

from __future__ import annotations

from html import escape
from importlib import resources

from demo.skins.base import SITE_NAME, Skin
from demo.skins.invented import Glued
from demo.stories import Story
from demo.views import ArticlePage, Frame, ListPage

SCRIPT, SIDE = "/static/scripted.js", "/data/side.json"
DELAY_MS = 1500
"""Milliseconds before a late page loads its content, far more than its side boxes take."""


def script() -> bytes:
    """Return the script: ECMAScript 5 without newer DOM, because Splash 3.5 renders with QtWebKit 5.212."""
    return resources.files(__package__).joinpath("scripted.js").read_bytes()


class Scripted(Glued):
    """Home page and messages are plain HTML; lists load entries on scrolling, and articles are app shells.

    The footer has no date, which would change all shells every day.
    """

    scripts_lists = True
    footer = f"""<div class="footer">
<p>{{links}}</p>
<p>{{traps}}</p>
<p>Copyright &copy; 2009-{{now:%Y}} {{site}} 版权所有 备案号00000000</p>
</div>
<script src="{SCRIPT}"></script>"""

    def scripts(self, story: Story) -> bool:  # noqa: ARG002 - all of them
        return True

    def listing(self, page: ListPage) -> str:
        if not self.scripts_lists:
            return super().listing(page)
        name, late = page.category.text, page.category == page.frame.nav[1]
        main = f"<h2>{name}</h2>\n{container('list', list_data_path(page.category.href), late=late)}"
        return self.page(page.frame, f"{name}_{SITE_NAME}", main, side=container("side", SIDE))

    def article(self, page: ArticlePage) -> str:
        """Return an app shell with nothing of the article, so that it does not change when the article is edited."""
        if not self.scripts(page.story):
            return super().article(page)
        newest = next((entry.story for entry in page.frame.latest if self.scripts(entry.story)), None)
        path = page.pager.hrefs[page.pager.current - 1]
        main = container("main", article_data_path(path), late=page.story == newest)
        return self.page(page.frame, SITE_NAME, main, side=container("side", SIDE))


class Mixed(Scripted):
    """Plain pages and app shells on one site: only articles with odd numbers need a browser."""

    scripts_lists = False

    def scripts(self, story: Story) -> bool:
        return story.number % 2 == 1


def container(name: str, source: str, *, late: bool = False) -> str:
    """Return an element that the script fills from the URL ``source``, after ``DELAY_MS`` if ``late``."""
    delay = f' data-delay="{DELAY_MS}"' if late else ""
    return f'<div id="{name}" data-src="{escape(source)}"{delay}>加载中…</div>\n'


def article_data_path(path: str) -> str:
    """Return the path of the data for the path of a page of an article."""
    return f"/data{path}.json"


def list_data_path(category: str, page: int = 1) -> str:
    """Return the path of the data of a list page for the path of its category; pages are counted from 1."""
    return f"/data/list{category}{page}.json"


def article_data(skin: Skin, page: ArticlePage) -> dict[str, object]:
    return {"title": skin.article_title(page), "html": skin.article_body(page)}


def list_data(page: ListPage) -> dict[str, object]:
    """Return the entries of a list and the path of its next page, ``None`` at the end."""
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
        "next": list_data_path(page.category.href, page.pager.current + 1) if page.pager.next else None,
    }


def side_data(skin: Skin, frame: Frame) -> dict[str, object]:
    return {"html": skin.side(frame)}
