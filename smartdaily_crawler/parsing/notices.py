"""Lines on a page's article that are none of its text: credits, widgets, headings of what follows, notices to the reader."""

from __future__ import annotations

import re
from functools import lru_cache

from smartdaily_crawler.parsing.script import Pattern, fold
from smartdaily_crawler.parsing.vocabulary import COLON, COUNTER, CREDIT, FIELD_OF, KEYWORDS, PERSON, STAMP

_CREDIT_LINE = 40
_HEADER = 16
"""Most characters of a heading of what follows."""
_NOTICE = 160
"""Most characters of a notice to the reader."""

# Labelled fields, notices and widgets.
_OPENS = r"^(?:【?纠错】?)?[\s\[【〔(（<《*★●◆■▼↓·-]*"
_LABELLED = Pattern(
    rf"""{_OPENS}(?:
    (?:本文)? (?:{CREDIT}) \s* (?: {COLON} | [|丨｜/／] ) .{{0,40}}$
    | (?:{STAMP}) \s* {COLON} \s* (?:19|20)\d\d .{{0,36}}$
    | (?: 文 | [\u4e00-\u9fff]{{0,6}}(?:{PERSON}) ) \s* [|丨｜] \s* [\u4e00-\u9fffA-Za-z\ ]{{2,12}} [）)】\]]?$
    | (?:{COUNTER}) (?:量|数|次数)? \s? {COLON}? \s? \d | (?:{KEYWORDS}) {COLON}
    )""",
    re.VERBOSE,
)
_EDITOR = "|".join(word for word, field in FIELD_OF.items() if field == "editor")
_EDITED = Pattern(rf"{_OPENS}(?:{_EDITOR})\s*(?:{COLON}|[|丨｜/／])")
_CREDIT_SIGN = re.compile(rf"{COLON}|[|丨｜/／\d]")
"""Characters, at least one of which is part of each match of these two."""
_NOT_BODY = Pattern(
    rf"{_OPENS}(?:"
    r"""
    (?:本文)?原标题[:：]? | 原题[:：] | (?:广告|advertisement)\W*$ | [以如]上(?:[内]容|图文|文章)[^。]{0,40}(?:上传|发布|观点|立场)
    | (?:分享|转发|转播)(?:到|至).{0,30}$ | 分享(?:让更多人看到)?$ | (?:打印|列印)(?:$|本[页文]|此) | 扫一扫.{0,40}$ | 关闭(?:窗口|视窗) | 加入收藏
    | (?:免责|版权|郑重|特别|凡本网)?.{0,4}(?:声明|注明)[:：] | © | copyright\W*(?:©|\(c\)|\d{4}|by\b|all\b|$)
    | 版权所有(?![者人权方制])(?:[^，。,；;]{0,40}$|[，,。；;!！\s]*(?:未经|违者|翻|不得|侵权|盗版|请勿|禁止|严禁))
    | (?:[^，。]{0,24}(?:原创|独家)[^，。]{0,6}，)?(?:未经.{0,12}(?:授权|许可|允许)[^。]{0,12}(?:不得|不可|不能|禁止|严禁|谢绝|拒绝|请?勿).{0,20}(?:转载|复制)|[^，。]{0,30}(?:著作权|版权|权益)归(?![谁哪何])[^，。,]{1,30}(?:所有|$))
    | (?:本文结束.{0,3})?(?:如[需欲])?转载(?:[^，。]{0,6})请(?:务必)?注明 | 完[）)】]?$ | 阅读(?:剩余)?全文.{0,6}$ | (?:更多|查看更多).{0,20}(?:关注|点击|请|资讯|内容|精彩) | 更多精彩 | 返回.{0,8}(?:首页|列表|顶部)
    | (?:上|下)一[篇条页则][:：]? | (?:相关|延伸|推荐|精彩)(?:阅读|新闻|文章|推荐|链接|资讯)[:：]?$ | 猜你喜欢 | 热门推荐 | 大家都?在看
    | 字[号体][:：\s] | [AaＡ]\s?[-+] | 收藏\d*$ | \+?关注$ | 点赞\d*$ | 赞?\(?\d+\)?$ | 评论\(?\d*\)?$ | (?:文章)?(?:内容)?举报$ | 文章关键词
    | [-—]*\s*(?:THE\s*)?END\s*[-—]*$ | 您的浏览器 | 浏览器(?:不支持|版本) | 正在加载 | [（(【]?请?(?:继续往下|向下滑动|往下滑动|下滑|上滑)(?:继续)?(?:阅读|浏览|看)?[^，]{0,6}$
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# Headings of what follows an article.
_END = Pattern(
    r"^[\s\[【(（]*(?:相关(?:阅读|新闻|文章|推荐|[链连][接结]|资讯|报[道导])|延伸阅读|推荐阅读|热门(?:推荐|新闻|文章)|精彩推荐|为你推荐|猜你喜欢|更多精彩|大家都?在看|热门评论|网友评论|全部评论|最新评论"
    r"|发表评论|我来说两句|评论\s*[(（]\s*\d+\s*[)）]|作者最新文章|最新文章|热点推荐|今日热点|[上下]一[篇则]|网友(?:回应|留言)|发表(?:回应|留言)|相关搜[索寻]|网友热评|参与评论|文章评论)[:：\s\]】)）>]*"
)
_HOTLINE = Pattern(r"^[^，。]{0,14}[线话][:：]\s?[\d(（][\d()（）\s—-]{2,}[^，。]{0,12}$")
_PAGES = Pattern(
    r"^(?:共?\s*\d+\s*页[:：]?\s*|[\[【(（]?\d{1,3}[\]】)）]?\s*|[上下]一页\s*|首页\s*|尾页\s*|末页\s*|\d+\s*/\s*\d+\s*)+$"
)
# The forms of notices. Each begins its line: a text may mention all that they are about.
_QUOTES = "[“”\"'「」『』【】\\s]"
_ACCOUNT = (
    r"(?:公众号|公众平台|服务号|视频号|小程序|(?:官方|微信|微博|抖音|头条|知乎|豆瓣)[帐账]?号|官微|微信|微博|二维码|粉丝(?:专页|团|页)|粉专|客户端|电子报|频道"
    r"|APPs?(?![a-z])|Instagram|Facebook|IG(?![a-z])|LINE(?![a-z])|YouTube|Telegram|Threads|Twitter|WhatsApp|Podcast)"
)
_ACT = "(?:关注|订阅|下载|追踪|加入|搜[索寻]|扫码|扫描|长按|识别|收听|按赞|点赞|收藏|置顶|星标|添加|打开|锁定)"
_CALL = r"(?:请|敬请|欢迎|快来|快|马上|立即|立刻|赶快|赶紧|现在就?|即刻|免费|记得|别忘了?|点击|点选|点我|长按|扫码|扫描|识别|一键|也可|更多[^，。]{0,16}[，,]?|想[^，。]{2,24}[，,？?]|如[需果]?[^，。]{2,24}[，,]|[^，。]{2,24}有[^，。]{2,20}[！!])"
# What a story tells, and a notice does not.
_STORY = Pattern(
    "(?:表示|称|说|指出|认为|透露|报告|记者(?!联系)|用户(?:数|规模|已)|成为|引发|超过|突破|达到|[一二三四五六七八九十]成|百分之|\\d%|同比|目前|今年|去年|昨[天日]|曾|市民|居民|老人|警方|法院|双方)"
)
_NO_COPY = "(?:不得|不可|不能|禁止|严禁|谢绝|拒绝|请?勿|违者|必究)"
# `本文来自微信公众号“慢行手记”，作者：许知夏，经授权发布。` A name is behind the form; a story goes on behind that: 公众号“慢行手记”的启发.
_NAMED = rf"(?:公众号(?:\s?{COLON}|\s?[“\"「『【《][^，。”\"」』】》]{{1,20}}[”\"」』】》](?=[\s，,。；;（(]|$))|作者\s?{COLON}[^，,。；;的]{{1,24}}(?=[，,。；;）)]|$)|原文链接\s?{COLON}|经[^，。]{{0,16}}授权(?:发布|转载|刊发)(?=[，,。）)]|$))"
_ORIGIN = rf"(?:声明[:：]\s?)?(?:本文|文章|本篇)(?:来自|来源于?|转自|转载自|首发于|首发自|原载于?)[^。]{{0,32}}{_NAMED}[^。]{{0,64}}。?$"
_CLOSING = Pattern(
    rf"""^[\s\[【〔(（<《*★●◆■▼▲△↓↑·•※➤►▶—-]*(?:
    {_CALL}* {_ACT} [^。]{{0,40}}? {_ACCOUNT}
    | (?:更多|想看|想了解|想知道) [^。]{{2,40}} (?:{_ACT}|点击|尽在|就在) [^。]{{0,40}}$
    | {_CALL}+ (?:关注|搜[索寻]|追踪|订阅|下载) (?:{_QUOTES}|我们|本报|本刊|本台|本站|本号|[A-Za-z@])
    | {_ACCOUNT} (?:{COLON}|ID|搜[索寻]) [^。]{{1,40}}$
    | (?:如果?)?[您你]?(?:有|掌握|遇到|发现)[^。]{{0,12}}(?:线索|爆料|报料|投诉|采访)[^。]{{0,12}}(?:欢迎|请|可) | 欢迎[^。]{{0,16}}(?:线索|爆料|报料|投稿|来稿|来电|来信)
    | (?:新闻)?(?:爆料|报料|投稿|线索)[^，。]{{0,8}}(?:{COLON}|QQ|微信|电话|邮箱|请)
    | (?:[本此]文|本稿|稿件|文章)[系为是由属][^。]{{0,40}}(?:独家|原创|授权|首发|约稿|投稿)[^。]{{0,60}}(?:转载|发布|刊发|刊载|观点|立场|责任|来源|出处|稿件|作品|$)
    | (?:以上|本文|文章|文中|此文|上述)?[^，。]{{0,8}}(?:均|仅|纯|只|不)?(?:属|代表|系|为)作者[^，。]{{0,6}}(?:观点|意见|看法|立场) | [^，。]{{0,12}}不代表[^，。]{{0,16}}(?:立场|观点|意见)
    | (?:以上|本文|文章|上述)[^。]{{0,12}}(?:不构成|仅供参考|不作为)[^。]{{0,20}}
    | (?:本文|文章|本站|本网站?|本报|本刊|原创)?[^，。]{{0,24}}?(?:[，,])?(?:未经|非经|如未经|如无|如需|若需)[^。]{{0,20}}(?:授权|许可|允许|同意|书面|转载)[^。]{{0,16}}(?:{_NO_COPY}|联系|注明)
    | (?:©|\(c\))?\s*(?:著作权|版权|本文版权|文章版权|图文版权|图片版权|内容版权)[^。]{{0,12}}(?:归|属)(?![谁哪何])[^。]{{1,24}}(?:所有|$) | (?:商业)?转载(?:文章|本文)?(?:请|须|需)[^。]{{0,20}}(?:联系|注明|授权)
    | (?:本文|文中|封面|头|部分|所有|以上)?(?:配图|题图|头图|图片|图文|素材|内容|视频|文字|封面|图)[^，。]{{0,10}}?(?:来[自源]|源自|源于|转自|摘自|取自)[^，。]{{0,4}}(?:网络|互联网|网路)
    | (?:图文|图片|文图)?(?:如[有若]?|若有?)?(?:涉及)?(?:侵[权犯]|版权问题)[^。]{{0,20}}(?:联[系络]|删[除文]?|告知|撤) | 侵[权则必立即请]{{0,3}}删
    | (?:往期|精彩|热门|历史|近期|好文)(?:推荐|回顾|精选|文章|阅读|内容|好文|热文)[\]】)）]?{COLON}?$ | (?:点击|戳|点)[^，。]{{0,6}}(?:阅读原文|原文链接|下方链接|下方卡片|下方名片|下图|左下角)[^。]{{0,20}}$ | 阅读原文$
    | {_ORIGIN}
    | [^。]{{0,30}}(?:点个?|点击|点亮|随手|右下角|帮忙|顺手|求|来个|给个)[^。]{{0,10}}(?:[“"「『【\[](?:在看|好看|再看|赞|看一看)[”"」』】\]]|在看$|个赞$) [^。]{{0,16}}$
    | (?:喜欢|觉得)[^。]{{2,20}}[，,][^。]{{0,12}}(?:点赞|在看|转发|分享|收藏)[^。]{{0,16}}$
    | (?:分享|收藏|点赞|在看|转发|关注|留言|评论|喜欢)(?:[、，,|｜\s+＋/]{{1,3}}(?:分享|收藏|点赞|在看|转发|关注|留言|评论|喜欢|赞))+[^。]{{0,10}}$
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_OPENS_TEXT = Pattern(
    rf"""^[\s\[【〔(（*★●◆■▼▲△↓↑·•※➤►▶—.-]*(?:
    {_ORIGIN} |
    (?:点击|戳|轻点|点)[^，。]{{0,8}}蓝(?:色)?字[^。]{{0,20}}$ | 蓝字[^。]{{0,12}}关注[^。]{{0,12}}$ | (?:点击|长按|扫码|请|欢迎)?(?:上方|上面|右上角|下方)?[^，。]{{0,8}}(?:关注|订阅|星标|置顶)(?:我们|公众号|本号|我)[^。]{{0,12}}$
    | 感谢[^，。]{{0,24}}(?:投递|投稿|线索|爆料|供稿|提供线索)[^，。]{{0,4}}[!！。]?$
    | (?:全文|本文|文章)[^，。]{{0,4}}(?:共|约|字数)?[^，。]{{0,2}}\d+\s?字[^。]{{0,24}}$ | (?:预计)?阅读(?:全文|本文)?(?:需|需要|时间|时长|大约|约)[^，。]{{0,6}}\d+\s?(?:分钟|秒)[^。]{{0,4}}$
    )""",
    re.VERBOSE,
)


def is_foreign(text: str) -> bool:
    """Return whether a line among a text's is a labelled field, a widget, a pager or a notice.

    >>> is_foreign("責任編輯：許硯"), is_foreign("1 / 3"), is_foreign("請繼續往下閱讀..."), is_foreign("三家门店今日开业。")
    (True, True, True, False)
    """
    text = fold(text)
    return any(pattern.compiled.match(text) for pattern in (_LABELLED, _NOT_BODY, _PAGES))


# Cached: several functions judge the same line, and the pages of a site have lines in common.
@lru_cache(maxsize=4096)
def heads_other(text: str) -> bool:
    """Return whether a line is a heading of what follows an article.

    >>> heads_other("延伸閱讀"), heads_other("相关新闻："), heads_other("新闻")
    (True, True, False)
    """
    if len(text) > _HEADER and len("".join(text.split())) > _HEADER:
        return False
    return _END.match(text) is not None


def may_be_credit(text: str) -> bool:
    """Return whether a line has a sign of those that ``is_credit`` and ``names_editor`` find, which are slower."""
    return _CREDIT_SIGN.search(text) is not None


def is_credit(text: str) -> bool:
    """Return whether a line names people or a source behind a label."""
    return len(text) <= 2 * _CREDIT_LINE and _LABELLED.match(text) is not None


def names_editor(text: str) -> bool:
    """Return whether a line names the editor behind a label."""
    return len(text) <= 2 * _CREDIT_LINE and _EDITED.match(text) is not None


def closes(text: str) -> bool:
    """Return whether a line is a notice to the reader that closes a text: on copying, the site's accounts and app, tips, pictures.

    >>> closes("歡迎追蹤《北辰報》官方帳號，掌握最新消息"), closes("（图片来自网络，侵删）"), closes("往期推荐")
    (True, True, True)
    >>> closes("公司表示，未经授权不得转载的条款已经写入合同。"), closes("关注微信公众号的读者超过三成。")
    (False, False)
    """
    if len(text) > _NOTICE:
        return False
    return _HOTLINE.match(text) is not None or (_CLOSING.match(text) is not None and not _STORY.search(text))


def opens(text: str) -> bool:
    """Return whether a line is a notice to the reader that opens a text: how to follow the account, how long reading takes.

    >>> opens("点击蓝字 关注我们"), opens("感谢网友许砚的投递"), opens("点击蓝字之后，页面打不开的问题仍在。")
    (True, True, False)
    """
    return len(text) <= 2 * _CREDIT_LINE and _OPENS_TEXT.match(text) is not None and not _STORY.search(text)
