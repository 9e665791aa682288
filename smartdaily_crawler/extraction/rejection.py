"""Why a page that answered is no article."""

from __future__ import annotations

import re

from smartdaily_crawler.extraction.blocks import Block
from smartdaily_crawler.extraction.body import Body
from smartdaily_crawler.extraction.document import Document
from smartdaily_crawler.extraction.encoding import rubbish
from smartdaily_crawler.extraction.reading import ArticleReading

_RUBBISH = 0.05
_SHORT = 200
"""Characters of text below which a page's wording may say that it is none."""
_FLASH = 60
"""The same for a page with a date: the shortest news."""
_LIST = 5
_FEW = 600
"""Characters on a whole page that has nothing to say but why it shows nothing."""
_SIGNS = (
    ("captcha", r"(?:输入|填写|完成|拖动|进行).{0,10}(?:验证码?|滑块)|人机验证|安全验证|captcha|(?:are you|you are) (?:a )?human|(?:不是|非|是否为?)机器人|点击.{0,6}按钮.{0,4}验证"),
    ("blocked", r"访问(?:过于|太过?)频繁|(?:访问|请求)(?:被|已被|遭到)?(?:拒绝|拦截|阻断|禁止)|您的(?:IP|请求)|access denied|(?<!\w)forbidden|(?:触发|被|网站|云).{0,4}防火墙|防火墙.{0,8}(?:拦截|阻止|阻断)|\bWAF\b|checking your browser|just a moment"),
    ("soft_404", r"(?<!\d)404(?!\d)|(?:页面|文章|内容|网页|信息|新闻|地址).{0,8}(?:不存在|找不到|已(?:被)?删除|已下线|失效|丢失|消失|走丢)|(?:没有找到|找不到|无法找到).{0,8}(?:页面|文章|内容|网页)|not found"),
    ("login_wall", r"(?:请|需要?|必须).{0,4}(?:先)?(?:登[录陆]|注册).{0,8}(?:查看|阅读|继续|后|访问)|登[录陆]后.{0,6}(?:查看|阅读|继续|可见)|付费(?:阅读|内容)|会员专享"),
)  # fmt: skip
_WALL = re.compile(
    r"(?:登[录陆]|注册|订阅|付费|购买|开通(?:会员|VIP)|成为会员)(?:账号|用户)?.{0,8}(?:阅读|查看|解锁|浏览).{0,6}(?:全文|全部|完整|剩余|余下|更多内容|本文|正文)"
    r"|(?:剩余|余下|还有)\s?\d+\s?[%％字].{0,12}(?:未读|付费|登[录陆]|订阅|解锁|会员)|本文(?:为|是|属于)?(?:付费|会员).{0,4}(?:内容|文章|专享|可见)",
    re.IGNORECASE,
)
_WALL_LINE, _BEHIND, _WALLED = 40, 6, 1500
"""Characters of the line that says that the rest is shown to others, lines behind the text it stands in, and characters
of text that a wall leaves open at most."""
_PATTERNS = [(reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _SIGNS]


def reason(document: Document, reading: ArticleReading, blocks: list[Block], body: Body | None) -> str | None:
    text = "".join(reading.body)
    title = reading.title.value if reading.title else ""
    if rubbish(title + text[:2000]) > _RUBBISH:
        return "mojibake"
    if not _is_signed(reading) and len(text) < (_SHORT if reading.published is None else _FLASH):
        if sign := _sign(document, title, text):
            return sign
    elif body is not None and len(text) < _WALLED and _is_walled(document, body):
        return "login_wall"
    if not text:
        return "listing" if blocks else "no_body"
    if not title:
        return "no_title"
    return "listing" if reading.published is None and len(text) < _SHORT and _leads(blocks, body) else None


def _is_signed(reading: ArticleReading) -> bool:
    """Whether a date and a name say that a newsroom printed the page, however short it is."""
    named = reading.source or reading.author or reading.editor
    return reading.published is not None and named is not None and named.provenance != "meta"


def _is_walled(document: Document, body: Body) -> bool:
    """Whether the line that ends the text, or one right behind it, sends its reader to log in or pay."""
    last = body.lines[-1]
    lines = document.lines[last : last + _BEHIND]
    return any(line.length <= _WALL_LINE and not line.hidden and _WALL.search(line.text) for line in lines)


def _leads(blocks: list[Block], body: Body | None) -> bool:
    """Whether a list stands where an article's text would: lists under the text are teasers."""
    return body is not None and any(
        len(block.units) >= _LIST and block.start < body.lines[0] for block in blocks
    )


def _sign(document: Document, title: str, text: str) -> str | None:
    """What the title or, on a page of few words, any of them says."""
    whole = (
        " ".join(line.text for line in document.lines[:60])
        if sum(line.length for line in document.lines) < _FEW
        else ""
    )
    for name, pattern in _PATTERNS:
        if pattern.search(f"{document.title} {title} {text} {whole}"[:3000]):
            return name
    return None
