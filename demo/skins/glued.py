"""Nothing stands between the parts of the info line, and the teasers stand inside the body's container."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, numbers, suffix, when
from demo.stories import Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Glued(Skin):
    name = "glued"

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/news/{story.born:%Y%m%d}/{story.number}{suffix(part, '_{}')}.html"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/{slug}/?page={page}" if page > 1 else f"/{slug}/"

    def masthead(self, frame: Frame) -> str:
        items = self.nav(frame, "<li>{}</li>", '<li class="on">{}</li>')
        return f"""<div class="top"><div class="lang">{languages()}</div><a class="logo" href="/">{SITE_NAME}</a></div>
<ul class="menu">
{items}
</ul>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = labelled(story, "<span>来源:{}</span>", "<span>作者:{}</span>", "<span>编辑:{}</span>")
        return f"""<div class="show">
<h1>{escape(story.title)}</h1>
<div class="info">{when(story)}{"".join(info)}</div>
<div class="tool">阅读 {page.views} <a href="javascript:;" onclick="share()">分享到微信</a></div>
<div class="content">
{self.blocks(page)}
{self.parts(page.pager)}
<div class="like">
{each(self.teaser, page.teasers)}
</div>
</div>
</div>
"""

    def teaser(self, entry: Entry) -> str:
        return f"""<div class="item"><h3>{link(entry.href, entry.title)}</h3>
<p>{escape(entry.summary)}</p>
<span>{entry.published:%Y-%m-%d}</span></div>"""

    def entries(self, entries: list[Entry]) -> str:
        return f'<div class="list">\n{each(self.teaser, entries)}\n</div>'

    def pager(self, pager: Pager) -> str:
        following = link(pager.next, "下一页") if pager.next else ""
        return f'<div class="pages">{numbers(pager, "<span>{}</span>")} {following}</div>'
