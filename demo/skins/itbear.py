"""One element holds the whole info line and a font-size widget; pages are counted as x/N."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, suffix, when
from demo.stories import Block, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Itbear(Skin):
    name = "itbear"
    describes = True

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/html/{story.born:%Y-%m}/{story.number}{suffix(part, '_{}')}.html"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/{slug}.html{suffix(page, '?page={}')}"

    def masthead(self, frame: Frame) -> str:
        return f"""<div class="header_top">{languages()}</div>
<div class="header_logo"><a href="/"><img src="/static/logo.png" alt="{SITE_NAME}"></a></div>
<div class="header_nav"><a href="/">首页</a>{self.nav(frame, "{}", '<b class="cur">{}</b>')}</div>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = "&nbsp;&nbsp;".join([when(story), *labelled(story, "来源：{}", "作者：{}", "编辑：{}")])
        return f"""<div class="article_box">
<h1>{escape(story.title)}</h1>
<div class="article_info">{info}&nbsp;&nbsp;背景：<i class="bg0"></i> <a href="javascript:;">A-</a> <a href="javascript:;">A</a> <a href="javascript:;">A+</a></div>
<div class="article_content" id="article_content">
{self.blocks(page)}
<p class="tip">免责声明：本文仅代表作者个人观点，与{SITE_NAME}无关。</p>
{self.parts(page.pager)}
<div class="article_rel">
{self.entries(page.teasers)}
</div>
</div>
</div>
"""

    def picture(self, picture: Block) -> str:
        return f'<p style="text-align:center"><img src="{picture.src}" alt="{escape(picture.text)}"><br>{escape(picture.text)}</p>'

    def entries(self, entries: list[Entry]) -> str:
        return f'<ul class="news_list">\n{each(item, entries)}\n</ul>'

    def pager(self, pager: Pager) -> str:
        previous = link(pager.previous, "上一页") if pager.previous else "上一页"
        following = link(pager.next, "下一页") if pager.next else "下一页"
        return f'<div class="pg">{previous} <span>{pager.current}/{len(pager.hrefs)}</span> {following}</div>'


def item(entry: Entry) -> str:
    picture = image_link(entry.href, entry.picture) if entry.picture else ""
    return f"""<li>{picture}<h4>{link(entry.href, entry.title)}</h4><p>{escape(entry.summary)}</p>
<em>{entry.published:%Y-%m-%d}</em></li>"""


def image_link(href: str, picture: Block) -> str:
    return f'<a href="{escape(href)}" class="pic"><img src="{picture.src}" alt=""></a>'
