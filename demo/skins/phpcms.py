"""PHPCMS: the info line stands inside the h1, and the last page's 下一页 links to itself."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, numbers, when
from demo.stories import CATEGORIES, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Phpcms(Skin):
    name = "phpcms"

    def article_path(self, story: Story, part: int = 1) -> str:
        category = list(CATEGORIES).index(story.category) + 6
        page = f"&page={part}" if part > 1 else ""
        return f"/index.php?m=content&c=index&a=show&catid={category}&id={story.number}{page}"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/c/{slug}/{page}.html" if page > 1 else f"/c/{slug}/"

    def masthead(self, frame: Frame) -> str:
        return f"""<div class="header"><div class="logo"><a href="/">{SITE_NAME}</a></div>{languages()}
<div class="nav-bar"><ul class="nav-site">
{self.nav(frame, "<li>{}</li>", '<li class="active">{}</li>')}
</ul></div></div>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = labelled(story, "来源：{}", "作者：{}", "编辑：{}")
        return f"""<div id="Article">
<h1>{escape(story.title)}<br />
<span>{"&nbsp;&nbsp;&nbsp;".join([when(story), *info])}&nbsp;&nbsp;&nbsp;评论：<a href="#comment">0</a> 点击：<span id="hits">{page.views}</span></span></h1>
<div class="content">
{self.blocks(page)}
{self.parts(page.pager)}
</div>
<p class="related-title">延伸阅读：</p>
{self.entries(page.teasers)}
</div>
"""

    def entries(self, entries: list[Entry]) -> str:
        return f'<ul class="list lh24 f14">\n{each(item, entries)}\n</ul>'

    def pager(self, pager: Pager) -> str:
        previous = link(pager.previous or pager.hrefs[0], "上一页", 'class="a1"')
        following = link(pager.next or pager.hrefs[-1], "下一页", 'class="a1"')
        return f'<div id="pages" class="text-c"><a class="a1">{len(pager.hrefs)}页</a> {previous} {numbers(pager, "<span>{}</span>")} {following}</div>'


def item(entry: Entry) -> str:
    return f"""<li><span class="rt">{entry.published:%Y-%m-%d}</span>·{link(entry.href, entry.title)}
<div class="desc">{escape(entry.summary)}</div></li>"""
