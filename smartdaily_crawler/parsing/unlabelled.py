"""Assign the parts of an info line that have no label to source and author: by evidence, form and place."""

from __future__ import annotations

import re
from itertools import chain
from typing import NamedTuple

from smartdaily_crawler.parsing import bylines
from smartdaily_crawler.parsing.bylines import is_foreign_person
from smartdaily_crawler.parsing.script import Pattern, fold
from smartdaily_crawler.parsing.vocabulary import FIELD_OF, NO_SENTENCE, OUTLET, OUTLET_END, PAGE_WORD, REGION, SECTION

_SHORTEST, _LONGEST = 2, 20
_LONGEST_NAME = 5
_FAR = 10
"""Most characters of a name outside of the date's line."""
_NEAR = 4
"""Most lines between a date and a name."""
_MOST = 4
"""Unlabelled parts of an info line; a line with more is a menu."""
_FIGURE = re.compile(r"\d+(?:\.\d+)?[\u4e00-\u9fff%]")
_PLACE_OR_DAY = Pattern(rf"{REGION}|(?:周|星期|礼拜)[一二三四五六日天]")
_HOST = re.compile(r"(?:https?://)?(?:[\w-]+\.){1,4}(?:com|cn|net|org|gov|edu|tw|hk|mg)(?:/\S*)?", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s?[、，,/／;；\s]\s?")
_BY = re.compile(r"by\s+(?P<name>\S.*)", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


class Evidence:
    """What the page around an info line tells about words without a label; forms as of ``bare``. Here nothing.

    Properties, as most info lines have labels only: then nobody asks.
    """

    @property
    def sites(self) -> frozenset[str]:
        """Names of the site."""
        return frozenset()

    @property
    def sections(self) -> frozenset[str]:
        """Names of its sections."""
        return frozenset()

    @property
    def people(self) -> frozenset[str]:
        """Names that its markup gives as those of users or authors."""
        return frozenset()


NONE = Evidence()


def is_person(text: str) -> bool:
    """Return whether the text has the form of personal names, Chinese or foreign.

    >>> is_person("许知夏"), is_person("许知夏、谢砚"), is_person("许知夏 北辰报")
    (True, True, False)
    """
    return all(bylines.is_person(each) or is_foreign_person(each) for each in _SEPARATOR.split(text))


def bare(text: str) -> str:
    """Return a text without blanks, in simplified characters and lower case, to be compared.

    >>> bare("新頭殼 Newtalk")
    '新头壳newtalk'
    """
    return _BLANKS.sub("", fold(text)).lower()


class Part(NamedTuple):
    """Text without a label."""

    text: str
    line: int
    is_after_date: bool
    is_original: bool
    """Whether the text before it is flagged as original, as accounts flag what they wrote themselves."""
    is_writer: bool = False
    """Whether a label of the author stands behind it, with no name of its own: `瑞雪 作者`."""


class DateMark(NamedTuple):
    """The date of an info line."""

    line: int
    is_labelled: bool
    is_posted: bool
    """Whether its label is one beside which an unlabelled name is the author's: `瑞雪 发表于 2026-03-06`."""
    has_source: bool
    """Whether the line has a label of the source, even without a name."""


def is_nameable(text: str) -> bool:
    """Return whether a text has the length and the characters of a name, and is no label, place, weekday or host."""
    return (
        _SHORTEST <= len(text) <= _LONGEST
        and bool(re.search(r"[\u4e00-\u9fffA-Za-z]", text))
        and (not re.search(r"[。！？!，]", text) or is_person(text))
        and not _PLACE_OR_DAY.fullmatch(text)
        and not _HOST.fullmatch(text)
        and fold(text) not in FIELD_OF
    )


def _is_name(text: str, evidence: Evidence) -> bool:
    """Return whether a word may name somebody: sections, actions, counters and time zones do not.

    >>> [_is_name(text, NONE) for text in ("北辰财经", "本地財經", "2.3k", "臺北時間", "已关注", "慢行手记")]
    [True, False, False, False, False, True]
    """
    form = bare(text)
    if form in evidence.sites:
        return True
    is_section = form in evidence.sections and not OUTLET.search(text)
    return not is_section and not SECTION.fullmatch(form) and not PAGE_WORD.match(form)


def judge(parts: list[Part], found: dict[str, str], date: DateMark | None, evidence: Evidence) -> None:
    """Set the fields of parts without a label: `石佳/中国青年报`, `天脉网记者 瑞雪`, an outlet, several persons."""
    near = list(
        chain.from_iterable(_split(part) for part in parts if date is None or abs(part.line - date.line) <= _NEAR)
    )
    if not near or len(near) > _MOST or not (date or found.keys() - {"updated"}):
        return
    near = [
        part._replace(is_writer=True) if bare(part.text) in evidence.people and not OUTLET.search(part.text) else part
        for part in near
    ]
    read = [(part, bylines.read(part.text) or bylines.pair(part.text)) for part in near]
    for _, byline in read:
        if byline:
            found.setdefault("author", byline.names)
    if date:
        for part in near:
            if part.is_writer:
                found.setdefault("author", part.text)
        rest = [
            part for part, byline in read if byline is None and not part.is_writer and _is_name(part.text, evidence)
        ]
        # Beside an author who is marked as such, a word without the form of an outlet is nobody's name.
        is_signed = any(part.is_writer for part in near)
        names = [part for part in rest if _may_name(part, date)]
        formed = [part for part in names if is_person(part.text) or _is_outlet(part.text, date, evidence)]
        _judge_names(formed if is_signed else names, found, date, evidence)
    for _, byline in read:
        if byline and byline.outlet:
            found.setdefault("source", byline.outlet)


def _split(part: Part) -> list[Part]:
    """Return the words of a text with a person or a place among them as parts: `许知夏 北辰报`, `北京 晴`, `by 许知夏`."""
    if written := _BY.fullmatch(part.text):
        return [part._replace(text=written["name"], is_writer=True)]
    words = part.text.split()
    apart = (
        any(is_person(word) or _PLACE_OR_DAY.fullmatch(word) for word in words)
        and not is_person(part.text)
        and not bylines.read(part.text)
    )
    return [part._replace(text=word) for word in words if is_nameable(word)] if apart else [part]


def _may_name(part: Part, date: DateMark) -> bool:
    """Return whether a part may be a name: by its form or its place, for short ones without a figure.

    A label before the date tells that others have one too: then a name is in the line before that of the date.
    """
    if part.line == date.line or (date.is_posted and part.line == date.line - 1):
        return True
    if OUTLET.search(part.text) or is_person(part.text):
        return True
    if date.is_posted or len(part.text) > _FAR or _FIGURE.search(part.text):
        return False
    if part.is_after_date and len(part.text) > _LONGEST_NAME and NO_SENTENCE.search(part.text):
        return False
    return not date.is_labelled or part.line == date.line - 1


def _judge_names(parts: list[Part], found: dict[str, str], date: DateMark, evidence: Evidence) -> None:
    outlets = [part for part in parts if _is_outlet(part.text, date, evidence)]
    others = [part for part in parts if part not in outlets]
    side = [part for part in others if not part.is_after_date] or others
    people = _people(side)
    if date.is_posted and side and not outlets:  # the name of an account
        found.setdefault("author", people or (side[0] if side[0].is_after_date else side[-1]).text)
    elif outlets:
        found.setdefault("source", outlets[0].text)
    elif side and not people:
        _judge_accounts(side, found, date)
    elif people and side[-1].is_original and not is_person(side[-1].text):
        found.setdefault("source", side[-1].text)
    if people:
        found.setdefault("author", people)


def _is_outlet(text: str, date: DateMark, evidence: Evidence) -> bool:
    form = OUTLET_END if date.is_posted else OUTLET
    return form.search(text) is not None or (not is_person(text) and bare(text) in evidence.sites)


def _people(side: list[Part]) -> str:
    """Return the persons among names on one side of the date; behind it, a list of short names with a person among them."""
    people = [part for part in side if is_person(part.text)]
    is_list = len(side) > 2 and side[0].is_after_date and all(len(part.text) <= _LONGEST_NAME for part in side)  # noqa: PLR2004
    return _together(side if people and is_list else people)


def _together(parts: list[Part]) -> str:
    return " ".join(part.text for part in parts)


def _judge_accounts(side: list[Part], found: dict[str, str], date: DateMark) -> None:
    """Set the field of names without any form, all on one side of the date. The one beside a date that ends its line is the source."""
    nearest = side[0] if side[0].is_after_date else side[-1]
    if len(side) > 1 and side[-1].is_original:
        found.setdefault("author", side[-2].text)
    if len(side) > 1 and nearest.is_after_date:
        if all(len(part.text) <= _LONGEST_NAME for part in side) and not date.has_source:
            found.setdefault("author", _together(side))
    elif not date.has_source:
        found["source"] = nearest.text
    elif not nearest.is_after_date and abs(nearest.line - date.line) <= 1:
        found.setdefault("author", nearest.text)
