"""人民网 (TRS): date and time run together, the editor follows the body, a list's page 2 is ``index_1.html``."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, languages, link, suffix, when
from demo.stories import CATEGORIES, Block, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class People(Skin):
    name = "people"
    canonical = True
    describes = True

    def article_path(self, story: Story, part: int = 1) -> str:
        channel = 1003 + list(CATEGORIES).index(story.category)
        return f"/n1/{story.born:%Y/%m%d}/c{channel}-{story.number}{suffix(part, '-{}')}.html"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/GB/{slug}/index{suffix(page, f'_{page - 1}')}.html"

    def masthead(self, frame: Frame) -> str:
        return f"""<div class="pd_top"><span>{languages()}</span></div>
<div class="pd_nav"><a href="/"><b>{SITE_NAME}</b></a> {self.nav(frame, "<i>|</i>{}", "<i>|</i><b>{}</b>")}</div>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        source = f" | 来源：{link('/about.html', story.source)}" if story.source else ""
        author = f'<div class="author">作者：{escape(story.author)}</div>' if story.author else ""
        editor = f'<div class="edit">(责编：{escape(story.editor)})</div>' if story.editor else ""
        return f"""<div class="col-1">
<h4 class="pre"></h4>
<h1>{escape(story.title)}</h1>
{author}
<div class="col-1-1">{when(story, "%Y年%m月%d日", "")}{source} <a href="javascript:;" class="message">小字号</a></div>
<div class="rm_txt_con">
{self.original_title(page)}
{self.blocks(page)}
{self.parts(page.pager)}
{editor}
</div>
<div class="rm_fenxiang">分享让更多人看到 <span>已有{page.views}人阅读</span></div>
</div>
<div class="rm_relevant"><h3>推荐阅读</h3>
<ul>
{each(item, page.teasers)}
</ul></div>
"""

    def paragraph(self, html: str) -> str:
        return f'<p style="text-indent: 2em;">\n\t{html}</p>'

    def picture(self, picture: Block) -> str:
        return f'<p style="text-align: center;"><img alt="{escape(picture.text)}" src="{picture.src}"><br>{escape(picture.text)}</p>'

    def parts(self, pager: Pager) -> str:
        if len(pager.hrefs) == 1:
            return ""
        marks = (
            f"【{number}】" if number == pager.current else link(href, f"【{number}】")
            for number, href in enumerate(pager.hrefs, 1)
        )
        return f'<div class="zdfy">{"".join(marks)}</div>'

    def entries(self, entries: list[Entry]) -> str:
        return f'<ul class="list_16">\n{each(item, entries)}\n</ul>'

    def pager(self, pager: Pager) -> str:
        pages = each(lambda numbered: link(numbered[1], str(numbered[0])), enumerate(pager.hrefs, 1), " ")
        following = link(pager.next, "下一页") if pager.next else ""
        return f'<div class="page_n">{pages} {following}</div>'


def item(entry: Entry) -> str:
    return f"""<li>{link(entry.href, entry.title)}<em>{entry.published:%Y-%m-%d}</em>
<div class="abs">{escape(entry.summary)}</div></li>"""
