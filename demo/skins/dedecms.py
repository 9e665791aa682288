"""DedeCMS: the title is an h2, the editor stands in brackets inside the body's cell, 上一篇 and 下一篇 follow it."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, numbers, suffix, when
from demo.stories import CATEGORIES, Story
from demo.views import ArticlePage, Entry, Frame, Pager

FIRST_LIST = 21


class Dedecms(Skin):
    name = "dedecms"

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/{story.category}/{story.born:%Y/%m%d}/{story.number}{suffix(part, '_{}')}.html"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/{slug}/{suffix(page, f'list_{FIRST_LIST + list(CATEGORIES).index(slug)}_{{}}.html')}"

    def masthead(self, frame: Frame) -> str:
        return f"""<div class="header"><div class="title"><h1><a href="/">{SITE_NAME}</a></h1></div>
<div class="top-lang">{languages()}</div></div>
<div id="navMenu"><ul><li><a href="/"><span>主页</span></a></li>
{self.nav(frame, "<li>{}</li>", '<li class="hover">{}</li>')}
</ul></div>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = labelled(story, "<small>来源:</small>{}", "<small>作者:</small>{}", "")
        editor = (
            f'<div class="dede_pages_editor">(责任编辑：{escape(story.editor)})</div>' if story.editor else ""
        )
        return f"""<div class="viewbox">
<div class="title"><h2>{escape(story.title)}</h2></div>
<div class="info"><small>时间:</small>{when(story)}{"".join(info)}<small>点击:</small><script src="/static/count.js"></script>{page.views}次</div>
<div class="content"><table width="100%"><tr><td>
{self.blocks(page)}
{editor}
</td></tr></table></div>
{self.parts(page.pager)}
<div class="context"><ul>{each(neighbour, zip(("上一篇", "下一篇"), page.neighbours, strict=False))}</ul></div>
</div>
<dl class="tbox"><dt><strong>相关文章</strong></dt>
{each(related, page.teasers)}
</dl>
"""

    def subhead(self, html: str) -> str:
        return f'<p style="font-weight:bold">{html}</p>'

    def entries(self, entries: list[Entry]) -> str:
        return f'<ul class="e2">\n{each(row, entries)}\n</ul>'

    def pager(self, pager: Pager) -> str:
        first = link(pager.hrefs[0], "首页") if pager.previous else "首页"
        tail = (
            f"<li>{link(pager.next, '下一页')}</li><li>{link(pager.hrefs[-1], '末页')}</li>"
            if pager.next
            else ""
        )
        pages = numbers(pager, '<li class="thisclass">{}</li>', "<li>{}</li>", "")
        return f"""<div class="dede_pages"><ul class="pagelist"><li>{first}</li>{pages}{tail}
<li><span class="pageinfo">共 <strong>{len(pager.hrefs)}</strong>页</span></li></ul></div>"""

    def parts(self, pager: Pager) -> str:
        if len(pager.hrefs) == 1:
            return ""
        return f"""<div class="dede_pages"><ul class="pagelist"><li><a>共{len(pager.hrefs)}页: </a></li>
<li>{link(pager.previous or "#", "上一页")}</li>{numbers(pager, '<li class="thisclass"><a href="#">{}</a></li>', "<li>{}</li>", "")}
<li>{link(pager.next or "#", "下一页")}</li></ul></div>"""


def neighbour(labelled_entry: tuple[str, Entry]) -> str:
    label, entry = labelled_entry
    return f"<li>{label}：{link(entry.href, entry.title)}</li>"


def related(entry: Entry) -> str:
    return f"""<dd>{link(entry.href, entry.title, 'class="tit"')}<p>{escape(entry.summary)}</p>
<span>日期：{entry.published:%Y-%m-%d}</span></dd>"""


def row(entry: Entry) -> str:
    return f"""<li>{link(entry.href, entry.title, 'class="title"')}
<span class="info"><small>日期：</small>{entry.published:%Y-%m-%d}<small>点击：</small>{entry.story.popularity}</span>
<p class="intro">{escape(entry.summary)}</p></li>"""
