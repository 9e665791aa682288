"""EmpireCMS: table cells, the body one run of text with line breaks, non-breaking spaces in the info line."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, numbers, suffix, when
from demo.stories import Block, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Empirecms(Skin):
    name = "empirecms"

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/{story.category}/{story.born:%Y-%m-%d}/{story.number}{suffix(part, '_{}')}.html"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/{slug}/{suffix(page, 'index_{}.html')}"

    def masthead(self, frame: Frame) -> str:
        return f"""<table width="980" class="top"><tr><td><a href="/">{SITE_NAME}</a></td><td>{languages()}</td></tr></table>
<table width="980" class="nav"><tr><td><a href="/">首页</a></td>
{self.nav(frame, "<td>{}</td>", '<td class="nav_on">{}</td>')}
</tr></table>"""

    def layout(self, main: str, side: str) -> str:
        return f"""<table width="980"><tr valign="top"><td class="main">
{main}</td><td class="sider">
{side}</td></tr></table>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = labelled(story, "来源：{}", "作者：{}", "编辑：{}")
        return f"""<table class="content"><tr><td class="title"><h1>{escape(story.title)}</h1></td></tr>
<tr><td class="info_text">时间:{"&nbsp;&nbsp;".join([when(story), *info])}&nbsp;&nbsp;点击：<span>{page.views}</span></td></tr>
<tr><td id="text">{self.blocks(page)}
<div align="center" class="pageLink">{self.parts(page.pager)}</div></td></tr></table>
<table class="box"><tr><td class="tt">推荐阅读</td></tr>
{each(row, page.teasers)}
</table>
"""

    def blocks(self, page: ArticlePage) -> str:
        texts = each(lambda block: self.block(block, page.story.subject), page.blocks, "<br><br>\n　　")
        return f"　　{texts}"

    def paragraph(self, html: str) -> str:
        return html

    def picture(self, picture: Block) -> str:
        caption = f"<center><small>{escape(picture.text)}</small></center>" if picture.text else ""
        return f'<center><img src="{picture.src}"></center>{caption}'

    def entries(self, entries: list[Entry]) -> str:
        return f'<table class="box list">\n{each(row, entries)}\n</table>'

    def pager(self, pager: Pager) -> str:
        following = (
            f"{link(pager.next, '下一页')}&nbsp;{link(pager.hrefs[-1], '尾页')}"
            if pager.next
            else "下一页&nbsp;尾页"
        )
        first = f"{link(pager.hrefs[0], '首页')}&nbsp;" if pager.previous else ""
        return f'<div class="list_page"><span>总数 {len(pager.hrefs)} 页</span> {first}{numbers(pager, "<b>{}</b>", separator="&nbsp;")}&nbsp;{following}</div>'


def row(entry: Entry) -> str:
    return f"""<tr><td>{link(entry.href, entry.title)}<br>
<font color="#666">{escape(entry.summary)}</font><br>
<small>{entry.published:%Y-%m-%d}</small></td></tr>"""
