"""Label and value stand in separate elements; paragraphs are divs; the pager's 下一页 is a script."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, languages, link, numbers, suffix, when
from demo.stories import Block, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Split(Skin):
    name = "split"
    canonical = True
    tracks_lists = True

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/a/{story.born:%Y%m%d}/00{story.number}{suffix(part, '_p{}')}.shtml"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/channel/{slug}/{suffix(page, 'p{}.html')}"

    def masthead(self, frame: Frame) -> str:
        return f"""<header class="hd"><a href="/" class="brand">{SITE_NAME}</a>
<nav class="channels">{self.nav(frame, "{}", "<strong>{}</strong>")}</nav>
<div class="switch">{languages()}</div></header>"""

    def story(self, page: ArticlePage) -> str:
        story = page.story
        pairs = {
            "时间：": when(story),
            "来源：": story.source,
            "作者：": story.author,
            "编辑：": story.editor,
            "浏览：": str(page.views),
        }
        meta = each(
            lambda pair: f'<span class="k">{pair[0]}</span><span class="v">{escape(pair[1] or "")}</span>',
            [pair for pair in pairs.items() if pair[1]],
        )
        return f"""<main class="detail">
<h1 class="headline">{escape(story.title)}</h1>
<div class="meta">
{meta}
</div>
<div class="rich-text">
{self.original_title(page)}
{self.blocks(page)}
<div class="more-tip">更多精彩内容，请关注{SITE_NAME}官方账号。</div>
</div>
{self.parts(page.pager)}
<div class="share">分享到： <a href="javascript:void(0)">微信</a> <a href="javascript:void(0)">微博</a></div>
</main>
<section class="recommend"><h2>相关推荐</h2>
{self.entries(page.teasers)}
</section>
"""

    def paragraph(self, html: str) -> str:
        return f'<div class="para">{html}</div>'

    def subhead(self, html: str) -> str:
        return f"<h3>{html}</h3>"

    def picture(self, picture: Block) -> str:
        return f'<figure><img src="{picture.src}" alt=""><figcaption>{escape(picture.text)}</figcaption></figure>'

    def entries(self, entries: list[Entry]) -> str:
        return f'<div class="cards">\n{each(card, entries)}\n</div>'

    def pager(self, pager: Pager) -> str:
        following = (
            f'<a href="javascript:void(0)" onclick="toPage({pager.current + 1})">下一页</a>'
            if pager.next
            else ""
        )
        return f'<div class="pagination">{numbers(pager, "<em>{}</em>")} {following}</div>'


def card(entry: Entry) -> str:
    thumb = f'<img class="thumb" src="{entry.picture.src}" alt="">' if entry.picture else ""
    return f"""<div class="card">{thumb}
<div class="t">{link(entry.href, entry.title)}</div>
<div class="s">{escape(entry.summary)}</div>
<div class="d"><span>发布于</span><span>{entry.published:%Y-%m-%d}</span></div>
</div>"""
