"""Parse info lines, the lines under Chinese headlines: `2026-03-06来源:天脉网编辑:瑞雪`.

A line is a sequence of fields. A field begins with a label or is a date; it ends at the next label, date, separator or
widget. Text without a label is assigned to a field by its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from smartdaily_crawler.cleaning.text import clean
from smartdaily_crawler.parsing import dates
from smartdaily_crawler.parsing.vocabulary import (
    BARE,
    COLON,
    FIELD_OF,
    FLAG,
    NOT_A_VALUE,
    OUTLET,
    OUTLET_LIKE_A_WIDGET,
    PLACES,
    REPORTER,
    SLASHED,
    SURNAME,
    UPLOADER,
    WIDGET,
    WORDS,
)


class InfoLine(NamedTuple):
    """Fields of an info line: strings as printed, with their labels, trimmed; ``None`` if absent."""

    published: str | None = None
    updated: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None


_FIRST = "".join({word[0] for word in FIELD_OF})
_START = r"(?:(?<=^)|(?<=[\s|丨｜/\[【(（?]))"
# First characters of labels: the full pattern is tried only at these positions.
_BEGINS = re.compile(f"[{_FIRST}]")
_LABEL = re.compile(
    rf"(?P<label>(?<![\u4e00-\u9fff])文|(?<!注明)(?:{WORDS})) [ \t\xa0\u3000]{{0,8}} {COLON}"
    rf"|{_START}(?P<slashed>{SLASHED}) \s? [/／丨|｜] (?=\S)"
    rf"|(?P<piped>{BARE}) \s? [|丨｜] [ \t]{{0,2}} (?! \s* (?:{WORDS}))(?=\S)"
    rf"|{_START}(?<!注明)(?P<bare>{BARE}) (?: [ \t\xa0\u3000]{{1,4}} | (?=[\u4e00-\u9fffA-Za-z\d@]) (?!{NOT_A_VALUE}))",
    re.VERBOSE,
)
_CUT = re.compile(r"[|丨｜【】\r\n\t]|\s{2,}|[ \xa0\u3000]/[ \xa0\u3000]|\s[·•>＞-]\s|;|；")
_EDGE = " \t\r\n\xa0\u3000|丨｜/?？,，;；:：·•-—–_>＞<＜。.、*~!！"
_PAIRS = {"(": ")", "（": "）", "[": "]", "【": "】", "《": "》", "<": ">", "「": "」"}


def parse(text: str) -> InfoLine:
    """Return the fields of an info line, each with its label; all ``None`` if it has none.

    >>> parse("2026-03-06来源:天脉网编辑:瑞雪")
    InfoLine(published='2026-03-06', updated=None, source='来源:天脉网', author=None, editor='编辑:瑞雪')
    >>> parse("来源： 浏览次数：1 时间：2026年3月6日 08:30")
    InfoLine(published='时间：2026年3月6日 08:30', updated=None, source=None, author=None, editor=None)
    """
    text = _legible(text)
    found: dict[str, str] = {}
    before: list[str] = []
    after: list[str] = []
    for piece in _pieces(text):
        if piece.field is None:
            (after if "published" in found else before).extend(_unlabelled(piece.value))
        elif piece.field == "date":
            found.setdefault("updated" if "published" in found else "published", piece.value)
        elif piece.field in {"published", "updated"}:
            found.setdefault(piece.field, f"{piece.label}{piece.value}")
        elif piece.field and (value := _value(piece.value)) and name(value):
            value = value if piece.field == "source" else _people(value)
            if piece.field == "author" and found.get("author", "").startswith(UPLOADER):
                del found["author"]
            found.setdefault(piece.field, f"{piece.label}{value}")
    _judge(before + after, found, before_date=not after)
    return InfoLine(**found)


class _Piece(NamedTuple):
    field: str | None
    """``None``: no label; ``""``: a label of no field; ``date``: a date without a label."""
    label: str
    value: str


def _legible(text: str) -> str:
    """Normalize white space, but keep line breaks: they end a field, which a space does not."""
    text = _SPACE.sub(" ", text).replace("\u200b", "")
    return (_BREAK.sub("\n", text) if "\n" in text or "\r" in text else text).strip()


_SPACE = re.compile("[\xa0\u3000\u2002\u2003\ue5e5]")
_BREAK = re.compile(r"[ \t]{0,200}[\r\n]\s{0,400}")


def _labels(text: str) -> Iterator[re.Match[str]]:
    position = 0
    while begins := _BEGINS.search(text, position):
        found = _LABEL.match(text, begins.start())
        if found:
            yield found
        position = found.end() if found else begins.end()


def _marks(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and field of each label and date, in order, without overlaps."""
    marks = [
        (found.start(), found.end(), FIELD_OF.get(next(filter(None, found.groups())), "author"))
        for found in _labels(text)
    ]
    marks += [(start, end, "date") for start, end in dates.spans(text)]
    marks.sort()
    kept: list[tuple[int, int, str]] = []
    for mark in marks:
        if not kept or mark[0] >= kept[-1][1]:
            kept.append(mark)
    return kept


_NAME_LINE = re.compile(r"\s{0,400}[^\n]*")


def _pieces(text: str) -> list[_Piece]:
    marks = _marks(text)
    pieces = []
    head = text[: marks[0][0]] if marks else text
    if head.strip():
        pieces.append(_Piece(None, "", head))
    for position, (start, end, field) in enumerate(marks):
        until = marks[position + 1][0] if position + 1 < len(marks) else len(text)
        label, value = text[start:end], text[end:until]
        if field == "date":
            pieces.append(_dated(pieces, label))
            if value.strip(_EDGE):
                pieces.append(_Piece(None, "", value))
        else:
            line = _NAME_LINE.match(value) if field in {"source", "author", "editor"} else None
            rest = value[line.end() :] if line else ""
            pieces.append(_Piece(field, label, value.removesuffix(rest)))
            if rest.strip(_EDGE):
                pieces.append(_Piece(None, "", rest))
    return pieces


def _dated(pieces: list[_Piece], date: str) -> _Piece:
    """Return the piece of a date, merged with a label of time right before it."""
    if pieces and pieces[-1].field in {"published", "updated"} and not pieces[-1].value.strip(_EDGE):
        label = pieces.pop()
        return _Piece(label.field, label.label + label.value, date)
    return _Piece("date", "", date)


def _value(text: str) -> str:
    """Return a label's value: up to a separator, a widget, or a bracket that was opened before the label."""
    text = text.strip(_EDGE)
    outlet = OUTLET_LIKE_A_WIDGET.match(text)
    if widget := WIDGET.search(text, outlet.end() if outlet and OUTLET.search(outlet["rest"]) else 0):
        text = text[: widget.start()]
    if cut := _CUT.search(text):
        text = text[: cut.start()]
    return _balanced(text.strip(_EDGE))


def _people(text: str) -> str:
    """Return the names before a comma that continues a sentence; a comma may also separate names.

    >>> _people("许知夏，经授权发布"), _people("许知夏，谢砚"), _people("许知夏")
    ('许知夏', '许知夏，谢砚', '许知夏')
    """
    first, *rest = _COMMA.split(text)
    return text if all(is_person(name) for name in rest) else first


_COMMA = re.compile("[，,。]\\s?")


def _balanced(text: str) -> str:
    """Return the text up to the first bracket without its partner.

    >>> _balanced("陈群(QN054)"), _balanced("瑞雪)"), _balanced("瑞雪【纠错"), _balanced("瑞雪）人评论")
    ('陈群(QN054)', '瑞雪', '瑞雪', '瑞雪')
    """
    waiting: list[tuple[str, int]] = []
    for position, character in enumerate(text):
        if character in _PAIRS:
            waiting.append((_PAIRS[character], position))
        elif waiting and character == waiting[-1][0]:
            waiting.pop()
        elif character in _PAIRS.values():
            return text[:position].strip(_EDGE)
    return (text[: waiting[0][1]] if waiting else text).strip(_EDGE)


_PERSON = re.compile(rf"[{SURNAME}][\u4e00-\u9fff]{{1,2}}$")
_REPORTER = re.compile(
    rf"\S{{0,14}}?(?:{REPORTER})[ \xa0\u3000]{{1,4}}(?P<name>[\u4e00-\u9fff·]{{2,5}}(?:[ 、][\u4e00-\u9fff·]{{2,4}}){{0,3}})$"
)


def _unlabelled(text: str) -> list[str]:
    text = FLAG.sub("\n", text)
    text = WIDGET.split(text)[0] if WIDGET.search(text) else text
    parts = (_balanced(part.strip(_EDGE).lstrip("[【(（")) for part in _BETWEEN.split(text))
    return [part for part in parts if _nameable(part)]


_BETWEEN = re.compile(r"[|丨｜\n\t]|\s{2,}| / |^/|/$|\s[·•]\s")


def _nameable(text: str) -> bool:
    return (
        _SHORTEST <= len(text) <= _LONGEST
        and bool(re.search(r"[\u4e00-\u9fffA-Za-z]", text))
        and not re.search(r"[。！？!，]", text)
        and not _PLACE.match(text)
    )


_LONGEST_NAME = 5
_SHORTEST, _LONGEST = 2, 20
_MOST = 4
"""Unlabelled parts of an info line; a line with more is a menu."""


def _judge(parts: list[str], found: dict[str, str], *, before_date: bool) -> None:
    """Assign parts without a label to fields: `石佳/中国青年报`, `天脉网记者 瑞雪`, an outlet, several persons."""
    if not parts or len(parts) > _MOST or not ({"published", "source", "author", "editor"} & found.keys()):
        return
    rest = [part for part in parts if not _take_pair(part, found)]
    if not rest or "published" not in found:
        return
    outlets = [part for part in rest if OUTLET.search(part)]
    people = [part for part in rest if is_person(part)]
    names = [part for part in rest if len(part) <= _LONGEST_NAME and part not in outlets]
    if outlets:
        found.setdefault("source", outlets[0])
    elif not people and (len(rest) == 1 or before_date):  # a section may precede the outlet, if the date is last
        found.setdefault("source", rest[-1])
    if people or (len(rest) > 1 and not outlets and "source" not in found):
        found.setdefault("author", " ".join(names if people else rest))


def _take_pair(part: str, found: dict[str, str]) -> bool:
    if _REPORTER.match(part):
        found.setdefault("author", part)
        return True
    author, _, outlet = part.partition("/")
    if OUTLET.search(outlet) and re.fullmatch(r"[\u4e00-\u9fff· ]{2,12}", author):
        found.setdefault("author", author.strip())
        found.setdefault("source", outlet.strip())
        return True
    return False


_OPENING_LABEL = re.compile(
    rf"\s*[\[【(（]?\s*(?:(?:{WORDS}|文)\s?{COLON}|(?:{SLASHED})\s?[/／|丨｜]|(?:{BARE})\s?[|丨｜]|(?:{BARE})(?:\s+|(?=[\u4e00-\u9fffA-Za-z\d@])(?!{NOT_A_VALUE})))\s*"
)
_PLACE = re.compile(rf"(?:^|(?<=\S)\s+)(?:{PLACES})$")
# A name followed by its bearer's institution, without a separator.
_AFFILIATION = re.compile(
    rf"^([{SURNAME}][\u4e00-\u9fff]{{1,2}}?)(?:{PLACES}|中国|国家|清华|复旦)\S{{0,16}}?(?:大学|学院|研究院|研究所|研究中心|协会|公司|银行|证券)\S{{0,12}}$"
)


def name(raw: str) -> str | None:
    """Return a source, author or editor as printed, without its label; ``None`` if nothing is left.

    >>> name("来源：天脉网"), name("（责任编辑： 瑞雪 TM001）"), name("天脉网记者 瑞雪"), name("来源：鞭牛士 北京"), name("来源：")
    ('天脉网', '瑞雪 TM001', '瑞雪', '鞭牛士', None)
    """
    text = clean(raw)
    if text is None:
        return None
    opening = _OPENING_LABEL.match(text)
    value = _PLACE.sub("", _balanced((text[opening.end() :] if opening else text).strip(_EDGE)))
    if reporter := _REPORTER.match(value) or _REPORTER.match(text):
        return reporter["name"]
    value = _AFFILIATION.sub(r"\1", value)
    return clean(value) if re.search(r"\w", value) else None


def person(raw: str) -> str | None:
    """Return an author or editor as printed, without label and outlet; ``None`` if nothing is left.

    >>> person("【文/天脉网 瑞雪】"), person("编辑：瑞雪 TM001"), person("作者：天脉网")
    ('瑞雪', '瑞雪 TM001', '天脉网')
    """
    value = name(raw)
    return _OF_OUTLET.sub("", value) if value else None


_OF_OUTLET = re.compile(r"^[\u4e00-\u9fff]{1,8}(?:网|报|社|新闻|周刊|财经) (?=[\u4e00-\u9fff]{2,4}$)")


def has_label(text: str) -> bool:
    """Return whether the text contains a label of a date, source, author or editor.

    >>> has_label("（责任编辑：瑞雪）"), has_label("手机编辑软件")
    (True, False)
    """
    text = _legible(text)
    if not any(_labels(text)):  # most lines: skip the search for dates
        return False
    return any(field not in {"", "date"} for _, _, field in _marks(text))


def is_marked(text: str) -> bool:
    """Return whether the text contains a date, or a label of a field."""
    return any(field for _, _, field in _marks(_legible(text)))


def is_info_line(text: str) -> bool:
    """Return whether the text is an info line: it contains a date, or labels of two fields.

    >>> is_info_line("来源：天脉网 编辑：瑞雪"), is_info_line("【文/瑞雪】")
    (True, False)
    """
    fields = {field for _, _, field in _marks(_legible(text)) if field}
    return "date" in fields or len(fields) > 1


def is_person(text: str) -> bool:
    """Return whether the text has the form of a Chinese personal name.

    >>> is_person("张巨峰"), is_person("德清县")
    (True, False)
    """
    return bool(_PERSON.match(text)) and not OUTLET.search(text)
