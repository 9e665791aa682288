"""Discuz: dates without leading zeros, and pipes between the parts of the info line."""

from __future__ import annotations

from datetime import datetime
from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, numbers
from demo.stories import CATEGORIES, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Discuz(Skin):
    name = "discuz"

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/article-{story.number}-{part}.html"

    def list_path(self, slug: str, page: int = 1) -> str:
        number = list(CATEGORIES).index(slug) + 1
        return f"/portal.php?mod=list&catid={number}" + (f"&page={page}" if page > 1 else "")

    def masthead(self, frame: Frame) -> str:
        return f"""<div id="toptb"><div class="z"><a href="javascript:;">设为首页</a><a href="javascript:;">收藏本站</a></div><div class="y">{languages()}</div></div>
<div id="hd"><h2><a href="/" title="{SITE_NAME}">{SITE_NAME}</a></h2>
<div id="nv"><ul>{self.nav(frame, "<li>{}</li>", '<li class="a">{}</li>')}</ul></div></div>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        stamp = f"{unpadded(story.published)} {story.clock}".strip()
        info = labelled(story, "来自: {}", "作者: {}", "编辑: {}")
        pipe = '<span class="pipe">|</span>'
        return f"""<div class="bm vw">
<div class="h hm"><h1 class="ph">{escape(story.title)}</h1>
<p class="xg1">发布: {pipe.join([stamp, *info])}{pipe}查看: <em id="_viewnum">{page.views}</em>{pipe}评论: 0</p></div>
<div class="d"><table class="vwtb"><tr><td id="article_content">
{self.original_title(page)}
{self.blocks(page)}
</td></tr></table>
{self.parts(page.pager)}
</div>
<div class="o cl">{link("javascript:;", "收藏")} {link("javascript:;", "邀请")}</div>
</div>
<div class="bm" id="related_article"><div class="bm_h"><h3>相关阅读</h3></div>
{self.entries(page.teasers)}
</div>
"""

    def paragraph(self, html: str) -> str:
        return f"<div>　　{html}</div>"

    def entries(self, entries: list[Entry]) -> str:
        return f'<div class="bm_c xld">\n{each(item, entries)}\n</div>'

    def pager(self, pager: Pager) -> str:
        following = link(pager.next, "下一页", 'class="nxt"') if pager.next else ""
        previous = link(pager.previous, "", 'class="prev"') if pager.previous else ""
        return f'<div class="pgs cl"><div class="pg">{previous}{numbers(pager, "<strong>{}</strong>", separator="")}<label>共 {len(pager.hrefs)} 页</label>{following}</div></div>'


def item(entry: Entry) -> str:
    return f"""<dl class="bbda cl"><dt class="xs2">{link(entry.href, entry.title, 'target="_blank" class="xi2"')}</dt>
<dd class="xs2 cl">{escape(entry.summary)}</dd>
<dd><span class="xg1">{unpadded(entry.published)}</span></dd></dl>"""


def unpadded(moment: datetime) -> str:
    return f"{moment.year}-{moment.month}-{moment.day}"
