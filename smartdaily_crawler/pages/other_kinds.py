"""Tell pages of other kinds, which have no byline: by their title, their buttons, and the form of their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from smartdaily_crawler.cleaning.titles import strip_suffix
from smartdaily_crawler.markup.document import Document, text_of
from smartdaily_crawler.markup.layout import Line
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue
from smartdaily_crawler.parsing import signs
from smartdaily_crawler.parsing.info_line import has_label
from smartdaily_crawler.parsing.script import fold
from smartdaily_crawler.reasons import Reason

_SHORT, _BLURB = 200, 60
"""Characters of sentences below which a page without and with a date may be of another kind."""
_BUTTON_LINE, _FACT_LINE = 14, 40
"""Most characters of a line that is a button, a tab or a counter, and of one that has facts."""
_DESCRIBED, _POSTED = 800, 1500
"""Characters of sentences; a page with more is none of a product, whatever is sold beside the text, and none of a post or a program."""
_CHAPTERS = 5
_SEPARATED = re.compile(r"\s*[|｜丨·]\s*|\s/\s")
_STOP = re.compile("[。！？!?]")
_LABELLED_BLURB = re.compile("(?:视频|节目|影片|内容)?简介[:：]")
_BEHIND = 6
"""Lines behind the text that are searched for facts."""
_QUESTION = re.compile("[?？]|吗|怎么|如何|为什么|为何|什么|哪|多少|怎样|咋|几|求")
# Titles of a site's pages on itself, in simplified characters.
_SITE_PAGE = re.compile(
    r"""(?P<name>[^，。：:！？!?]{0,20}?)[\s_|·—-]*(?:
      关于(?:我们|我|本站|本网站?|本报|本刊|本社|本公司) | 联系(?:我们|方式|本站) | 加入我们 | (?:人才|诚聘|社会)?招聘(?:信息|英才)? | 诚聘英才
    | (?:公司|企业|集团|网站|本站|单位|学校|医院|机构|报社|本网|协会|品牌|平台|频道|栏目)(?:简介|介绍|概况|概述|荣誉|文化|架构)
    | (?:隐私|个人信息)(?:权)?(?:保护)?(?:权?政策|声明|条款|指引|规则|协议) | Cookies?政策
    | (?:用户|服务|使用|会员|注册|网站|平台|订阅)(?:服务|注册|使用|许可)?(?:协议|条款|须知|规则)
    | (?:免责|版权|法律|侵权|网站|著作权|知识产权)(?:声明|条款|公告|保护声明) | 广告(?:服务|合作|刊例|投放|业务|报价) | 商务合作 | 网站(?:地图|导航|律师)
    | 帮助中心 | 常见问题(?:解答)? | (?:投稿|来稿)(?:须知|指南|说明) | 意见反馈 | 友情链接 | (?:举报|投诉)(?:指南|须知|制度|方式|中心)
    | About(?:\ Us)? | Contact(?:\ Us)? | Privacy(?:\ Policy)? | Terms(?:\ of\ (?:Service|Use))? | Disclaimer
    )[》」』]?(?:[（(][^）)]{1,16}[）)])?""",
    re.VERBOSE | re.IGNORECASE,
)
_EVENT = re.compile(
    "发布|修改|更新|调整|被|遭|涉|公布|起诉|批|称|回应|质疑|违反|违规|出台|推出|引发|新版|拟|将|要求|约谈|征求|解读|争议|背后|谁|一份"
)
"""What happens to such a page is news."""
_COMPANY = re.compile(r"[\u4e00-\u9fffA-Za-z（）()·\d]{2,30}(?:有限(?:责任)?公司|股份公司|集团|事务所|合作社|厂)")
_FOUNDED = re.compile(
    "(?:成立|创立|创办|创建|始建)于|是一[家间]|坐落于|位于|主营|专业(?:从事|生产)|经营范围|公司(?:现?有|拥有|秉承|以)|宗旨"
)
_ADDRESSED = re.compile("您|我们|本(?:网?站|公司|平台|应用|协议|政策|隐私)")
_ADDRESSES = 3
_PAIR = re.compile(r"(?P<label>[^，。；、:：\s]{2,10})\s?[:：]")
_WEEKDAY = re.compile(r"\W*(?:周|週|星期|礼拜|禮拜)[一二三四五六日天]\W*")
_COUNTED = re.compile("第.|其.|[一二三四五六七八九十\\d]")
_CHAT = re.compile(r"[^，。：:]{1,12}\s?[:：]")
_DATA, _DATA_LINE, _CHAT_LINE = 3, 60, 40
"""Least lines of a text that is data or a chat, and most characters of such a line."""
_FIGURE = re.compile(r"\d\s?(?:℃|°|%|级|mm|km/h|hPa|手|亿|万)")
_FIGURES = 6


def kind(document: Document, reading: ArticleReading, title: int | None, body: Body | None) -> str | None:
    """Return which other kind of page one without a byline is; ``None`` if nothing tells.

    :param title: index of the title's line.
    """
    if _is_site_page(reading):
        return Reason.SITE_PAGE
    page = _Page(document, reading, title, body)
    if _is_contents(page):
        return Reason.LISTING
    if _is_labelled(page):
        return None
    return _by_facts(page) or (None if _is_signed(page) else _by_buttons(page) or _by_form(page))


@dataclass
class _Page:
    """A page, and the lines that tell its kind: one text each, in simplified characters."""

    document: Document
    reading: ArticleReading
    title: int | None
    body: Body | None

    @cached_property
    def sentences(self) -> int:
        """Characters of the paragraphs that have a sentence."""
        return sum(len(text) for text in self.reading.body if _STOP.search(text))

    @cached_property
    def told(self) -> int:
        """Characters of the paragraphs that have a sentence, and no label before it."""
        return sum(len(text) for text in self.reading.body if _STOP.search(text) and not _PAIR.match(text))

    @cached_property
    def is_dated(self) -> bool:
        """Whether a date is on the page; a day of the week alone is none."""
        published = self.reading.published
        return published is not None and is_printed(published) and not _WEEKDAY.fullmatch(published.value)

    @cached_property
    def names(self) -> list[str]:
        """Source, author and editor that are on the page."""
        names = (self.reading.source, self.reading.author, self.reading.editor)
        return [name.value for name in names if name and is_printed(name)]

    @cached_property
    def buttons(self) -> list[str]:
        root = self.document.root
        found = root.iter("button", "input") if root is not None else ()
        labels = (each.get("value") or "" if each.tag == "input" else text_of(each) for each in found)
        return [label for label in labels if 0 < len(label) <= _BUTTON_LINE]

    @cached_property
    def shown(self) -> str:
        """Buttons, tabs and counters of the whole page."""
        return fold("\n".join([*self.buttons, *_short(self.document.lines)]))

    @cached_property
    def lines(self) -> list[Line]:
        """Lines from the title to just behind the text."""
        if self.title is None or self.body is None:
            return []
        return self.document.lines[self.title + 1 : self.body.lines[-1] + 1 + _BEHIND]

    @cached_property
    def facts(self) -> str:
        """Facts and buttons from the title to just behind the text."""
        few = [
            line.text for line in self.lines if _BUTTON_LINE < line.length <= _FACT_LINE and not _STOP.search(line.text)
        ]
        return fold(_SEPARATED.sub("\n", "\n".join([*self.buttons, *few, *_short(self.lines)])))

    @cached_property
    def own(self) -> list[str]:
        """Facts without links, each line apart."""
        return [fold(line.text) for line in self.lines if not line.is_linked and not _STOP.search(line.text)]

    @cached_property
    def above(self) -> list[Line]:
        """Lines between the title and the first paragraph that has a sentence."""
        if self.title is None or self.body is None:
            return []
        lines = self.document.lines
        first = next((index for index in self.body.lines if _STOP.search(lines[index].text)), self.body.lines[-1])
        return lines[self.title + 1 : first]


def _short(lines: list[Line]) -> Iterator[str]:
    """Yield the short lines without a sentence, and the short nodes of longer lines."""
    for line in lines:
        if line.length <= _BUTTON_LINE and not _STOP.search(line.text):
            yield line.text
        if len(line.runs) > 1:
            yield from (run.strip() for run in line.runs if len(run) <= _BUTTON_LINE and not _STOP.search(run))


def _is_labelled(page: _Page) -> bool:
    """Return whether the page has a date, and a name with a label."""
    return page.reading.published is not None and any(map(has_label, page.names))


def _is_signed(page: _Page) -> bool:
    """Return whether the page has a date, a name, and some running text."""
    return page.reading.published is not None and bool(page.names) and page.told >= _BLURB


def _is_contents(page: _Page) -> bool:
    """Return whether links to numbered chapters are all that a page has beside an introduction."""
    if page.told >= _SHORT or any(map(is_printed, (page.reading.source, page.reading.editor))):
        return False
    return len({link.text for link in page.document.links if signs.CHAPTER.match(link.text)}) >= _CHAPTERS


def _by_facts(page: _Page) -> str | None:
    """Return the kind of page whose facts stand with the title, and of which readers' comments are all the text."""
    if page.sentences < _POSTED:
        for kind, sheet in signs.SHEETS.items():
            if sheet.tell(page.facts):
                return kind
    if _is_comments(page):
        return Reason.COMMENTS
    if page.sentences < _DESCRIBED and _is_entry(page):
        return Reason.CATALOGUE
    return Reason.LIVE_ROOM if _is_ticker(page) else None


def _is_comments(page: _Page) -> bool:
    """Return whether the paragraphs are comments: below each stands what readers do with one, and the title says so or is a link."""
    if page.body is None or not _is_titled_comments(page, page.body.lines[0]):
        return False
    lines, first = page.document.lines, page.body.lines[0]
    marked = [
        index
        for index in range(first, min(page.body.lines[-1] + 1 + _DATA, len(lines)))
        if lines[index].length <= _FACT_LINE and any(signs.REPLY.match(fold(run.strip())) for run in lines[index].runs)
    ]
    told = [index for index in page.body.lines if _STOP.search(lines[index].text)]
    return len(marked) >= _DATA and len(marked) * 2 >= len(told) and (len(told) < 2 or marked[0] <= told[1])  # noqa: PLR2004


def _is_titled_comments(page: _Page, first: int) -> bool:
    """Return whether the title names comments or leads to another page, or a line below it counts comments.

    :param first: index of the text's first line.
    """
    lines = page.document.lines
    above = lines[max(first - _BEHIND if page.title is None else page.title, 0) : first]
    counted = "\n".join(fold(line.text) for line in above if line.length <= _FACT_LINE)
    return (
        (page.title is not None and lines[page.title].is_linked)
        or signs.COMMENTS_TITLE.search(fold(page.document.title)) is not None
        or signs.COMMENTED.search(counted) is not None
    )


def _is_ticker(page: _Page) -> bool:
    """Return whether a page that its title calls live reports minute by minute, and shows the buttons of such a page."""
    if not signs.LIVE_TITLE.match(fold(page.document.title)):
        return False
    clocks = sum(signs.CLOCK.match(line.text) is not None for line in page.lines)
    return clocks >= _DATA and any(signs.BUTTONS[Reason.LIVE_ROOM].shown(page.shown))


def _by_buttons(page: _Page) -> str | None:
    """Return the kind of page whose buttons and counters are shown, or which its head calls a product."""
    if (page.document.meta("og:type") or "").startswith("product"):
        return Reason.PRODUCT
    for kind, buttons in signs.BUTTONS.items():
        if kind == Reason.PRODUCT:
            if page.sentences < _DESCRIBED and _is_sold(page):
                return kind
        elif page.sentences < (_BLURB if page.is_dated else _SHORT) and buttons.tell(page.shown, _others(kind, page)):
            return kind
    return None


def _is_sold(page: _Page) -> bool:
    """Return whether a page has the buttons of goods, and above a text their price: below one stands an advertisement."""
    buttons, priced = signs.BUTTONS[Reason.PRODUCT], page.shown
    if page.sentences >= _BLURB:
        before = page.document.lines[max((page.title or 0) - _BEHIND, 0) : page.title or 0]
        priced = fold("\n".join(_short([*before, *page.above])))
    is_priced = signs.PRICE.search(priced) is not None or signs.OFFER.patterns[0].search(priced) is not None
    if page.sentences >= _BLURB and not is_priced:
        return False
    return buttons.tell(page.shown) or (any(buttons.shown(page.shown)[: signs.BUY]) and is_priced)


def _others(kind: str, page: _Page) -> int:
    """Return how many other signs a page has of a kind: a player and a blurb with its label, a chat, a title."""
    if kind == Reason.LIVE_ROOM:
        return _is_chat(page.reading.body) + (signs.LIVE_TITLE.match(fold(page.document.title)) is not None)
    if page.document.root is None:
        return 0
    has_blurb = any(_LABELLED_BLURB.match(fold(text)) for text in page.reading.body)
    return has_blurb + (next(page.document.root.iter("video"), None) is not None)


def _by_form(page: _Page) -> str | None:
    """Return the kind of page whose facts below the title, or whose title and text have its form."""
    if page.sentences < _SHORT and _is_offer(page):
        return Reason.PRODUCT
    title = fold(page.reading.title.value) if page.reading.title else ""
    praised = len(signs.PRAISE.findall(page.shown)) > 1  # each answer is
    if _QUESTION.search(title) and signs.THREAD.tell(page.shown, praised):
        return Reason.QUESTION
    if page.sentences < _SHORT and not page.is_dated and _asks_for_password(page.document):
        return Reason.LOGIN_WALL
    if not page.is_dated and _is_gallery(page):
        return Reason.GALLERY
    return Reason.NO_BODY if _is_data(page) else None


def _is_offer(page: _Page) -> bool:
    """Return whether the page has the price and measures of goods or a property, above a text; a dated one also names a seller."""
    own = "\n".join(page.own)
    if page.told >= _BLURB and not signs.OFFER.patterns[0].search(fold("\n".join(line.text for line in page.above))):
        return False
    return signs.OFFER.tell(own) and (not page.is_dated or signs.SELLER.search(own) is not None)


def _is_gallery(page: _Page) -> bool:
    """Return whether a page is several pictures, of which it shows the number, and hardly any text."""
    captions = sum(len(text) for text in set(page.reading.body))  # one below each picture is often the same
    if captions >= _BLURB or page.title is None or page.body is None:
        return False
    pictures = sum(picture.line > page.title for picture in page.document.pictures)
    return pictures >= _DATA and signs.PICTURES.search(page.facts) is not None


def _is_entry(page: _Page) -> bool:
    """Return whether facts of a film, a book or a person stand with the title above the text, and no date of publication."""
    lines = page.document.lines[max((page.title or 0) - _DATA, 0) : (page.title or 0) + 1] + page.above
    texts = [fold(line.text) for line in lines if line.length <= _DATA_LINE]
    labels = "\n".join(match["label"] for match in map(_PAIR.match, texts) if match)
    dated = "".join(page.reading.published.value.split()) if page.is_dated and page.reading.published else None
    is_published = dated is not None and any(dated in "".join(text.split()) and not _PAIR.match(text) for text in texts)
    is_unsigned = not is_published and not any(map(has_label, page.names))
    return is_unsigned and any(facts.tell(labels) for facts in signs.FACTS.values())


def _is_site_page(reading: ArticleReading) -> bool:
    """Return whether the title is that of a page of the site on itself, or is a company whose text introduces it."""
    if reading.title is None or any(map(is_printed, (reading.author, reading.editor))):
        return False
    title = fold(strip_suffix(reading.title.value)).strip(" 《》「」『』【】")
    found = _SITE_PAGE.fullmatch(title)
    if found and not found["name"]:
        return True
    if is_printed(reading.source):
        return False
    if not found and not _COMPANY.fullmatch(title):
        return False
    text = fold("".join(reading.body))
    if found:
        is_addressed = len(_ADDRESSED.findall(text)) >= _ADDRESSES
        return not _EVENT.search(found["name"]) and (is_addressed or not is_printed(reading.published))
    return _FOUNDED.search(text) is not None


def is_account(document: Document, title: int | None, body: Body) -> bool:
    """Return whether a page is that of an account: its title says so, or counters of its readers and texts stand with its name."""
    first = body.lines[0]
    lines = document.lines[max(first - _BEHIND if title is None else title, 0) : body.lines[-1] + 1 + _BEHIND]
    name = fold(strip_suffix(document.title))
    return signs.ACCOUNT_TITLE.search(name) is not None or signs.COUNTERS.tell(fold("\n".join(_short(lines))))


def _is_data(page: _Page) -> bool:
    """Return whether a text is pairs of a label and a value, the lines of a chat, or beside many figures, and not running text."""
    texts = page.reading.body
    figures = sum(len(text) <= _BUTTON_LINE and _FIGURE.search(text) is not None for text in page.own)
    if page.told < _BLURB and figures >= _FIGURES:
        return True
    return not page.is_dated and ((page.told < _BLURB and _is_pairs(texts)) or _is_unpunctuated(texts))


def _is_pairs(texts: list[str]) -> bool:
    found = [match["label"] for text in texts if len(text) <= _DATA_LINE and (match := _PAIR.match(text))]
    labels = {label for label in found if not _COUNTED.match(label)}
    # The speakers of an interview take turns.
    return len(labels) >= _DATA and len(labels) == len(found) and len(found) * 3 >= len(texts) * 2


def _is_unpunctuated(texts: list[str]) -> bool:
    return len(texts) >= _DATA and all(len(text) <= _CHAT_LINE and not _STOP.search(text) for text in texts)


def _is_chat(texts: list[str]) -> bool:
    chatted = sum(len(text) <= _CHAT_LINE and _CHAT.match(text) is not None for text in texts)
    return len(texts) >= _DATA and chatted * 2 >= len(texts)


def _asks_for_password(document: Document) -> bool:
    fields = document.root.iter("input") if document.root is not None else ()
    return any((field.get("type") or "").lower() == "password" for field in fields)


def is_printed(value: ExtractedValue | None) -> bool:
    """Return whether a value is on the page, and not only in its head."""
    return value is not None and value.provenance != "meta"
