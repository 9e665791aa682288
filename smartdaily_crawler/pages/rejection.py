"""Decide why a page with status 200 is no article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from smartdaily_crawler.cleaning.titles import strip_suffix
from smartdaily_crawler.cleaning.urls import canonical_or_none, page_name
from smartdaily_crawler.markup.app_shell import is_shell
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import rubbish
from smartdaily_crawler.markup.records import MIN_UNITS, Block
from smartdaily_crawler.pages import other_kinds
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.headline import Headline, is_about, is_one_of_many
from smartdaily_crawler.pages.other_kinds import is_printed
from smartdaily_crawler.pages.reading import ArticleReading
from smartdaily_crawler.reasons import Reason

_RUBBISH = 0.05
_SHORT = 200
"""Characters; only a page with a shorter text is checked for error markers."""
_LIST = 5
_BLURB = 60
"""Characters; a shorter text may be the introduction of a list."""
_FEW = 600
"""Characters on a whole page; on a shorter one, all lines are checked for error markers."""
_THING = "(?:页面|文章|内容|网页|信息|新闻|地址|帖子|链接)"
_LOST = "(?:不存在|找不到|未找到|已(?:经)?(?:被)?(?:删除|撤回|下线|移除)|已?失效|丢失|消失|走丢)"
# Reason, pattern of the title, pattern of the text. The title must match as a whole, the text from the beginning of a
# sentence: an article may mention such pages within one.
_ERROR_MARKERS = (
    (
        Reason.CAPTCHA,
        r"(?:百度|微信)?(?:安全|人机|访问|身份|滑块|行为|真人)(?:验证|校验|检测|检查)|验证码|请稍候",
        (
            r"(?:请|为了?.{0,16}请|需要?您?).{0,8}(?:输入|填写|完成|拖动|滑动|进行|通过).{0,12}(?:验证|校验|滑块)|点击.{0,6}按钮.{0,4}验证|(?:人机|安全|访问)(?:验证|校验)"
            r"|captcha|(?:please )?(?:verify|confirm|prove) (?:that )?you are (?:a )?human|are you (?:a )?human"
        ),
    ),
    (
        Reason.BLOCKED,
        r"(?:40[13]\s*)?(?:forbidden|access denied)|(?:访问|请求)(?:被|已被|遭到)?(?:拒绝|拦截|阻断|禁止|受限)|访问过于频繁|(?:网站)?防火墙|异常访问|just a moment.*",
        (
            r"访问(?:过于|太过?)频繁|您?的?(?:访问|请求|操作)(?:被|已被|遭到|过于|太过?|存在)|(?:您|当前|你)的?.{0,4}(?:IP|访问|请求|网络环境|网络).{0,16}(?:频繁|拒绝|拦截|阻断|禁止|异常|受限|限制)"
            r"|(?:我们|系统|网站)?(?:检测|监测|发现)到.{0,16}(?:异常|可疑)(?:的?)(?:流量|访问|请求|活动|行为)|由于[您你](?:访问的|的)?(?:URL|IP|请求).{0,16}(?:威胁|攻击|异常)|(?:触发|被|网站|云).{0,4}防火墙|access denied|forbidden|checking your browser|just a moment"
        ),
    ),
    (
        Reason.ERROR_PAGE,
        r"(?:系统|网站|本站|页面|服务器?)?(?:维护|升级)(?:中|公告|通知)|(?:服务器|网络|系统|内部|网关|程序)(?:错误|异常|繁忙|出错|开小差)了?|50\d|(?:50\d\s*)?(?:internal server error|bad gateway|service unavailable|gateway time-?out)",
        (
            r"(?:系统|网站|本站|服务器?).{0,6}(?:正在|处于|进行).{0,6}(?:维护|升级)|(?:服务器?|网络|系统|程序).{0,4}(?:开小差|开了小差|打瞌睡|繁忙|出错|出了点|无响应|错误|异常)(?:了|$|\W|[请稍])|请?.{0,6}稍[后候](?:再(?:试|来|访问)|重试)|刷新(?:页面)?(?:再试|重试)"
            r"|(?:internal server error|bad gateway|service unavailable)"
        ),
    ),
    (
        Reason.SOFT_404,
        rf"404(?:\s*(?:not found|error|错误|页面|{_THING}{_LOST}.{{0,4}}))?|not found|出错了?|(?:该|此|您.{{0,6}}的?)?{_THING}{_LOST}.{{0,2}}|(?:没有|未|无法)找到{_THING}",
        rf"(?:您|你|该|此|这|本|所|想|要|访问|查看|查找|浏览|请求|当前|原)[^，。]{{0,8}}{_THING}.{{0,8}}{_LOST}|{_THING}(?:可能|或许|似乎)?(?:已经)?{_LOST}|(?:没有|未|无法)(?:找到|查到)您?.{{0,8}}{_THING}|.{{0,12}}秒(?:钟)?[之以]?后.{{0,6}}(?:跳转|返回)|not found",
    ),
    (
        Reason.LOGIN_WALL,
        r"(?:用户|会员)?(?:登[录陆]|注册)",
        r"(?:请|您?需要?|您?必须).{0,4}(?:先)?(?:登[录陆]|注册).{0,8}(?:查看|阅读|继续|后|访问)|登[录陆]后.{0,6}(?:查看|阅读|继续|可见)|继续(?:阅读|查看|浏览).{0,6}(?:登[录陆]|注册)|本.{0,4}付费(?:阅读|内容)|会员专享",
    ),
)
_OPENING = r"(?:^|[。！!；;：:\s])(?:很?抱歉|对不起|很遗憾|非常抱歉|糟糕|哎呀|呀|啊哦|oops)?[，,！!～~\s.…]*"
_PATTERNS = [
    (reason, re.compile(rf"\W*(?:{title})\W*", re.IGNORECASE), re.compile(rf"{_OPENING}(?:{sentence})", re.IGNORECASE))
    for reason, title, sentence in _ERROR_MARKERS
]
_READ = "阅读|查看|解锁|浏览"
_ENTRY = "登[录陆]|注册|订阅|付费|购买|开通(?:会员|VIP)|成为会员"
# Matched from the beginning of a line: an article may mention paywalls within a sentence.
_WALL = re.compile(
    rf"^(?:请|您?需要?|您?必须|须|立即|马上|现在|点击|扫码|先|如需|\W)*"
    rf"(?:(?:{_ENTRY})(?:账号|用户)?.{{0,8}}(?:继续|{_READ}).{{0,6}}(?:全文|全部|完整|剩余|余下|更多内容|本文|正文|内容|阅读|$)"
    rf"|(?:继续)?(?:{_READ})(?:全文|全部|剩余|余下)?.{{0,8}}(?:请|需要?|须).{{0,4}}(?:{_ENTRY})"
    r"|(?:剩余|余下)(?:全文|内容|部分|章节).{0,4}(?:付费|登[录陆]|订阅|解锁|购买)|(?:剩余|余下|还有)\s?\d+\s?[%％字].{0,12}(?:未读|付费|登[录陆]|订阅|解锁|会员)|本文(?:为|是|属于)?(?:付费|会员).{0,4}(?:内容|文章|专享|可见))",
    re.IGNORECASE,
)
_WALL_LINE, _BEHIND, _WALLED = 40, 6, 1500
"""Most characters of a paywall's line, lines after the text searched for it, and most characters of text above a paywall."""


_OVER = 6
"""Lines above a text searched for the heading of its first entry."""
_DATE = 4
"""Lines between a flash and its date."""
_FAR = 30
"""Lines between a title and the text of a page without a byline that are no article's."""


def reason(
    document: Document, reading: ArticleReading, headline: Headline, blocks: list[Block], body: Body | None
) -> str | None:
    """Return why a page is no article, such as ``soft_404`` or ``listing``; ``None`` if it is one.

    :param headline: of the page, with the line of its title.
    """
    text = "".join(reading.body)
    title = reading.title.value if reading.title else ""
    if rubbish(title + text[:2000]) > _RUBBISH:
        return Reason.MOJIBAKE
    if not _has_byline(reading) and len(text) < _SHORT:
        if marker := _error_marker(document, reading):
            return marker
    elif body is not None and len(text) < _WALLED and _is_walled(document, body):
        return Reason.LOGIN_WALL
    if kind := other_kinds.kind(document, reading, headline.line, body):
        return kind
    if text and not title:
        return Reason.NO_TITLE
    is_under_title = body is not None and text != "" and _stands_under_title(document, reading, headline, blocks, body)
    return None if is_under_title else Reason.LISTING if blocks else Reason.NO_BODY


def _stands_under_title(
    document: Document, reading: ArticleReading, headline: Headline, blocks: list[Block], body: Body
) -> bool:
    """Return whether a text is told under its title, and not on a card of a page of links.

    A name is proof, and so is a date with a text that is no blurb, unless the title is an entry of a list. A short text whose title
    only the head has needs its date beside it, and must be about that title.
    """
    line, size = headline.line, sum(map(len, reading.body))
    if _is_index(document, line, body) or (line is not None and is_one_of_many(document, line)):
        return False
    if size < _SHORT and _introduces(document, reading, line, blocks, body):
        return False
    if any(is_printed(value) for value in (reading.source, reading.author, reading.editor)):
        return True
    if is_printed(reading.published) and size >= _SHORT:
        return not _is_home(document)
    if _is_home(document) or (line is not None and size < _SHORT and _leads_on(document, line)):
        return False
    return _is_near(document, line, body, size) if line is not None else _is_flash(document, reading, body)


def _is_flash(document: Document, reading: ArticleReading, body: Body) -> bool:
    """Return whether a text has its date beside it, and is about the title that only the page's head has."""
    if reading.published is None or reading.title is None or not is_printed(reading.published):
        return False
    date = "".join(reading.published.value.split())
    beside = document.lines[max(body.lines[0] - _DATE, 0) : body.lines[-1] + 1 + _DATE]
    is_beside = any(date in "".join(line.text.split()) for line in beside)
    return is_beside and is_about(reading.title.value, "".join(reading.body))


def _is_index(document: Document, title: int | None, body: Body) -> bool:
    """Return whether a text is that of several entries under headings that link them, without a title of its own."""
    level = document.lines[title].heading if title is not None else 0
    if title is not None and not document.lines[title].is_linked:
        return False
    lines = document.lines[max(body.lines[0] - _OVER, 0) : body.lines[-1]]
    hrefs = [line.links[0].href for line in lines if line.heading and line.is_linked and level in {0, line.heading}]
    return len(_others(document, hrefs)) >= MIN_UNITS


def _others(document: Document, hrefs: Iterable[str]) -> set[str]:
    """Return the names of the linked pages other than this one."""
    urls = (canonical_or_none(document.absolute(href)) for href in hrefs)
    return {page_name(url) for url in urls if url} - {page_name(document.url)}


def _is_home(document: Document) -> bool:
    """Return whether the URL is that of the site's front page."""
    parts = urlsplit(document.url)
    return not parts.query and page_name(document.url) == parts.netloc.removeprefix("www.")


def _is_near(document: Document, title: int, body: Body, size: int) -> bool:
    """Return whether a text begins near its title, and has more characters than the links between its lines."""
    first, last = body.lines[0], body.lines[-1]
    return first - title <= _FAR and sum(line.linked for line in document.lines[first : last + 1]) <= size


def _leads_on(document: Document, title: int) -> bool:
    """Return whether half of a title's line is a link to another page: it is that of a list's first entry."""
    line = document.lines[title]
    return bool(_others(document, [link.href for link in line.links if len(link.text) * 2 >= line.length]))


def home_marker(document: Document) -> str | None:
    """Return what a home page without categories is: ``json``, ``shell``, ``empty``, or one like ``captcha``.

    ``None`` if nothing tells.
    """
    if _is_json(document.text):
        return "json"
    if document.lines and (marker := _error_marker(document, ArticleReading())):
        return marker
    if is_shell(document):
        return "shell"
    return None if document.lines else "empty"


def _is_json(text: str) -> bool:
    try:
        return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and json.loads(text.lstrip("\ufeff")) is not None
    except (ValueError, RecursionError):
        return False


def _is_blurb(reading: ArticleReading, blocks: list[Block]) -> bool:
    """Return whether a short text without a byline introduces a list, as on a front page or an author's page."""
    text = sum(map(len, reading.body))
    signed = reading.source or reading.author or reading.editor
    return (
        text < _BLURB
        and not signed
        and any(
            len(block.units) >= _LIST and sum(len(unit.link.text) for unit in block.units) > text for block in blocks
        )
    )


def _has_byline(reading: ArticleReading) -> bool:
    """Return whether the page has a date and shows a name, as even short articles do."""
    named = any(is_printed(value) for value in (reading.source, reading.author, reading.editor))
    return reading.published is not None and named


def _is_walled(document: Document, body: Body) -> bool:
    """Return whether the last line of the text, or one directly after it, asks to log in or pay."""
    last = body.lines[-1]
    lines = document.lines[last : last + _BEHIND]
    return any(line.length <= _WALL_LINE and not line.hidden and _WALL.search(line.text) for line in lines)


def _introduces(
    document: Document, reading: ArticleReading, title: int | None, blocks: list[Block], body: Body
) -> bool:
    """Return whether a short text is the introduction of a list or an account."""
    if reading.published is None and (_leads(blocks, body) or _is_blurb(reading, blocks)):
        return True
    return _outweighs(blocks, body, sum(map(len, reading.body))) and other_kinds.is_account(document, title, body)


def _outweighs(blocks: list[Block], body: Body, size: int) -> bool:
    """Return whether a list below a text has more characters in its links than the text."""
    below = (block for block in blocks if len(block.units) >= _LIST and block.start > body.lines[0])
    return any(sum(len(unit.link.text) for unit in block.units) > size for block in below)


def _leads(blocks: list[Block], body: Body | None) -> bool:
    """Return whether a list is above the text; lists below it are teasers."""
    return body is not None and any(len(block.units) >= _LIST and block.start < body.lines[0] for block in blocks)


def _error_marker(document: Document, reading: ArticleReading) -> str | None:
    """Return the reason whose pattern matches the title or the text, on short pages any line; ``None`` without a match."""
    titles = [strip_suffix(document.title), reading.title.value if reading.title else ""]
    texts = reading.body
    if sum(line.length for line in document.lines) < _FEW:
        shown = [line for line in document.lines[:60] if not line.hidden]
        titles += [line.text for line in shown if line.heading]
        texts = [line.text for line in shown]
    for name, title, sentence in _PATTERNS:
        if any(map(title.fullmatch, titles)) or any(map(sentence.search, [*titles, *texts])):
            return name
    return None
