"""Clean names of info lines: cut labels, outlets and brackets off a source, author or editor as printed."""

from __future__ import annotations

import re
from functools import lru_cache

from smartdaily_crawler.cleaning.text import clean
from smartdaily_crawler.parsing import bylines
from smartdaily_crawler.parsing.script import Pattern, printed
from smartdaily_crawler.parsing.vocabulary import (
    ALONE,
    BARE,
    COLON,
    NOT_A_VALUE,
    ORNAMENTS,
    PLACES,
    REGION,
    SLASHED,
    SURNAME,
    WORDS,
)

BAR = "|丨｜︱│¦"
EDGE = f" \t\r\n\xa0\u3000{BAR}{ORNAMENTS}/?？,，;；:：·•-—–_>＞<＜。.、*~!！@#＃╱©®"
_PAIRS = {"(": ")", "（": "）", "[": "]", "【": "】", "《": "》", "<": ">", "「": "」", "〔": "〕"}
_OPENING_LABEL = Pattern(
    rf"\s*[\[【(（〔]?\s*(?:(?:{WORDS}|{ALONE})\s?(?:{COLON}|(?<=[a-z]),)|{ALONE}\s+(?=[\u4e00-\u9fff]{{2}})|(?:{SLASHED})\s?[/／╱{BAR}]|(?:{BARE})\s?[{BAR}]|(?:{BARE})(?:\s+|(?=[\u4e00-\u9fffA-Za-z\d@《])(?!{NOT_A_VALUE})))\s*"
)
_PLACE = Pattern(rf"^{REGION}$|(?<=\S)\s+(?:{PLACES})$")
_ACCOUNT = Pattern(r"\s?[（(](?:微信)?(?:ID|id|公众号|微信号)[:：]?\s?[\w-]+[）)]$")
_INSTITUTION = Pattern(
    r"(?<=[\u4e00-\u9fff])\s?[（(][\u4e00-\u9fff·、 ]{2,20}(?:大学|学院|[院所系会社馆部司局]|中心|公司|教授|研究员|学者|作家|博士|记者|医师|医生|律师|主任|专家)[）)]$"
)
"""Where the bearer of a name works: `许知夏（北辰大学教授）`."""
_ROLE_BEHIND = Pattern(r"^([\u4e00-\u9fff·]{2,8}) [\u4e00-\u9fff]{0,8}(?:记者|特约撰稿人?|主笔)$")
"""`许知夏 北辰报记者`"""
_SPLIT_NAME = Pattern(rf"(?<=[{SURNAME}])(?<![\u4e00-\u9fff].)\s{{1,2}}(?=[\u4e00-\u9fff](?![\u4e00-\u9fff]))")
"""The blank in a name of two characters: `谢  砚`."""
# A name followed by its bearer's institution, without a separator.
_AFFILIATION = Pattern(
    rf"^([{SURNAME}][\u4e00-\u9fff]{{1,2}}?)(?:{PLACES}|中国|国家|清华|复旦)\S{{0,16}}?(?:大学|学院|研究院|研究所|研究中心|协会|公司|银行|证券)\S{{0,12}}$"
)


# Cached: a name is judged several times, and the pages of a site have sources and editors in common.
@lru_cache(maxsize=1024)
def name(raw: str) -> str | None:
    """Return a source, author or editor as printed, without its label; ``None`` if nothing is left.

    >>> name("来源：天脉网"), name("（责任编辑： 瑞雪 TM001）"), name("天脉网记者 瑞雪"), name("来源：鞭牛士 北京"), name("来源：")
    ('天脉网', '瑞雪 TM001', '瑞雪', '鞭牛士', None)
    """
    text = clean(raw)
    if text is None:
        return None
    opening = _OPENING_LABEL.match(text)
    value = _PLACE.sub("", balanced((text[opening.end() :] if opening else text).strip(EDGE)))
    if byline := bylines.read(_PLACE.sub("", text)) or (bylines.read(value) if value != text else None):
        value = byline.names
    value = _ACCOUNT.sub("", _INSTITUTION.sub("", _named(_ROLE_BEHIND, value)))
    value = _SPLIT_NAME.sub("", _named(_AFFILIATION, value))
    return clean(value) if re.search(r"\w", value) else None


def _named(pattern: Pattern, value: str) -> str:
    """Return the first group of a pattern that matches a value, else the value."""
    found = pattern.search(value)
    return printed(value, found, 1) if found else value


def person(raw: str) -> str | None:
    """Return an author or editor as printed, without label and outlet; ``None`` if nothing is left.

    >>> person("【文/天脉网 瑞雪】"), person("编辑：瑞雪 TM001"), person("作者：天脉网"), person("执笔/瑞雪&许砚")
    ('瑞雪', '瑞雪 TM001', '天脉网', '瑞雪、许砚')
    """
    value = name(raw)
    return _AND.sub("、", _OF_OUTLET.sub("", value)) if value else None


_AND = re.compile("(?<=[\u4e00-\u9fff])\\s?[&＆]\\s?(?=[\u4e00-\u9fff])")
_OF_OUTLET = Pattern(
    r"^[\u4e00-\u9fff]{1,8}(?:网|报|社|新闻|周刊|财经|之家|在线|资讯|传媒|客户端) (?=[\u4e00-\u9fff]{2,4}$)"
)


def balanced(text: str) -> str:
    """Return the text up to the first bracket without its partner.

    >>> balanced("陈群(QN054)"), balanced("瑞雪)"), balanced("瑞雪【纠错"), balanced("瑞雪）人评论")
    ('陈群(QN054)', '瑞雪', '瑞雪', '瑞雪')
    """
    waiting: list[tuple[str, int]] = []
    for position, character in enumerate(text):
        if character in _PAIRS:
            waiting.append((_PAIRS[character], position))
        elif waiting and character == waiting[-1][0]:
            waiting.pop()
        elif character in _PAIRS.values():
            return text[:position].strip(EDGE)
    return (text[: waiting[0][1]] if waiting else text).strip(EDGE)
