"""Small pages in the shapes of the wild; their text is our own."""

from __future__ import annotations

from smartdaily_crawler.cleaning.text import paragraphs as clean_paragraphs
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.article import read_article
from smartdaily_crawler.pages.reading import ArticleReading

URL = "http://news.example.com/2026/0306/7.html"
TITLE = "星河手机发布新机，续航提升三成"
PARAGRAPHS = [
    "三月六日上午，星河手机在杭州举行发布会，带来了面向年轻用户的新款旗舰，起售价为三千九百九十九元。",
    "据现场介绍，新机的电池容量提高到六千毫安时，配合重新设计的散热结构，连续使用时间比上一代延长约三成。",
    "发布会结束后，产品负责人许砚对媒体表示，首批备货已经运抵各地门店，用户可以在周末到店体验。",
]
NAV = '<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/phone/">智能手机</a></li><li><a href="/pc/">电脑硬件</a></li><li><a href="/home/">智能家电</a></li></ul></div>'
FOOTER = '<div class="foot"><a href="/about.html">关于我们</a> <a href="/contact.html">联系我们</a><p>Copyright © 2009-2026 智能日报 版权所有 更新于2026-03-07 20:00</p></div>'
OTHERS = [
    (
        "北辰平板上手体验：轻薄之外还有什么",
        "北辰平板在轻薄上做足了功夫，机身只有五毫米厚，配合磁吸键盘可以胜任日常办公，不过外放的表现仍然…",
        "2026-03-05",
    ),
    (
        "云栈耳机降噪实测，地铁里能安静几分",
        "我们在早高峰的地铁上测试了云栈耳机的降噪效果，低频噪声被压得很干净，人声却还是漏了进来，续航则…",
        "2026-03-04",
    ),
    (
        "澄光冰箱迎来新配色，容量提升到五百升",
        "澄光冰箱推出了三种新的面板配色，容量也提升到五百升，变温区可以在零下三度到八度之间调节，能耗…",
        "2026-03-03",
    ),
]


def paragraphs(texts: list[str] | None = None) -> str:
    return "".join(f"<p>\u3000\u3000{text}</p>\n" for text in texts or PARAGRAPHS)


def teasers(tag: str = "li") -> str:
    units = (
        f'<{tag}><h4><a href="/2026/{date.replace("-", "")[4:]}/{number}.html">{title}</a></h4><p>{summary}</p><span>{date}</span></{tag}>'
        for number, (title, summary, date) in enumerate(OTHERS, 11)
    )
    return "".join(units)


def page(
    content: str, *, title: str = f"{TITLE}_智能日报", head: str = "", nav: str = NAV, footer: str = FOOTER
) -> str:
    return f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{nav}{content}{footer}</body></html>'


def article(
    info: str = "<div>2026-03-06 08:30 来源：北辰资讯 编辑：许砚</div>",
    *,
    body: str | None = None,
    after: str = "",
    head: str = "",
) -> str:
    text = body if body is not None else f"<div>{paragraphs()}</div>"
    return page(f"<div><h1>{TITLE}</h1>{info}{text}{after}</div>", head=head)


def read(text: str, url: str = URL, selectors: Selectors | None = None) -> ArticleReading:
    return read_article(Document(text, url), selectors)


def body(reading: ArticleReading) -> list[str]:
    """The paragraphs as they are stored."""
    return clean_paragraphs(reading.body)
