"""An article's text: which region of the page holds it, and which of its lines are the article's own."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise

from smartdaily_crawler.markup.document import IMPRINT, Document
from smartdaily_crawler.markup.layout import Line, Region
from smartdaily_crawler.parsing.info_line import has_label, is_info_line
from smartdaily_crawler.parsing.vocabulary import ABSTRACT, COLON, COUNTER, CREDIT, KEYWORDS, PERSON, STAMP

_HOLD = 0.6
"""A region that keeps this share of its parent's running text is where the text is."""
_LEAD = 60
"""Characters of text that must stand before what ends it."""
_LEAD_SHARE, _LEAD_LINE = 0.25, 25
"""What stands before the text in an element of its own is its beginning if it is long; else an abstract or a promotion."""
_ABSTRACT = re.compile(rf"[\[【(（]?(?:内容)?(?:{ABSTRACT})")
_HEADER = 16
_OPENING = 4
"""Among the first lines of a text's element its info line may stand."""
_INFO = 120
_ABOVE = 10
"""Lines above a text's element in which its info line may stand."""
_EVENT = re.compile(r"(?:^|\s|(?:会议|活动|举办|比赛|演出|展览|报名)\s?)(?:地\s?点|会场|场馆)\s?[:：]")
_SENTENCE = re.compile("[，。！？]")
_HOLD_BESIDE = 0.9
"""The same where a sibling of its shape, right beside it, has text too: parts of one text are set alike."""
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "blockquote"})
_ASIDE = frozenset({"aside", "nav", "footer", "header"})
# What sites print inside the text's element that is not the article's: labelled fields, and widgets.
_OPENS = r"^(?:【?纠错】?)?[\s\[【〔(（<《*★●◆■▼↓·-]*"
_LABELLED = re.compile(
    rf"""{_OPENS}(?:
    (?:本文)? (?:{CREDIT}) \s* (?: {COLON} | [|丨｜/／] ) .{{0,40}}$
    | (?:{STAMP}) \s* {COLON} \s* (?:19|20)\d\d .{{0,36}}$
    | (?: 文 | [\u4e00-\u9fff]{{0,6}}(?:{PERSON}) ) \s* [|丨｜] \s* [\u4e00-\u9fffA-Za-z\ ]{{2,12}} [）)】\]]?$
    | (?:{COUNTER}) (?:量|数|次数)? \s? {COLON}? \s? \d | (?:{KEYWORDS}) {COLON}
    )""",
    re.VERBOSE,
)
_NOT_BODY = re.compile(
    rf"{_OPENS}(?:"
    r"""
    原标题[:：]? | 原题[:：]
    | (?:分享|转发)(?:到|至).{0,30}$ | 分享(?:让更多人看到)?$ | 打印(?:$|本[页文]) | 扫一扫.{0,40}$ | 关闭窗口 | 加入收藏
    | (?:免责|版权|郑重|特别|凡本网)?.{0,4}(?:声明|注明)[:：] | ©|copyright | 版权(?:所有|归) | (?:[^，。]{0,24}(?:原创|独家)[^，。]{0,6}，)?(?:未经.{0,12}(?:授权|许可|允许).{0,20}(?:转载|复制)|(?:著作权|版权)归)
    | (?:本文结束.{0,3})?(?:如[需欲])?转载(?:[^，。]{0,6})请(?:务必)?注明 | 完[）)】]?$ | 阅读(?:剩余)?全文.{0,6}$ | (?:更多|查看更多).{0,20}(?:关注|点击|请|资讯|内容|精彩) | 更多精彩 | 返回.{0,8}(?:首页|列表|顶部)
    | (?:上|下)一[篇条页][:：]? | (?:相关|延伸|推荐|精彩)(?:阅读|新闻|文章|推荐|链接|资讯)[:：]?$ | 猜你喜欢 | 热门推荐 | 大家都?在看
    | 字[号体][:：\s] | [AaＡ]\s?[-+] | 收藏\d*$ | \+?关注$ | 点赞\d*$ | 赞?\(?\d+\)?$ | 评论\(?\d*\)?$ | (?:文章)?(?:内容)?举报$ | 文章关键词
    | [-—]*\s*(?:THE\s*)?END\s*[-—]*$ | 您的浏览器 | 浏览器(?:不支持|版本) | 正在加载
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# From here on nothing is the article's any more.
_END = re.compile(
    r"^[\s\[【(（]*(?:相关(?:阅读|新闻|文章|推荐|链接|资讯|报道)|延伸阅读|推荐阅读|热门推荐|精彩推荐|为你推荐|猜你喜欢|更多精彩|大家都?在看|热门评论|网友评论|全部评论|最新评论"
    r"|发表评论|我来说两句|评论\s*[(（]\s*\d+\s*[)）]|作者最新文章|最新文章|热点推荐|今日热点|上一篇|下一篇|相关搜索|网友热评|参与评论|文章评论)[:：\s\]】)）>]*"
)
_PAGES = re.compile(
    r"^(?:共?\s*\d+\s*页[:：]?\s*|[\[【(（]?\d{1,3}[\]】)）]?\s*|[上下]一页\s*|首页\s*|尾页\s*|末页\s*|\d+\s*/\s*\d+\s*)+$"
)


@dataclass(slots=True)
class Body:
    region: Region
    lines: list[int]
    """Indices of its paragraphs."""


def find(document: Document, after: int, listed: bytearray) -> Body | None:
    """The body below line ``after``; ``listed`` marks the lines of lists and teasers."""
    weights = _weights(document, after, listed)
    region = _region(document, weights)
    if region is None:
        return None
    lines = own_lines(document, region, after, listed)
    return Body(region, _lead(document, region, after, listed) + lines) if lines else None


def _lead(document: Document, region: Region, after: int, listed: bytearray) -> list[int]:
    """The opening paragraph where it has an element of its own, between the title and the text."""
    before = None
    for other in document.children(region.parent) if region.parent is not None else ():
        if other is region:
            break
        before = other if other.end > other.start else before
    if before is None or before.start <= after or before.end != region.start:
        return []
    prose, text = (document.prose[held.end] - document.prose[held.start] for held in (before, region))
    return (
        own_lines(document, before, after, listed)
        if prose > _LEAD_SHARE * text and _opens(document, before)
        else []
    )


def _opens(document: Document, region: Region) -> bool:
    """Running text without a link, and no abstract."""
    lines = document.lines[region.start : region.end]
    return not _ABSTRACT.match(lines[0].text) and all(
        line.plain >= _LEAD_LINE and not line.linked for line in lines
    )


def _weights(document: Document, after: int, listed: bytearray) -> list[int]:
    """Running sums of the running text that may be the article's."""
    first, ended = max(after + 1, 0), _ended(document, after, listed)
    held = [
        0 if listed[index] else following - prose
        for index, (prose, following) in enumerate(pairwise(document.prose[first : ended + 1]), first)
    ]
    return list(accumulate([0] * first + held + [0] * (len(document.lines) - ended), initial=0))


def _ended(document: Document, after: int, listed: bytearray) -> int:
    """The first line that opens what follows an article, if some text stands before it and none goes on behind it."""
    prose = document.prose
    led = bisect_right(prose, prose[max(after, 0)] + _LEAD)
    for index in range(max(led, after + 1), len(document.lines)):
        if _ends(document, index, listed):
            return index
    return len(document.lines)


def is_behind(line: Line) -> bool:
    """Whether a line below the text heads what is not the article's, or is the page's imprint."""
    return bool((line.length <= _HEADER and _END.match(line.text)) or IMPRINT.search(line.text))


def _ends(document: Document, index: int, listed: bytearray) -> bool:
    line = document.lines[index]
    if line.length > _HEADER or not _END.match(line.text):
        return False
    around = line.region.parent
    end = around.end if around is not None else index
    return sum(_going_on(document, at, around) for at in range(index + 1, end) if not listed[at]) < _LEAD


def _going_on(document: Document, index: int, around: Region | None) -> int:
    """Running text that is set as a sibling of what stands before it."""
    return (
        document.prose[index + 1] - document.prose[index]
        if document.lines[index].region.parent is around
        else 0
    )


def _region(document: Document, weights: list[int]) -> Region | None:
    """From the whole page down, as long as one child keeps most of the text."""
    region = document.regions[0] if document.regions else None
    if region is None or not weights[-1]:
        return None
    while True:
        held = {child.index: weights[child.end] - weights[child.start] for child in document.children(region)}
        best = max(held, key=held.__getitem__, default=0)
        share = held.get(best, 0) / (weights[region.end] - weights[region.start])
        if share < _HOLD or _is_part(document, document.regions[best], share, held):
            return region
        region = document.regions[best]


def _is_part(document: Document, region: Region, share: float, held: dict[int, int]) -> bool:
    """Whether a region is a paragraph or a section of its parent's text, not a text of its own."""
    if region.tag in _PARAGRAPHS:
        return True
    siblings = [(document.regions[index], weight) for index, weight in held.items() if index != region.index]
    alike = [(other, weight) for other, weight in siblings if _shape(other) == _shape(region)]
    if region.end - region.start > 1:
        beside = (other.end == region.start or other.start == region.end for other, weight in alike if weight)
        return share < _HOLD_BESIDE and any(beside)
    return (
        share < 1
        or bool(alike)
        or any(_heads(other, region) for other, _ in siblings)
        or _pictured(document, region)
    )


def _shape(region: Region) -> tuple[str, str | None]:
    return region.tag, region.element.get("class")


def _heads(heading: Region, region: Region) -> bool:
    """Whether a subhead stands right before or after a region."""
    near = heading.end <= region.start <= heading.end + 1 or heading.start == region.end
    return heading.tag in {"h2", "h3", "h4"} and near


def _pictured(document: Document, region: Region) -> bool:
    """Whether a picture stands right before or after a region, in an element of its own."""
    beside = (picture for picture in document.pictures if picture.line in {region.start, region.end})
    return any(
        picture.region is not None and picture.region is not region and picture.region.parent is region.parent
        for picture in beside
    )


def own_lines(document: Document, region: Region, after: int, listed: bytearray) -> list[int]:
    """A region's lines that are the article's: no teasers, no lists of links, no editor's lines, no widgets."""
    start, end = max(region.start, after + 1), region.end
    lines: list[int] = []
    prose = 0
    for index in range(start, end):
        line = document.lines[index]
        if prose > _LEAD and _ends(document, index, listed):
            break
        if listed[index] or line.hidden or _is_foreign(line, region):
            continue
        if len(lines) < _OPENING and _is_info_line(line) and not _is_told(document, index, region, after):
            if document.prose[index] == document.prose[start]:  # only a section or a name stood before it
                lines.clear()
            continue
        prose += line.plain
        lines.append(index)
    if lines and listed[lines[-1] + 1] and _heads_list(document.lines[lines[-1]]):
        lines.pop()
    return lines


def _heads_list(line: Line) -> bool:
    return line.length <= _HEADER and not _SENTENCE.search(line.text)


def _is_info_line(line: Line) -> bool:
    return line.length <= _INFO and not _SENTENCE.search(line.text) and is_info_line(line.text)


def _is_told(document: Document, index: int, region: Region, after: int) -> bool:
    """Whether a date is part of what the text tells: an event's, with its place beside it, or a second one in the text's
    element where the article's own stands between title and text."""
    around = document.lines[index : index + 2]
    if any(_EVENT.search(line.text) for line in around):
        return True
    above = document.lines[max(after + 1, region.start - _ABOVE) : region.start]
    return not has_label(document.lines[index].text) and any(map(_is_info_line, above))


def _is_foreign(line: Line, body: Region) -> bool:
    if any(pattern.match(line.text) for pattern in (_LABELLED, _NOT_BODY, _PAGES)):
        return True
    if line.linked == line.length and line.linked > 0 and not line.heading:
        return True
    return _beside(line.region, body)


def _beside(region: Region, body: Region) -> bool:
    above: Region | None = region
    while above is not None and above is not body:
        if above.tag in _ASIDE:
            return True
        above = above.parent
    return False
