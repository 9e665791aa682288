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
    ("captcha", r"(?:输入|填写|完成|拖动|进行).{0,10}(?:验证码?|滑块)|人机验证|安全验证|captcha|are you (?:a )?human|机器人"),
    ("blocked", r"访问(?:过于|太过?)频繁|(?:访问|请求)(?:被|已被|遭到)?(?:拒绝|拦截|阻断|禁止)|您的(?:IP|请求)|access denied|forbidden|防火墙|\bWAF\b|checking your browser|just a moment"),
    ("soft_404", r"(?<!\d)404(?!\d)|(?:页面|文章|内容|网页|信息|新闻|地址).{0,8}(?:不存在|找不到|已(?:被)?删除|已下线|失效|丢失|消失|走丢)|(?:没有找到|找不到|无法找到).{0,8}(?:页面|文章|内容|网页)|not found"),
    ("login_wall", r"(?:请|需要?|必须).{0,4}(?:先)?(?:登[录陆]|注册).{0,8}(?:查看|阅读|继续|后|访问)|登[录陆]后.{0,6}(?:查看|阅读|继续|可见)|付费(?:阅读|内容)|会员专享"),
)  # fmt: skip
_PATTERNS = [(reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _SIGNS]


def reason(document: Document, reading: ArticleReading, blocks: list[Block], body: Body | None) -> str | None:
    text = "".join(reading.body)
    title = reading.title.value if reading.title else ""
    if rubbish(title + text[:2000]) > _RUBBISH:
        return "mojibake"
    if len(text) < (_SHORT if reading.published is None else _FLASH) and (
        sign := _sign(document, title, text)
    ):
        return sign
    if not text:
        return "listing" if blocks else "no_body"
    if not title:
        return "no_title"
    return "listing" if reading.published is None and len(text) < _SHORT and _leads(blocks, body) else None


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
