"""快科技: the source is labelled 出处, names are links, lists say 3小时前 and 昨天, and their links are tracked."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, numbers, suffix, when
from demo.stories import Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Mydrivers(Skin):
    name = "mydrivers"
    tracks_lists = True

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/1/{story.number // 1000}/{story.number}{suffix(part, '_{}')}.htm"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/blog/{slug}{suffix(page, '_{}')}.htm"

    def masthead(self, frame: Frame) -> str:
        return f"""<div class="top_bar"><span class="y">{languages()}</span><a href="/">{SITE_NAME}</a></div>
<div class="nav_box"><div class="nav">{self.nav(frame, "<span>{}</span>", '<span class="hover">{}</span>')}</div></div>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = labelled(
            story, "出处：{}", '作者：<a href="/about.html">{}</a>', '编辑：<a href="/about.html">{}</a>'
        )
        editor = f"<p>[责任编辑：{escape(story.editor)}]</p>" if story.editor else ""
        return f"""<div class="news_bt" id="thread_subject"><h1>{escape(story.title)}</h1></div>
<div class="news_bt1"><div class="news_bt1_left">{" ".join([when(story), *info])} <a href="#comment">评论(<span>0</span>)</a> 人气：{page.views} 次</div></div>
<div class="news_info">
{self.original_title(page)}
{self.blocks(page)}
<p class="end">- THE END -</p>
<p class="url">转载请注明出处：{SITE_NAME}</p>
{editor}
</div>
{self.parts(page.pager)}
<div class="news_xg"><h4>相关文章</h4>
<ul>
{each(related, page.teasers)}
</ul></div>
"""

    def entries(self, entries: list[Entry]) -> str:
        return f'<ul class="newslist">\n{each(row, entries)}\n</ul>'

    def pager(self, pager: Pager) -> str:
        following = link(pager.next, "下一页>", 'class="postpage"') if pager.next else ""
        return f'<div class="postpage_box">{numbers(pager, "<em>{}</em>")} {following}</div>'


def related(entry: Entry) -> str:
    return f"""<li><p class="xg_t">{link(entry.href, entry.title)}</p><p class="xg_s">{escape(entry.summary)}</p>
<p class="xg_d">{entry.published:%Y-%m-%d}</p></li>"""


def row(entry: Entry) -> str:
    thumb = (
        f'<div class="img"><a href="{escape(entry.href)}"><img src="{entry.picture.src}" alt=""></a></div>'
        if entry.picture
        else ""
    )
    return f"""<li>{thumb}<div class="txt"><h3>{link(entry.href, entry.title)}</h3>
<p>{escape(entry.summary)}</p><span class="t">{relative(entry)}</span></div></li>"""


def relative(entry: Entry) -> str:
    """As the site's clock sees it: hours today, 昨天 with its time, the date before that and for dates without a time."""
    days = (entry.now.date() - entry.published.date()).days
    if not entry.story.clock or days not in {0, 1}:
        return f"{entry.published:%Y-%m-%d}"
    if days == 1:
        return f"昨天 {entry.published:%H:%M}"
    minutes = int((entry.now - entry.published).total_seconds()) // 60
    return f"{minutes // 60}小时前" if minutes >= 60 else f"{minutes}分钟前"  # noqa: PLR2004 - an hour
