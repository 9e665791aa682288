"""WordPress: a meta description of its own, a calendar that never ends, a hidden navigation above the pager."""

from __future__ import annotations

from html import escape

from demo.skins.base import SITE_NAME, Skin, each, labelled, languages, link, numbers, suffix, when
from demo.skins.endless_calendar import widget
from demo.stories import Block, Story
from demo.views import ArticlePage, Entry, Frame, Pager


class Wordpress(Skin):
    name = "wordpress"
    canonical = True
    describes = True
    calendar = True

    def article_path(self, story: Story, part: int = 1) -> str:
        return f"/archives/{story.number}{suffix(part, '/{}')}"

    def list_path(self, slug: str, page: int = 1) -> str:
        return f"/category/{slug}{suffix(page, '/page/{}')}"

    def masthead(self, frame: Frame) -> str:
        item = '<li class="menu-item menu-item-type-taxonomy">{}</li>'
        current = '<li class="menu-item current-menu-item">{}</li>'
        return f"""<header class="site-header"><div class="site-branding"><a href="/" rel="home">{SITE_NAME}</a></div>
<nav class="main-navigation"><ul class="menu"><li class="menu-item"><a href="/">首页</a></li>
{self.nav(frame, item, current)}
</ul></nav><div class="language-switcher">{languages()}</div></header>"""

    def side(self, frame: Frame) -> str:
        return super().side(frame) + widget(frame.now.date())

    def story(self, page: ArticlePage) -> str:
        story = page.story
        info = labelled(
            story,
            '<span class="item">来源：{}</span>',
            '<span class="item">作者：<a href="/about.html" rel="author">{}</a></span>',
            '<span class="item">编辑：{}</span>',
        )
        return f"""<article class="post">
<header class="article-header"><h1 class="article-title">{link(page.canonical, story.title)}</h1>
<div class="article-meta"><span class="item"><time>{when(story)}</time></span>
{each(str, info)}
<span class="item post-views">阅读({page.views})</span></div></header>
<div class="article-content">
{self.blocks(page)}
</div>
{self.parts(page.pager)}
<footer class="entry-footer"><div class="post-copyright">未经允许不得转载：{link("/", SITE_NAME)} &raquo; {link(page.canonical, story.title)}</div></footer>
</article>
<div class="relates"><div class="title"><h3>相关推荐</h3></div>
{self.entries(page.teasers)}
</div>
"""

    def subhead(self, html: str) -> str:
        return f"<h2>{html}</h2>"

    def picture(self, picture: Block) -> str:
        caption = (
            f'<figcaption class="wp-caption-text">{escape(picture.text)}</figcaption>' if picture.text else ""
        )
        return f'<figure class="wp-caption aligncenter"><img src="{picture.src}" alt="">{caption}</figure>'

    def entries(self, entries: list[Entry]) -> str:
        return each(excerpt, entries)

    def pager(self, pager: Pager) -> str:
        previous = f'<li class="prev-page">{link(pager.previous, "上一页")}</li>' if pager.previous else ""
        following = f'<li class="next-page">{link(pager.next, "下一页")}</li>' if pager.next else ""
        return f"""<nav class="navigation" style="display:none"><a href="#top">较早文章</a></nav>
<div class="pagination"><ul>{previous}{numbers(pager, '<li class="active"><span>{}</span></li>', "<li>{}</li>", "")}{following}
<li><span>共 {len(pager.hrefs)} 页</span></li></ul></div>"""


def excerpt(entry: Entry) -> str:
    thumb = (
        f'<a class="focus" href="{escape(entry.href)}"><img src="{entry.picture.src}" class="thumb"></a>'
        if entry.picture
        else ""
    )
    return f"""<article class="excerpt">{thumb}<header><h2>{link(entry.href, entry.title)}</h2></header>
<p class="note">{escape(entry.summary)}</p>
<div class="meta"><time>{entry.published:%Y-%m-%d}</time></div></article>"""
