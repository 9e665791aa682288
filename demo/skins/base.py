"""What all families of markup share: the order of a page's parts, the parts no family changes, and the traps of every site."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from html import escape
from typing import TypeVar

from demo.stories import Block, Story
from demo.views import ArticlePage, Entry, Frame, HomePage, Link, ListPage, Pager

T = TypeVar("T")
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


def each(render: Callable[[T], str], things: Iterable[T], separator: str = "\n") -> str:
    return separator.join(render(thing) for thing in things)


def link(href: str, text: str, attributes: str = "") -> str:
    return f'<a href="{escape(href)}"{attributes and " " + attributes}>{escape(text)}</a>'


def when(story: Story, date: str = "%Y-%m-%d", gap: str = " ") -> str:
    """The date in this form and, where the story has one, its time."""
    return f"{story.published:{date}}{gap if story.clock else ''}{story.clock}"


def inline(text: str, subject: str) -> str:
    """A paragraph's text with its first mention of the subject in bold."""
    return escape(text).replace(escape(subject), f"<strong>{escape(subject)}</strong>", 1)


def labelled(story: Story, source: str, author: str, editor: str) -> list[str]:
    """Templates with a ``{}`` for the name, filled for those fields that the story has."""
    pairs = ((source, story.source), (author, story.author), (editor, story.editor))
    return [template.format(escape(name)) for template, name in pairs if name]


def suffix(part: int, template: str) -> str:
    """What an address adds for page 2 and on."""
    return template.format(part) if part > 1 else ""


class Skin(ABC):
    """One family of markup, with its addresses."""

    name: str
    charset = "utf-8"
    """As the page's meta names it."""
    codec = "utf-8"
    content_type = "text/html; charset=utf-8"
    canonical = False
    """Whether desktop pages, too, name themselves canonical."""
    describes = False
    """Whether article pages carry a meta description."""
    tracks_lists = False
    """Whether some of a list's links carry tracking parameters."""
    calendar = False
    """Whether the sidebar holds a calendar that never ends."""
    scripts_lists = False
    """Whether a list is one shell, whose script gets the entries and, as its reader scrolls, more of them."""

    @abstractmethod
    def article_path(self, story: Story, part: int = 1) -> str: ...

    @abstractmethod
    def list_path(self, slug: str, page: int = 1) -> str: ...

    def scripts(self, story: Story) -> bool:  # noqa: ARG002 - a skin of shells asks which story
        """Whether the story's pages are shells, whose script gets what stands in them."""
        return False

    @abstractmethod
    def masthead(self, frame: Frame) -> str: ...

    @abstractmethod
    def story(self, page: ArticlePage) -> str:
        """Heading, info line, body and teasers."""

    @abstractmethod
    def entries(self, entries: list[Entry]) -> str: ...

    @abstractmethod
    def pager(self, pager: Pager) -> str: ...

    def article(self, page: ArticlePage) -> str:
        head = f'<link rel="alternate" media="only screen and (max-width: 640px)" href="{escape(page.twin)}">'
        if self.canonical:
            head += f'<link rel="canonical" href="{escape(page.pager.hrefs[page.pager.current - 1])}">'
        return self.document(
            page.frame, self.article_title(page), self.article_body(page), head + self.description(page)
        )

    def article_title(self, page: ArticlePage) -> str:
        return f"{page.story.title}_{page.crumb.text}_{SITE_NAME}"

    def article_body(self, page: ArticlePage) -> str:
        return self.crumbs(page) + self.story(page)

    def description(self, page: ArticlePage) -> str:
        return f'<meta name="description" content="{escape(page.description)}">' if self.describes else ""

    def crumbs(self, page: ArticlePage) -> str:
        trail = f"{link('/', '首页')} &gt; {link(page.crumb.href, page.crumb.text)} &gt; 正文"
        return f'<div class="crumb">当前位置：{trail}</div>\n'

    def listing(self, page: ListPage) -> str:
        return self.document(page.frame, list_title(page), self.list_body(page), list_description(page))

    def list_body(self, page: ListPage) -> str:
        return (
            f"<h2>{escape(page.category.text)}</h2>\n{self.entries(page.entries)}\n{self.pager(page.pager)}\n"
        )

    def home(self, page: HomePage) -> str:
        return self.document(page.frame, f"{SITE_NAME} - 每天读懂科技", each(self.section, page.sections))

    def section(self, section: tuple[Link, list[Entry]]) -> str:
        heading, entries = section
        rows = each(lambda entry: f"<li>{link(entry.href, entry.title)}</li>", entries)
        return f'<div class="block"><h2>{link(heading.href, heading.text)}</h2>\n<ul>\n{rows}\n</ul></div>'

    def message(self, frame: Frame, title: str, text: str) -> str:
        """A page that is no article: about us, not found."""
        return self.document(
            frame, f"{title} - {SITE_NAME}", f'<div class="notice"><h3>{title}</h3>{text}</div>'
        )

    def document(self, frame: Frame, title: str, main: str, head: str = "") -> str:
        return self.sheet(frame, title, self.layout(main, self.side(frame)), head)

    def sheet(self, frame: Frame, title: str, content: str, head: str) -> str:
        """A document with this between its masthead and its footer."""
        return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="{self.charset}">
<title>{escape(title)}</title>
<meta name="viewport" content="width=device-width">
{head}
<link rel="stylesheet" href="/static/site.css">
<script>var site = {{"name": "sd", "v": "20260109"}}; if (top != self) {{ top.location = self.location; }}</script>
</head>
<body>
{self.masthead(frame)}
{content}
{self.footer(frame)}
</body>
</html>
"""

    def layout(self, main: str, side: str) -> str:
        return (
            f'<div class="wrap">\n<div class="left">\n{main}</div>\n<div class="right">\n{side}</div>\n</div>'
        )

    def side(self, frame: Frame) -> str:
        latest = each(
            lambda entry: f"<li><em>{entry.published:%m-%d}</em> {link(entry.href, entry.title)}</li>",
            frame.latest,
        )
        hot = each(lambda entry: f"<li>{link(entry.href, entry.title)}</li>", frame.hot)
        return f"""<div class="adv"><a href="http://ads.example.com/click?slot=3" target="_blank">满减专场，低至五折</a></div>
<div class="box"><h3>最新文章</h3><ul>
{latest}
</ul></div>
<div class="box"><h3>热门排行</h3><ol>
{hot}
</ol></div>
"""

    def nav(self, frame: Frame, item: str, current: str) -> str:
        """The categories, each in ``item`` (a ``{}`` for the link), the page's own in ``current``."""
        return each(
            lambda entry: (current if entry.href == frame.current else item).format(
                link(entry.href, entry.text)
            ),
            frame.nav,
        )

    def footer(self, frame: Frame) -> str:
        return f"""<div class="footer">
<p>{footer_links()}</p>
<p>{footer_traps()}</p>
<p>{copyright_line(frame)}</p>
</div>"""

    # The body's pieces; a family replaces those it writes differently.

    def blocks(self, page: ArticlePage) -> str:
        return each(lambda block: self.block(block, page.story.subject), page.blocks)

    def original_title(self, page: ArticlePage) -> str:
        """A first line that is not body, where the story came under another title."""
        if page.pager.current > 1 or not page.story.original_title:
            return ""
        return self.paragraph(f"（原标题：{escape(page.story.original_title)}）")

    def block(self, block: Block, subject: str) -> str:
        match block.kind:
            case "picture":
                return self.picture(block)
            case "subhead":
                return self.subhead(escape(block.text))
            case _:
                return self.paragraph(inline(block.text, subject))

    def paragraph(self, html: str) -> str:
        return f"<p>{html}</p>"

    def subhead(self, html: str) -> str:
        return self.paragraph(f"<strong>{html}</strong>")

    def picture(self, picture: Block) -> str:
        caption = f"<span>{escape(picture.text)}</span>" if picture.text else ""
        return f'<div class="img"><img src="{picture.src}" alt="{escape(picture.text)}">{caption}</div>'

    def parts(self, pager: Pager) -> str:
        """Links to an article's other pages; nothing where it has only one."""
        if len(pager.hrefs) == 1:
            return ""
        previous = link(pager.previous, "上一页") if pager.previous else ""
        following = link(pager.next, "下一页") if pager.next else ""
        return f'<div class="page">{previous} {numbers(pager, "<b>{}</b>")} {following}</div>'


def numbers(pager: Pager, current: str, other: str = "{}", separator: str = " ") -> str:
    """1 2 3, the current number unlinked in ``current``."""
    return each(
        lambda numbered: (
            current.format(numbered[0])
            if numbered[0] == pager.current
            else other.format(link(numbered[1], str(numbered[0])))
        ),
        enumerate(pager.hrefs, 1),
        separator,
    )


def list_title(page: ListPage) -> str:
    return f"{page.category.text}_{SITE_NAME}"


def list_description(page: ListPage) -> str:
    return f'<meta name="description" content="{SITE_NAME}{page.category.text}频道，每天更新。">'


def languages() -> str:
    """A switch that looks a little like a navigation."""
    return each(lambda item: link(*item), LANGUAGES.items(), " | ")


def footer_links() -> str:
    return each(lambda item: link(*item), FOOTER_LINKS.items(), " | ")


def footer_traps() -> str:
    """Links that a crawler has no business to follow."""
    return each(
        lambda item: link(*item, 'rel="nofollow"'),
        {
            "https://www.example.com/partner": "友情链接：远帆网",
            "javascript:void(0)": "设为首页",
            "mailto:news@example.com": "投稿邮箱",
            "http://10.0.0.5/cms/login.html": "编辑入口",
            "file://127.0.0.1/etc/hostname": "离线版",
            "/m/": "手机版",
        }.items(),
        " ",
    )


def copyright_line(frame: Frame) -> str:
    return f"Copyright &copy; 2009-{frame.now:%Y} {SITE_NAME} 版权所有 备案号00000000 更新于{frame.now:%Y-%m-%d %H:%M}"
