"""Pages that need a browser: what would stand in glued's pages is put into empty ones by a script."""

from __future__ import annotations

from html import escape
from importlib import resources

from demo.skins import data
from demo.skins.base import SITE_NAME, footer_links, footer_traps, list_title
from demo.skins.glued import Glued
from demo.stories import Story
from demo.views import ArticlePage, Frame, ListPage

SCRIPT = "/static/scripted.js"
DELAY_MS = 1500
"""How long a late page waits before it asks for its content: longer than its side boxes take by far."""


def script() -> bytes:
    """ECMAScript 5 and no newer DOM, for the engine of Splash 3.5 is QtWebKit 5.212."""
    return resources.files(__package__).joinpath("scripted.js").read_bytes()


class Scripted(Glued):
    """Home and messages are plain; lists scroll without an end to a pager, and articles say nothing without their script."""

    name = "scripted"
    scripts_lists = True

    def scripts(self, story: Story) -> bool:  # noqa: ARG002 - all of them
        return True

    def listing(self, page: ListPage) -> str:
        if not self.scripts_lists:
            return super().listing(page)
        late = page.category == page.frame.nav[1]
        main = container("list", data.list_path(page.category.href), DELAY_MS if late else 0)
        return self.shell(page.frame, list_title(page), f"<h2>{escape(page.category.text)}</h2>\n{main}")

    def article(self, page: ArticlePage) -> str:
        """A shell says nothing of its article, so that it stays the same when the article is edited."""
        if not self.scripts(page.story):
            return super().article(page)
        path = page.pager.hrefs[page.pager.current - 1]
        late = page.story == self.newest_scripted(page.frame)
        return self.shell(
            page.frame, SITE_NAME, container("main", data.article_path(path), DELAY_MS if late else 0)
        )

    def newest_scripted(self, frame: Frame) -> Story | None:
        return next((entry.story for entry in frame.latest if self.scripts(entry.story)), None)

    def shell(self, frame: Frame, title: str, main: str) -> str:
        return self.sheet(frame, title, self.layout(main, container("side", data.SIDE)), head="")

    def footer(self, frame: Frame) -> str:
        """Without the day's date, which would change every shell every day; plain pages, too, carry the script."""
        return f"""<div class="footer">
<p>{footer_links()}</p>
<p>{footer_traps()}</p>
<p>Copyright &copy; 2009-{frame.now:%Y} {SITE_NAME} 版权所有 备案号00000000</p>
</div>
<script src="{SCRIPT}"></script>"""


class Mixed(Scripted):
    """Plain pages and shells side by side: only the articles of odd numbers need a browser."""

    name = "mixed"
    scripts_lists = False

    def scripts(self, story: Story) -> bool:
        return story.number % 2 == 1


def container(name: str, source: str, delay_ms: int = 0) -> str:
    """An element that the script fills from this address, once the delay is over."""
    delay = f' data-delay="{delay_ms}"' if delay_ms else ""
    return f'<div id="{name}" data-src="{escape(source)}"{delay}>加载中…</div>\n'
