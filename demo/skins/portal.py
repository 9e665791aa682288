"""An old portal: tables in tables, GBK bytes that only a meta after a decoy calls gb2312, names in brackets."""

from __future__ import annotations

from html import escape

from demo.skins.base import (
    SITE_NAME,
    Skin,
    copyright_line,
    each,
    footer_links,
    footer_traps,
    labelled,
    languages,
    link,
    numbers,
    suffix,
)
from demo.stories import Block, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Portal(Skin):
    name = "portal"
    charset = "gb2312"
    codec = "gb18030"
    content_type = "text/html"

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/tech/{story.born:%Y-%m-%d}/{story.number}{suffix(part, '_{}')}.shtml"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/tech/{slug}/index{suffix(page, '_{}')}.shtml"

    def document(self, frame: Frame, title: str, main: str, head: str = "") -> str:
        return f"""<HTML>
<HEAD>
<SCRIPT src="/static/count.js" charset="utf-8"></SCRIPT>
<META http-equiv="Content-Type" content="text/html; charset={self.charset}">
<TITLE>{escape(title)}</TITLE>
{head}
</HEAD>
<BODY bgcolor="#ffffff">
{self.masthead(frame)}
<TABLE width="950" align="center"><TR><TD width="640" valign="top">
{main}</TD><TD valign="top">
{self.side(frame)}</TD></TR></TABLE>
{self.footer(frame)}
</BODY>
</HTML>
"""

    def masthead(self, frame: Frame) -> str:
        return f"""<TABLE width="950" align="center"><TR><TD><A href="/"><B>{SITE_NAME}</B></A></TD><TD align="right">{languages()}</TD></TR></TABLE>
<TABLE width="950" align="center" bgcolor="#003399"><TR>
{self.nav(frame, "<TD>{}</TD>", "<TD><B>{}</B></TD>")}
</TR></TABLE>"""

    def footer(self, frame: Frame) -> str:
        return f"""<TABLE width="950" align="center"><TR><TD align="center">{footer_links()}<BR>
{footer_traps()}<BR>{copyright_line(frame)}</TD></TR></TABLE>"""

    def side(self, frame: Frame) -> str:
        latest = each(
            lambda entry: f"·{link(entry.href, entry.title)} ({entry.published:%m/%d})<BR>", frame.latest
        )
        hot = each(lambda entry: f"<TR><TD>{link(entry.href, entry.title)}</TD></TR>", frame.hot)
        return f"""<TABLE><TR><TD><B>最新消息</B></TD></TR><TR><TD>
{latest}
</TD></TR></TABLE>
<TABLE><TR><TD><B>点击排行</B></TD></TR>
{hot}
</TABLE>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = labelled(story, "【来源：{}】", "【作者：{}】", "【编辑：{}】")
        return f"""<TABLE width="100%"><TR><TH class="f24"><H1>{escape(story.title)}</H1></TH></TR>
<TR><TD align="center"><FONT color="#666666">{date(story)}　{"".join(info)}</FONT></TD></TR>
<TR><TD class="l17"><FONT id="zoom">
{self.original_title(page)}
{self.blocks(page)}
<P align="right">〔{link("javascript:window.close()", "关闭窗口")}〕 阅读 {page.views} 次</P>
{self.parts(page.pager)}
<TABLE width="100%">
{each(row, page.teasers)}
</TABLE>
</FONT></TD></TR></TABLE>
"""

    def paragraph(self, html: str) -> str:
        return f"<P>　　{html}</P>"

    def picture(self, picture: Block) -> str:
        return f'<TABLE align="center"><TR><TD><IMG src="{picture.src}"></TD></TR><TR><TD align="center"><FONT size="2">{escape(picture.text)}</FONT></TD></TR></TABLE>'

    def entries(self, entries: list[Entry]) -> str:
        return f'<TABLE width="100%">\n{each(row, entries)}\n</TABLE>'

    def pager(self, pager: Pager) -> str:
        previous = link(pager.previous, "上一页") if pager.previous else "上一页"
        following = link(pager.next, "下一页") if pager.next else "下一页"
        return f"<CENTER>{previous} {numbers(pager, '<FONT color=red>{}</FONT>')} {following}</CENTER>"


def date(story: Story) -> str:
    day = f"{story.published.year}年{story.published.month}月{story.published.day}日"
    return f"{day} {story.clock}".strip()


def row(entry: Entry) -> str:
    return f"""<TR><TD><B>{link(entry.href, entry.title)}</B><BR>{escape(entry.summary)}
<FONT color="#999999">{entry.published:%Y-%m-%d}</FONT></TD></TR>"""
