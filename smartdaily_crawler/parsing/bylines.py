"""Parse bylines, which name who wrote a text without a label: `北辰报记者 许知夏`, `（许知夏 杭州报道）`, `記者許知夏／台北報導`.

One grammar serves the three places of a byline: a line of its own, a bracket that opens a text, and one that closes it. It is
an outlet, a role, names, and where or how they report. A role, or the report behind the names, tells that they are names; without
either, only common surnames do.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from smartdaily_crawler.parsing.script import Pattern, fold, printed
from smartdaily_crawler.parsing.vocabulary import (
    COMPOUND_SURNAME,
    NO_NAMES,
    ORNAMENTS,
    OUTLET,
    PLACES,
    REPORTER,
    SECTION,
    SURNAME,
    WORDS,
)


class Byline(NamedTuple):
    """A byline as printed."""

    outlet: str | None
    names: str


_BLANK = "[ \t\xa0\u3000]"
_BAR = "[/／╱|｜丨]"
# Characters of sentences, which names do not have.
_HAN = "(?:(?![的了是在有这那不也请吗呢吧你我您他她它们就都很被把从对将已])[\u4e00-\u9fff])"
_NAME = rf"(?:[\u4e00-\u9fff]{{1,7}}[·•][\u4e00-\u9fff]{{1,7}}|{_HAN}{_BLANK}{{1,2}}{_HAN}(?!{_HAN})|{_HAN}{{2,4}}?)"
_NEXT = rf"(?:{_BLANK}{{0,2}}[、，,;；/／╱]{_BLANK}{{0,2}}|{_BLANK}{{1,3}}|[和与及])"
_NAMES = rf"{_NAME}(?:{_NEXT}{_NAME}){{0,9}}?"
_REPORT = "(?:报道|专电|电|讯|摄影|摄|文(?:[/／、]?[图摄])?|整理|整合|编译|综合|专访|采访|特稿)"
_REPORTED = rf"""(?:
    {_BLANK}?{_BAR}{_BLANK}?{_HAN}{{0,8}}?(?:\d{{1,2}}日)?(?:报导|{_REPORT})
  | {_BLANK}?(?:{PLACES}){_HAN}{{0,3}}(?:\d{{1,2}}日)?{_HAN}{{0,4}}?(?:报导|{_REPORT})
  | {_BLANK}{_HAN}{{2,8}}?(?:报导|{_REPORT})
  | {_BLANK}?(?:综合|联合|现场|整理|编译|摄影|专题|实习)?{_BLANK}?(?:报导|{_REPORT})
  | {_BLANK}?发自{_BLANK}?\S{{2,10}}
)"""
_TITLE = "(?:记者|通讯员|评论员|特派员|撰稿人|观察员|主笔)"
_SECOND = rf"(?:{_BLANK}{{1,2}}(?:整理|编译|整合|综合|摄影|见习记者|实习记者|通讯员|特约通讯员|实习生|编辑|发自)\S{{0,3}}(?:{_BLANK}.{{0,24}})?)"
_AGAIN = rf"(?:[\u4e00-\u9fff]{{2,12}}[报社网台刊](?:驻[\u4e00-\u9fff]{{2,8}}?)?(?:特约|特派)?记者{_BLANK}{{0,4}}(?P<others>{_NAMES}))"
_OUTLET = r"(?P<outlet>[^，。：:；（）()！？]{0,24}?)"
# `北辰报记者 许知夏`, `记者许知夏、谢砚／台北報導`
_OF_ROLE = Pattern(
    rf"{_OUTLET}(?:(?:{REPORTER}){_BLANK}{{0,4}}[:：]?{_BLANK}{{1,4}}|(?P<title>{_TITLE}){_BAR}?)(?P<names>{_NAMES})(?P<report>{_REPORTED})?(?:{_SECOND}|{_BLANK}{{1,2}}{_AGAIN})?",
    re.VERBOSE,
)
# `许知夏 杭州报道`, `北辰快訊／許知夏／綜合報導`, `許知夏 綜合報導／新竹縣`
_OF_REPORT = Pattern(
    rf"(?:(?P<outlet>[^，。：:；（）()！？]{{2,12}}){_BAR})?(?P<names>{_NAMES})"
    rf"(?:(?:{_BLANK}?(?P<bar>{_BAR}){_BLANK}?|{_BLANK}){_HAN}{{0,8}}?(?:报导|报道|专电)(?:{_BLANK}?{_BAR}{_BLANK}?{_HAN}{{2,6}})?"
    rf"|{_BLANK}(?P<sent>发自){_BLANK}?\S{{2,10}})"
)
# `社會中心／许知夏報導`
_OF_DESK = Pattern(
    rf"[\u4e00-\u9fff]{{2,6}}(?:中心|组|部){_BLANK}?{_BAR}{_BLANK}?(?P<names>{_NAMES})(?:综合)?(?:报导|报道)"
)
_OF_TEXT = Pattern(rf"(?P<names>{_NAMES}){_BLANK}?[/／]{_BLANK}?文(?:{_BLANK}?摄)?(?=$|\s)")
# Looked for first, as the whole forms are slow.
_SLASH_TEXT = Pattern(rf"[/／]{_BLANK}?文")
_ROLE, _REPORTS = Pattern(f"{REPORTER}|{_TITLE}"), Pattern("报道|报导|专电|发自")
_SLASH = re.compile("[／╱]")
# `许知夏（记者）`
_WITH_ROLE = Pattern(rf"(?P<names>{_NAMES}){_BLANK}?[（(](?:{_TITLE})[）)]?")
# `原创：许知夏编译 北辰手记`
_ORIGINAL = Pattern(r"原创[:：]\s*(?P<names>[\u4e00-\u9fff]{2,6}?)(?:编译|整理|综合)?(?:\s|$)")
_BARE = Pattern(_NAMES)
_BARE_NAME = Pattern(rf"{_NAME}(?=$|{_NEXT})")
_PARTS, _WORD = Pattern(_NEXT), Pattern(WORDS)
_BRACKET = re.compile(r"[（(【〔﹝［\[]\s?(?P<content>[^（()）【】〔〕﹝﹞［］\[\]]{2,48}?)\s?[）)】〕﹞］\]]")
_CLOSINGS = tuple("）)】〕﹞］]")
_DATELINE = Pattern(r"(?:电|讯|消息)\s?$")
_OPENING = 48
"""Characters among which the bracket that opens a text begins."""
_END = Pattern(r"\s?(?:[（(【](?:完|全文完)[）)】])?[。.]?\s*$")
_OWN = Pattern("^(?:本报|本刊|本网|本台|本社|本站)$|^(?:整合|综合|特约|见习|实习|首席|专栏|特派|文字|资深|高级)")
_JOINED = Pattern("[和与及]")
_OF_PICTURE = Pattern("(?<!文)(?<!文[/／、])摄影?$")
_DESK = Pattern("(?:快讯|即时|要闻|头条)$")
"""End of the name of a kind of news, which is no outlet."""
_ADJECTIVE = Pattern("(?:特约|见习|实习|首席|专栏|特派|文字|资深|高级|撰文)$")
_EDGE = f" \t\xa0\u3000/／╱|｜丨【】[]〔〕（）(){ORNAMENTS}"
_TRANSCRIBED = Pattern(rf"{_HAN}{{1,6}}(?:[·•・‧]{_HAN}{{1,7}}){{1,3}}")
_NO_PERSON = Pattern(f"{PLACES}|{NO_NAMES}")
_PERSON = Pattern(rf"(?:[{SURNAME}][\u4e00-\u9fff]{{1,2}}|(?:{COMPOUND_SURNAME})[\u4e00-\u9fff]{{1,2}})$")


def is_person(text: str) -> bool:
    """Return whether the text has the form of a Chinese personal name.

    >>> is_person("张巨峰"), is_person("張巨峰"), is_person("德清县"), is_person("江苏")
    (True, True, False, False)
    """
    return bool(_PERSON.match(text)) and not OUTLET.search(text) and not _NO_PERSON.fullmatch(text)


def is_foreign_person(text: str) -> bool:
    """Return whether the text has the form of a foreign name in Chinese characters.

    >>> is_foreign_person("安娜·霍夫曼"), is_foreign_person("民生·社会"), is_foreign_person("北辰新闻网·教育")
    (True, False, False)
    """
    return bool(_TRANSCRIBED.fullmatch(text)) and not OUTLET.search(text) and not SECTION.fullmatch(text)


@lru_cache(maxsize=1024)  # the info line, its unlabelled parts and the names ask for the same texts
def read(text: str) -> Byline | None:
    """Return the byline that a text is, without its label; ``None`` if it is none.

    >>> read("北辰晚报记者 许知夏 杭州报道"), read("記者許知夏／台北報導"), read("许知夏 杭州报道"), read("记者手记")
    (Byline(outlet='北辰晚报', names='许知夏'), Byline(outlet=None, names='許知夏'), Byline(outlet=None, names='许知夏'), None)
    """
    text = text.strip(_EDGE)
    has_role, has_report = _ROLE.search(text) is not None, _REPORTS.search(text) is not None
    if has_role and (found := _OF_ROLE.fullmatch(text)) and _is_confirmed(found):
        names = [printed(text, found, group) for group in ("names", "others") if found[group]]
        return Byline(_outlet(printed(text, found, "outlet")), "、".join(names))
    if has_report and (found := _OF_DESK.fullmatch(text)) and are_names(found["names"]):
        return Byline(None, printed(text, found, "names"))
    if has_report and (found := _OF_REPORT.fullmatch(text)):
        is_named = (are_names if found["bar"] or found["sent"] else has_person)(found["names"])
        outlet = _outlet(printed(text, found, "outlet")) if found["outlet"] else None
        return Byline(outlet, printed(text, found, "names")) if is_named else None
    found = _written(text) or (_WITH_ROLE.fullmatch(text) if has_role else None) or _ORIGINAL.match(text)
    return Byline(None, printed(text, found, "names")) if found and are_names(found["names"]) else None


def _in_bracket(text: str) -> str | None:
    """Return the names of a byline in a bracket: behind a title they need no common surname.

    >>> _in_bracket("记者尚见云 摄影刘雯"), _in_bracket("记者单边"), _in_bracket("记者手记"), _in_bracket("记者走访发现")
    ('尚见云', '单边', None, None)
    """
    if byline := read(text):
        return byline.names
    text = text.strip(_EDGE)
    found = _TITLED.fullmatch(text)
    if found and are_names(found["names"]) and not _DEED.match(found["names"]):
        return printed(text, found, "names")
    return None


# `记者尚见云 摄影刘雯`
_TITLED = Pattern(
    rf"{_OUTLET}(?:记者|通讯员)(?P<names>{_HAN}{{2,3}}(?:[、 ](?!通讯员|摄影|实习|记者){_HAN}{{2,3}})*?)(?:{_BLANK}?[ /／、](?:摄影|通讯员|图|实习).{{0,14}})?"
)
_DEED = Pattern(
    "手记|观察|调查|走访|采访|探访|获悉|了解|日前|今日|近日|昨日|现场|报道|报导|连线|提问|实习|直击|暗访|体验|专访|问|从|注意|发现|查询|整理|综合|节|站|团|部|会|们"
)
"""What a reporter does: no name."""


def _written(text: str) -> re.Match[str] | None:
    """Return a match of the names that begin a text, before a slash and 文."""
    return _OF_TEXT.match(text) if _SLASH_TEXT.search(text) else None


def pair(text: str) -> Byline | None:
    """Return an outlet and names on both sides of a slash, ``None`` if a text is no such pair.

    >>> pair("许知夏/北辰青年报"), pair("北辰快訊／許知夏")
    (Byline(outlet='北辰青年报', names='许知夏'), Byline(outlet=None, names='許知夏'))
    """
    one, _, other = (part.strip(_EDGE) for part in _SLASH.sub("/", text, count=1).partition("/"))
    for outlet, names in ((other, one), (one, other)):
        if outlet and OUTLET.search(outlet) and are_names(names):
            return Byline(_outlet(outlet), names)
    return None


def _is_confirmed(found: re.Match[str]) -> bool:
    """Return whether a title is before the names of writers.

    Right before characters it needs more beside them, or a common surname. Who took the picture has not written the text.
    """
    names, report = found["names"], found["report"] or ""
    if not are_names(names) or _OF_PICTURE.search(report):
        return False
    return found["title"] is None or bool(report or found["outlet"].strip(_EDGE)) or _begins_with_person(names)


def are_names(names: str) -> bool:
    """Return whether a text may be names: it has their length, and no word of an outlet or a label."""
    return _BARE.fullmatch(names) is not None and not any(
        OUTLET.search(name) or _WORD.fullmatch(name) for name in _parts(names)
    )


def _parts(names: str) -> list[str]:
    return _PARTS.compiled.split(fold(names))


def _begins_with_person(names: str) -> bool:
    first = _BARE_NAME.match(names)
    return first is not None and is_person("".join(first[0].split()))


def has_person(names: str) -> bool:
    """Return whether a text is names only, one of them with a common surname.

    >>> has_person("常书香 马丹阳"), has_person("方  敏"), has_person("常见问题"), has_person("陈旧与新生")
    (True, True, False, False)
    """
    return (
        are_names(names)
        and not _JOINED.search(names)
        and (_begins_with_person(names) or any(map(is_person, _parts(names))))
    )


def _outlet(text: str | None) -> str | None:
    outlet = _ADJECTIVE.sub("", (text or "").strip(_EDGE)).strip(_EDGE)
    return outlet if outlet and OUTLET.search(outlet) and not _OWN.search(outlet) and not _DESK.search(outlet) else None


def opening(paragraph: str) -> str | None:
    """Return the names in the byline that opens a text, ``None`` without one.

    >>> opening("新华社杭州3月6日电（许知夏、谢砚）新机亮相。"), opening("〔記者許知夏／台北報導〕新機亮相。"), opening("许知夏/文 新机亮相。")
    ('许知夏、谢砚', '許知夏', '许知夏')
    """
    for bracket in _BRACKET.finditer(paragraph[: 2 * _OPENING]):
        if bracket.start() > _OPENING:
            break
        if names := _in_bracket(bracket["content"]):
            return names
        if _DATELINE.search(paragraph, 0, bracket.start()) and are_names(bracket["content"]):
            return bracket["content"]
    written = _written(paragraph[:_OPENING])
    return printed(paragraph, written, "names") if written and _begins_with_person(written["names"]) else None


def closing(paragraph: str, *, needs_role: bool = False) -> str | None:
    """Return the names in the bracket that closes a text, ``None`` without one.

    :param needs_role: return only names with a role or a place.

    >>> closing("新机亮相。（总台记者 许知夏）"), closing("新机亮相。（许知夏）"), closing("新机亮相。（北辰网）"), closing("（资料照）")
    ('许知夏', '许知夏', None, None)
    """
    if not paragraph.rstrip("。. \u3000").endswith(_CLOSINGS):
        return None
    end = _END.search(paragraph)
    text = paragraph[: end.start()] if end else paragraph
    bracket = next(
        (found for found in _BRACKET.finditer(text, max(0, len(text) - 2 * _OPENING)) if found.end() == len(text)), None
    )
    if bracket is None:
        return None
    if names := _in_bracket(bracket["content"]):
        return names
    return bracket["content"] if not needs_role and has_person(bracket["content"]) else None
