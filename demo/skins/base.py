"""Base of all skins: order of a page's parts, default templates, and links that no crawler should follow.

Templates are filled by ``str.format``; values are escaped HTML, numbers or ``datetime``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from demo.stories import CATEGORIES, Block, Story
from demo.views import ArticlePage, Entry, Frame, Link, ListPage, Pager

SITE_NAME = "智能日报"
FOOTER_LINKS = {
    "/about.html": "关于我们",
    "/contact.html": "联系我们",
    "/ad.html": "广告服务",
    "/copyright.html": "版权声明",
    "/jobs.html": "诚聘英才",
    "/sitemap.html": "网站地图",
}
LANGUAGES = {"/": "简体", "/tw/": "繁體", "/en/": "English"}
TRAPS = {
    "https://www.example.com/partner": "友情链接：远帆网",
    "javascript:void(0)": "设为首页",
    "mailto:news@example.com": "投稿邮箱",
    "http://10.0.0.5/cms/login.html": "编辑入口",
    "file://127.0.0.1/etc/hostname": "离线版",
    "/m/": "手机版",
}
"""Links that no crawler should follow."""
PREVIOUS, NEXT = '<a href="{href}">上一页</a>', '<a href="{href}">下一页</a>'
NUMBER = '<a href="{href}">{number}</a>'


def link(href: str, text: str, attributes: str = "") -> str:
    return f'<a href="{escape(href)}"{attributes}>{escape(text)}</a>'


def links(targets: dict[str, str], attributes: str = "", separator: str = " | ") -> str:
    return separator.join(link(href, text, attributes) for href, text in targets.items())


SHARED = {
    "site": SITE_NAME,
    "languages": links(LANGUAGES),
    "links": links(FOOTER_LINKS),
    "traps": links(TRAPS, ' rel="nofollow"', " "),
}
"""Values for mastheads and footers."""


def inline(text: str, subject: str) -> str:
    """Return a paragraph's HTML with its first mention of the subject in bold."""
    return escape(text).replace(escape(subject), f"<strong>{escape(subject)}</strong>", 1)


def labelled(story: Story, labels: tuple[str, str, str]) -> list[str]:
    """Fill the templates for source, author and editor; leave out those that the story lacks."""
    names = (story.source, story.author, story.editor)
    return [label.format(escape(name)) for label, name in zip(labels, names, strict=True) if name]


@dataclass(frozen=True, kw_only=True)
class PagerTemplate:
    """Links between the pages of a list or of an article.

    ``previous`` and ``following`` are each a template for a page that exists and one for its absence. Both take
    ``first`` and ``last``; that of an existing page takes its ``href`` and ``number``, too.
    """

    whole: str
    current: str = "<span>{number}</span>"
    other: str = NUMBER
    separator: str = " "
    previous: tuple[str, str] = (PREVIOUS, "")
    following: tuple[str, str] = (NEXT, "")

    def render(self, pager: Pager) -> str:
        hrefs = dict(enumerate(map(escape, pager.hrefs), 1))
        numbers = (
            (self.current if number == pager.current else self.other).format(href=href, number=number)
            for number, href in hrefs.items()
        )

        def step(templates: tuple[str, str], number: int) -> str:
            values = {"href": hrefs.get(number), "number": number, "first": hrefs[1], "last": hrefs[len(hrefs)]}
            return templates[0 if number in hrefs else 1].format_map(values)

        return self.whole.format(
            numbers=self.separator.join(numbers),
            previous=step(self.previous, pager.current - 1),
            following=step(self.following, pager.current + 1),
            number=pager.current,
            count=len(hrefs),
        )


class Skin:
    """One family of markup, with its addresses."""

    charset = "utf-8"
    """Charset in the meta element of pages."""
    codec = "utf-8"
    content_type = "text/html; charset=utf-8"
    canonical = False
    """True if desktop pages have a canonical link too."""
    describes = False
    """True if article pages have a meta description."""
    tracks_lists = False
    """True if some links in lists have tracking parameters."""
    calendar = False
    """True if the sidebar has an endless calendar."""
    scripts_lists = False
    """True if a list is an app shell, whose script loads the entries, and more of them on scrolling."""

    article_urls: tuple[str, str]
    """Templates of the first page, and of later pages."""
    list_urls: tuple[str, str]
    first_category = 0
    """``category_id`` of the first category in URLs."""

    document = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="{charset}">
<title>{title}</title>
<meta name="viewport" content="width=device-width">
{head}
<link rel="stylesheet" href="/static/site.css">
<script>var site = {{"name": "sd", "v": "20260109"}}; if (top != self) {{ top.location = self.location; }}</script>
</head>
<body>
{masthead}
{content}
{footer}
</body>
</html>
"""
    layout = '<div class="wrap">\n<div class="left">\n{main}</div>\n<div class="right">\n{side}</div>\n</div>'
    masthead: str
    nav: tuple[str, str]
    """Templates of a category, and of the page's own category."""
    footer = """<div class="footer">
<p>{links}</p>
<p>{traps}</p>
<p>Copyright &copy; 2009-{now:%Y} {site} 版权所有 备案号00000000 更新于{now:%Y-%m-%d %H:%M}</p>
</div>"""
    latest = "<li><em>{published:%m-%d}</em> {link}</li>"
    hot = "<li>{link}</li>"
    sidebar = """<div class="adv"><a href="http://ads.example.com/click?slot=3" target="_blank">满减专场，低至五折</a></div>
<div class="box"><h3>最新文章</h3><ul>
{latest}
</ul></div>
<div class="box"><h3>热门排行</h3><ol>
{hot}
</ol></div>
"""

    story: str
    """Template of heading, info line, body and teasers."""
    published = "{0:%Y-%m-%d}"
    published_gap = " "
    """Separator between date and time."""
    labels: tuple[str, str, str]
    """Templates of source, author and editor."""
    label_separator = ""
    byline, signature = "", ""
    """Templates of author and editor apart from the info line."""
    paragraph = "<p>{}</p>"
    subhead = "<p><strong>{}</strong></p>"
    picture = '<div class="img"><img src="{src}" alt="{text}">{caption}</div>'
    caption = "<span>{}</span>"
    block_separator = "\n"
    parts = PagerTemplate(whole='<div class="page">{previous} {numbers} {following}</div>', current="<b>{number}</b>")
    """Links to the other pages of an article."""

    item: str
    """Template of an entry in a list."""
    teaser = ""
    """Template of an entry in ``{teasers}``; ``item`` if empty. ``{teaser_list}`` puts the teasers into ``entries``."""
    thumb = ""
    """Template of the first picture in ``item``."""
    entries: str
    pager: PagerTemplate

    # Addresses

    def article_path(self, story: Story, part: int = 1) -> str:
        return self.article_urls[0 if part == 1 else 1].format(
            born=story.born,
            number=story.number,
            thousand=story.number // 1000,
            category=story.category,
            category_id=self._category_id(story.category),
            part=part,
        )

    def list_path(self, slug: str, page: int = 1) -> str:
        return self.list_urls[0 if page == 1 else 1].format(
            slug=slug, category_id=self._category_id(slug), page=page, before=page - 1
        )

    def _category_id(self, slug: str) -> int:
        return self.first_category + list(CATEGORIES).index(slug)

    def scripts(self, story: Story) -> bool:  # noqa: ARG002 - a subclass uses the story
        """Return whether the story's pages are app shells."""
        return False

    # Pages

    def article(self, page: ArticlePage) -> str:
        head = f'<link rel="alternate" media="only screen and (max-width: 640px)" href="{escape(page.alternate)}">'
        if self.canonical:
            head += f'<link rel="canonical" href="{escape(page.pager.hrefs[page.pager.current - 1])}">'
        return self.page(page.frame, self.article_title(page), self.article_body(page), head + self.description(page))

    def article_title(self, page: ArticlePage) -> str:
        return f"{page.story.title}_{page.crumb.text}_{SITE_NAME}"

    def article_body(self, page: ArticlePage) -> str:
        trail = f"{link('/', '首页')} &gt; {link(page.crumb.href, page.crumb.text)} &gt; 正文"
        story = self.story.format_map(self.story_values(page))
        return f'<div class="crumb">当前位置：{trail}</div>\n{story}'

    def description(self, page: ArticlePage) -> str:
        return f'<meta name="description" content="{escape(page.description)}">' if self.describes else ""

    def listing(self, page: ListPage) -> str:
        name = page.category.text
        entries = self.entries.format(items=self.each(self.item, page.entries))
        main = f"<h2>{escape(name)}</h2>\n{entries}\n{self.pager.render(page.pager)}\n"
        head = f'<meta name="description" content="{SITE_NAME}{name}频道，每天更新。">'
        return self.page(page.frame, f"{name}_{SITE_NAME}", main, head)

    def home(self, frame: Frame, sections: Iterable[tuple[Link, list[Entry]]], head: str = "") -> str:
        blocks = (
            f'<div class="block"><h2>{link(category.href, category.text)}</h2>\n<ul>\n'
            f"{self.each('<li>{link}</li>', entries)}\n</ul></div>"
            for category, entries in sections
        )
        return self.page(frame, f"{SITE_NAME} - 每天读懂科技", "\n".join(blocks), head)

    def message(self, frame: Frame, title: str, text: str) -> str:
        """Return a page that is no article: about us, not found."""
        return self.page(frame, f"{title} - {SITE_NAME}", f'<div class="notice"><h3>{title}</h3>{text}</div>')

    def page(self, frame: Frame, title: str, main: str, head: str = "", side: str | None = None) -> str:
        """Return a document; ``side`` replaces the sidebar's content."""
        item, current = self.nav
        nav = ((current if entry.href == frame.current else item, entry) for entry in frame.nav)
        return self.document.format(
            charset=self.charset,
            title=escape(title),
            head=head,
            masthead=self.masthead.format(
                nav="\n".join(template.format(link(entry.href, entry.text)) for template, entry in nav), **SHARED
            ),
            content=self.layout.format(main=main, side=self.side(frame) if side is None else side),
            footer=self.footer.format(now=frame.now, **SHARED),
        )

    def side(self, frame: Frame) -> str:
        return self.sidebar.format(latest=self.each(self.latest, frame.latest), hot=self.each(self.hot, frame.hot))

    # Parts of pages

    def story_values(self, page: ArticlePage) -> dict[str, object]:
        story = page.story
        teasers = self.each(self.teaser or self.item, page.teasers)
        original = story.original_title if page.pager.current == 1 else None
        return {
            "site": SITE_NAME,
            "title": escape(story.title),
            "canonical": escape(page.canonical),
            "when": self.when(story),
            "labels": self.label_separator.join(labelled(story, self.labels)),
            "byline": self.byline.format(escape(story.author)) if story.author else "",
            "signature": self.signature.format(escape(story.editor)) if story.editor else "",
            "views": page.views,
            "original_title": self.paragraph.format(f"（原标题：{escape(original)}）") if original else "",
            "blocks": self.block_separator.join(self.block(block, story.subject) for block in page.blocks),
            "parts": self.parts.render(page.pager) if len(page.pager.hrefs) > 1 else "",
            "teasers": teasers,
            "teaser_list": self.entries.format(items=teasers),
        }

    def when(self, story: Story) -> str:
        """Return the date and, if the story has one, its time."""
        return self.published.format(story.published) + (self.published_gap if story.clock else "") + story.clock

    def block(self, block: Block, subject: str) -> str:
        text = escape(block.text)
        if block.kind == "picture":
            caption = self.caption.format(text) if text else ""
            return self.picture.format(src=block.src, text=text, caption=caption)
        if block.kind == "subhead":
            return self.subhead.format(text)
        return self.paragraph.format(inline(block.text, subject))

    def each(self, template: str, entries: list[Entry]) -> str:
        """Fill the template for each entry, one per line."""
        return "\n".join(template.format_map(self.entry_values(entry)) for entry in entries)

    def entry_values(self, entry: Entry) -> dict[str, object]:
        story, href = entry.story, escape(entry.href)
        return {
            "href": href,
            "title": escape(story.title),
            "link": link(entry.href, story.title),
            "summary": escape(story.summary),
            "published": story.published,
            "popularity": story.popularity,
            "date": self.entry_date(entry),
            "thumb": self.thumb.format(href=href, src=story.pictures[0].src) if story.pictures else "",
        }

    def entry_date(self, entry: Entry) -> str:
        return f"{entry.story.published:%Y-%m-%d}"
