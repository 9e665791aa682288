"""Tell pages of other kinds, which have no byline: by their title, their buttons, and the form of their text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.body import Body
from smartdaily_crawler.pages.headline import strip_suffix
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue
from smartdaily_crawler.parsing.info_line import has_label
from smartdaily_crawler.parsing.script import fold
from smartdaily_crawler.reasons import Reason

_SHORT, _BLURB = 200, 60
"""Characters of sentences below which a page without and with a date may be of another kind."""
# What pages of other kinds show in short lines of their own: buttons, tabs, counters.
_BUTTONS = {
    Reason.PRODUCT: (
        r"(?:立即|马上|馬上|我要|点击|點擊)(?:购买|購買|抢购|搶購|下单|下單|订购|訂購)",
        "[加放]入(?:购物|購物)[车車袋]",
        "^(?:购物|購物)(?:须知|須知|指南|流程)",
        "(?:收藏|分享)(?:宝贝|商品|店[铺鋪])|联系(?:卖家|商家)|进店逛逛|店铺首页|掌柜",
        "(?:商品|宝贝|产品|產品|規格|规格)(?:详情|評價|评价|参数|參數|信息|属性|介紹|介绍)",
        "(?:累计|全部|用户|商品)(?:评价|评论)",
        "^(?:月|总|累计)?(?:销量|銷量|成交)|交易成功|已售|库存|庫存",
        "^(?:运费|運費|配送|物流)|包邮|免運",
        "(?:促销|淘宝|活动|优惠|參考|参考|市场|商城|最低|經銷商|经销商)(?:价|價|报价)|[优優]惠[券劵]|领券|询底价|商家报价",
        "[七7]天无理由|正品保[证障]|假一赔|极速退款|售后(?:服务|保障)",
    ),
    Reason.LIVE_ROOM: (
        "正在直播|直播中|開播|开播(?:提醒|时间)|直播[已]?[经經]?持[续續]|[讲講]解[0-9]+[号號]",
        "(?:进入|返回|分享)?直播间",
        "(?:在线|在線|观看|觀看)(?:人[数數]|[观觀][众眾])|人在看|人气值|热度值",
        "送礼|礼物|打赏|贡献榜|粉丝团|上舰",
        "弹幕|彈幕|聊天室|聊天室|发言",
        "关注主播|主播(?:公告|信息|简介)|更多直播|直播回放",
    ),
    Reason.VIDEO: (
        r"\d[万億亿]?次?(?:播放|观看|觀看)|播放(?:量|次数)|觀看次數",
        "弹幕|彈幕",
        "^选集|選集|播放列表|自动连播|连播|正在播放|合集",
        "倍速|清晰度|高清|超清|画质|宽屏|全屏|音量",
        "投币|追番|一键三连|稍后再看|下载视频|缓存",
        "(?:相关|推荐|更多|热门)(?:视频|影片)|(?:相關|推薦|更多|熱門)影片",
        "^(?:视频|节目|節目|影片)?[简簡]介[:：]?$|手机看",
    ),
}
_BUTTON_PATTERNS = {kind: tuple(map(re.compile, patterns)) for kind, patterns in _BUTTONS.items()}
_BUTTON_LINE, _BUTTON_KINDS = 14, 3
"""Most characters of such a line, and least patterns with one."""
_DESCRIBED = 800
"""Characters of sentences; a page with more is none of a product, whatever is sold beside the text."""
_BUY = _BUTTON_PATTERNS[Reason.PRODUCT][:2]
_PRICE = re.compile(r"[¥￥]\s?\d|\d元(?:起|/|$)|^\d+(?:\.\d+)?元")
_STOP = re.compile("[。！？!?]")
_LABELLED_BLURB = re.compile("(?:视频|节目|影片|内容)?简介[:：]")
# What goods and properties have, in short lines below the title, in simplified characters: price, measures, seller, opinions.
_OFFER = tuple(
    map(
        re.compile,
        (
            r"[¥￥$]\s?\d|\d(?:\.\d+)?万?元|元/|(?:售价|总价|单价|月租|租金|报价|参考价|挂牌价?|首付|价格|价钱)\s*[:：]?",
            r"^(?:屏幕|电池|处理器|内存|存储|摄像头|上市(?:日期|时间)|重量|毛重|尺寸|材质|型号|品牌|产地|净含量|保质期|货号|规格|排量|油耗|轴距|编号)(?:[:：\s]|$)",
            r"\d[室房]\d?[厅卫]?|户型",
            r"\d\s?(?:㎡|平米|平方米?|坪)|(?:建筑|使用|套内)?面积(?:[:：\s]|$)",
            r"^(?:朝向|楼层|装修|产权|屋龄|房龄|车位|电梯|小区|社区|格局|类型|楼盘)(?:[:：\s]|$)",
            r"^(?:网友|用户|车主|买家)?(?:点评|口碑|评分|评价)(?:[:：\s\d(（]|$)|\d(?:\.\d)?分(?:$|\W)",
        ),
    )
)
_SELLER = re.compile(
    "经纪人|中介|仲介|(?:预约|在线|免费)?看房|房源|联系(?:卖家|商家|房东|屋主|经销商)|(?:电话|在线|立即)(?:咨询|询价)|询(?:底)?价|报价|经销商|加入对比"
)
_OFFERS, _BEHIND = 3, 6
"""Least patterns with a line, and lines behind the text that are searched."""
# What threads of questions and answers show, in simplified characters.
_THREAD = tuple(
    map(
        re.compile,
        (
            r"\d\s?[个条]?回答|(?:写|查看|我来|全部|更多|其他|条)回答|^回答|回答[(（]?\d",
            "关注问题|邀请回答|好问题|问题(?:补充|描述)|提问者|我要提问|提问(?:时间|于)",
            "(?:最佳|满意|推荐|优质)(?:答案|回答|解答)|^(?:已)?采纳",
            r"^赞同|^踩$|^(?:有用|没用)|追问|追答|匿名用户|热心网友",
        ),
    )
)
_THREADS = 3
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
    if _is_signed(reading):
        return None
    if (document.meta("og:type") or "").startswith("product"):
        return Reason.PRODUCT
    return _by_buttons(document, reading) or _by_form(document, reading, list(_own(document, title, body)))


def _is_signed(reading: ArticleReading) -> bool:
    """Return whether the page has a date and a name; beside hardly any running text, the name needs a label."""
    names = [name.value for name in (reading.source, reading.author, reading.editor) if name and is_printed(name)]
    return reading.published is not None and bool(names) and (any(map(has_label, names)) or _told(reading) >= _BLURB)


def _is_dated(reading: ArticleReading) -> bool:
    """Return whether a date is on the page; a day of the week alone is none."""
    published = reading.published
    return published is not None and is_printed(published) and not _WEEKDAY.fullmatch(published.value)


def _by_form(document: Document, reading: ArticleReading, own: list[str]) -> str | None:
    """Return the kind of page whose lines ``own``, below the title, or whose title and text have its form."""
    is_dated, is_short = _is_dated(reading), _sentences(reading) < _SHORT
    if is_short and _is_offer(own, is_dated=is_dated):
        return Reason.PRODUCT
    if _is_thread(document, reading):
        return Reason.QUESTION
    if is_short and not is_dated and _asks_for_password(document):
        return Reason.LOGIN_WALL
    return Reason.NO_BODY if _is_data(reading, own, is_dated=is_dated) else None


def _by_buttons(document: Document, reading: ArticleReading) -> str | None:
    """Return the kind of page whose buttons and counters are shown."""
    sentences, is_dated = _sentences(reading), _is_dated(reading)
    short = list(_short(document))
    for kind, patterns in _BUTTON_PATTERNS.items():
        if sentences >= (_DESCRIBED if kind == Reason.PRODUCT else _BLURB if is_dated else _SHORT):
            continue
        shown = [any(map(pattern.search, short)) for pattern in patterns]
        sells = kind == Reason.PRODUCT and any(shown[: len(_BUY)]) and any(map(_PRICE.search, short))
        if sells or (any(shown) and sum(shown) + _is_of(kind, document, reading) >= _BUTTON_KINDS):
            return kind
    return None


def _is_of(kind: str, document: Document, reading: ArticleReading) -> int:
    """Return how many other signs a page has of a kind: a player and a blurb with its label, a chat."""
    if kind == Reason.LIVE_ROOM:
        return int(_is_chat(reading.body))
    if kind != Reason.VIDEO or document.root is None:
        return 0
    has_blurb = any(_LABELLED_BLURB.match(fold(text)) for text in reading.body)
    return has_blurb + (next(document.root.iter("video"), None) is not None)


def _short(document: Document) -> Iterator[str]:
    """Yield the short lines of a page without a sentence, and the short nodes of longer lines."""
    for line in document.lines:
        if line.length <= _BUTTON_LINE:
            if not _STOP.search(line.text):
                yield line.text
        elif len(line.runs) > 1:
            yield from (run.strip() for run in line.runs if len(run) <= _BUTTON_LINE and not _STOP.search(run))


def _own(document: Document, title: int | None, body: Body | None) -> Iterator[str]:
    """Yield the lines without links from the title to just behind the text, in simplified characters."""
    if title is None or body is None:
        return
    for line in document.lines[title + 1 : body.lines[-1] + 1 + _BEHIND]:
        if not line.is_linked and not _STOP.search(line.text):
            yield fold(line.text)


def _is_offer(own: list[str], *, is_dated: bool) -> bool:
    """Return whether the page has the price and measures of goods or a property; a dated one also names a seller."""
    shown = [any(map(pattern.search, own)) for pattern in _OFFER]
    is_sold = any(map(_SELLER.search, own))
    return shown[0] and sum(shown) >= _OFFERS and (is_sold or not is_dated)


def _is_thread(document: Document, reading: ArticleReading) -> bool:
    """Return whether the title is a question, with answers of other readers."""
    if reading.title is None or not _QUESTION.search(fold(reading.title.value)):
        return False
    short = [fold(text) for text in _short(document)]
    return sum(any(map(pattern.search, short)) for pattern in _THREAD) >= _THREADS


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
    text = fold("".join(reading.body))
    if found:
        is_addressed = len(_ADDRESSED.findall(text)) >= _ADDRESSES
        return not _EVENT.search(found["name"]) and (is_addressed or not is_printed(reading.published))
    return _COMPANY.fullmatch(title) is not None and _FOUNDED.search(text) is not None


def _is_data(reading: ArticleReading, own: list[str], *, is_dated: bool) -> bool:
    """Return whether a text is pairs of a label and a value, the lines of a chat, or beside many figures, and not running text."""
    figures = sum(len(text) <= _BUTTON_LINE and _FIGURE.search(text) is not None for text in own)
    if _told(reading) < _BLURB and figures >= _FIGURES:
        return True
    is_pairs = _told(reading) < _BLURB and _is_pairs(reading.body)
    return not is_dated and (is_pairs or _is_unpunctuated(reading.body))


def _told(reading: ArticleReading) -> int:
    """Return the characters of the paragraphs that have a sentence, and no label before it."""
    return sum(len(text) for text in reading.body if _STOP.search(text) and not _PAIR.match(text))


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


def _sentences(reading: ArticleReading) -> int:
    """Return the characters of the paragraphs that have a sentence."""
    return sum(len(text) for text in reading.body if _STOP.search(text))


def _asks_for_password(document: Document) -> bool:
    fields = document.root.iter("input") if document.root is not None else ()
    return any((field.get("type") or "").lower() == "password" for field in fields)


def is_printed(value: ExtractedValue | None) -> bool:
    """Return whether a value is on the page, and not only in its head."""
    return value is not None and value.provenance != "meta"
