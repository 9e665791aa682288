"""Read the categories of a site from its navigation, and those of an article from its breadcrumb."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml import etree

from smartdaily_crawler.cleaning.urls import have_one_owner
from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.markup.layout import Line, Link, Region
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.pages.reading import LinkReading

_LONGEST = 8
_NEVER = 12
"""Most characters of a link in a navigation; with a longer one, it is a list."""
_SERVICE = re.compile(
    r"(?:网站|返回)?首页|主页|home|登[录陆]|注册|退出|会员(?:中心)?|用户中心|个人中心|english|en|中文|中文版|繁[体體].{0,3}|简体.{0,3}|手机.?版|移动版|客户端|app(?:下载)?|下载"
    r"|关于.{0,4}|联系.{0,4}|网站地图|投稿.{0,3}|我要.{1,4}|rss|订阅|收藏.{0,4}|加入收藏|设为首页|搜索|更多.{0,2}|广告.{0,4}|招聘.{0,4}|免责声明|版权(?:所有|声明|申明|说明|公告|信息|保护)|友情链接|帮助.{0,2}|反馈|留言.{0,2}"
    r"|微信|微博|公众号|隐私.{0,4}|商务合作|加入我们|诚聘英才|人才招聘|上一页|下一页|尾页|末页|wap|无障碍.{0,4}|适老.{0,4}|论坛登录|标签|tags?|\d+|[<>«»‹›]+",
    re.IGNORECASE,
)
_HEADERS = frozenset({"nav", "header"})
_FOOTERS = frozenset({"footer", "aside", "article"})

_ABOVE = 30
"""Lines above the title searched for the breadcrumb."""
_CRUMBS = 120
_CRUMB = 10
_HOME = re.compile(r"首页|主页|网$|^home$", re.IGNORECASE)
_CRUMB_SIGN = re.compile("[>＞»›→/当您所]")
"""Characters, at least one of which is part of each match of the following."""
_BREADCRUMB = re.compile(r"[>＞»›→/]|当前位置|您的位置|您现在的位置|所在位置")


def read_navigation(document: Document, selectors: Selectors | None = None) -> list[LinkReading]:
    """Return the category links of a page: the largest group of short links near the top, without home and services.

    Empty without a navigation.

    :param selectors: of the site's profile; ``navigation`` has precedence if it matches.
    """
    css = selectors.navigation if selectors else None
    if css and (chosen := _named(document, [_link_of(element) for element in document.select(css)])):
        return chosen
    best: list[LinkReading] = []
    best_score = 0.0
    for region in document.regions:
        names = _run(document, region)
        score = _score(document, region, len(names))
        if score > best_score:
            best, best_score = names, score
    return best


def _link_of(element: etree._Element) -> Link:
    return Link(element.get("href") or "", element, 0, text_of(element))


def _run(document: Document, region: Region) -> list[LinkReading]:
    """Return the categories among a region's links, if it contains only short links; else an empty list."""
    lines = document.lines[region.start : region.end]
    if not lines or sum(line.length for line in lines) > 400:  # noqa: PLR2004
        return []
    links = [link for line in lines for link in line.links]
    plain = sum(len(re.sub(r"[\s|丨/·•\-—>]", "", line.text)) - line.linked for line in lines)
    if not links or plain > 0.2 * sum(line.length for line in lines) or any(len(link.text) > _NEVER for link in links):
        return []
    return _named(document, links)


def _named(document: Document, links: list[Link]) -> list[LinkReading]:
    found: dict[str, LinkReading] = {}
    here = urlsplit(document.url)
    for link in links:
        name, url = link.text, document.absolute(link.href)
        if url is None or not 1 < len(name) <= _LONGEST or _SERVICE.fullmatch(name):
            continue
        there = urlsplit(url)
        if have_one_owner(there.hostname or "", here.hostname or "") and not _is_home(url, document.url):
            found.setdefault(url.partition("#")[0], LinkReading(name=name, url=url))
    return list(found.values())


def _is_home(url: str, page: str) -> bool:
    there = urlsplit(url)
    return (
        there.netloc == urlsplit(page).netloc
        and there.path in {"", "/", "/index.html", "/index.htm", "/index.php"}
        and not there.query
    )


def _score(document: Document, region: Region, count: int) -> float:
    """Return the weight of a region by its number of links, its closeness to the top, and a header or nav around it."""
    if not count:
        return 0
    tags = {above.tag for above in region.lineage()}
    share = region.start / max(len(document.lines), 1)
    if tags & _FOOTERS or (share > 0.6 and not tags & _HEADERS and region.start > 12):  # noqa: PLR2004
        return 0
    return min(count, 20) * (1.5 if tags & _HEADERS else 1.0) * (1 - share)


def breadcrumb(document: Document, title: int) -> list[str]:
    """Return the names of the breadcrumb above the line of a title, without home; empty without one."""
    for index in range(min(title, len(document.lines) - 1), max(title - _ABOVE, -1), -1):
        line = document.lines[index]
        if line.length <= _CRUMBS and (names := _crumbs(line)):
            return [name for name in names if not _HOME.search(name)]
    return []


def _crumbs(line: Line) -> list[str]:
    """Return the short links of a line with breadcrumb separators between them, else an empty list."""
    if not _CRUMB_SIGN.search(line.text):
        return []
    names = [link.text for link in line.links if 1 < len(link.text) <= _CRUMB]
    between = re.sub("|".join(map(re.escape, names)), "", line.text) if names else ""
    return names if _BREADCRUMB.search(between) else []
