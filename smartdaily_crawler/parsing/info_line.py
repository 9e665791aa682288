"""Parse info lines, the lines under Chinese headlines: `2026-03-06来源:天脉网编辑:瑞雪`.

A line is a sequence of fields. A field begins with a label or is a date; it ends at the next label, date, separator or
widget. Text without a label is assigned to a field by its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from smartdaily_crawler.parsing import bylines, dates
from smartdaily_crawler.parsing.bylines import is_person
from smartdaily_crawler.parsing.names import BAR, EDGE, balanced, name, person
from smartdaily_crawler.parsing.script import either, fold
from smartdaily_crawler.parsing.vocabulary import (
    AFTER_DATE,
    BARE,
    COLON,
    FIELD_OF,
    FLAG,
    FOREIGN_DATE,
    NOT_A_VALUE,
    OUTLET,
    OUTLET_END,
    OUTLET_LIKE_A_WIDGET,
    POSTED,
    REGION,
    SLASHED,
    SURNAME,
    UPLOADER,
    WIDGET,
    WORDS,
    field_of,
)

__all__ = ["InfoLine", "has_label", "is_info_line", "is_marked", "name", "parse", "person"]


class InfoLine(NamedTuple):
    """Fields of an info line: strings as printed, with their labels, trimmed; ``None`` if absent."""

    published: str | None = None
    updated: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None


_START = either(rf"(?:(?<=^)|(?<=[\s{BAR}/\[【(（〔?网报社台]))")
_FIRST, _SECOND = (either(f"[{''.join({word[at] for word in FIELD_OF if word[at:]})}]") for at in (0, 1))
# First two characters of labels: the full pattern is tried only at these positions.
_BEGINS = re.compile(rf"{_FIRST}(?={_SECOND}|[{BAR}/／╱:：﹕∶\s])")
_LABEL = re.compile(
    rf"(?P<label>(?<![\u4e00-\u9fff])文|(?<!注明)(?<![图圖片])(?:{WORDS})) [ \t\xa0\u3000]{{0,8}} {COLON}"
    rf"|{_START}(?P<slashed>{SLASHED}) \s? [/／╱{BAR}] [ \t]{{0,2}} (?! \s* (?:{WORDS}))(?=\S)"
    rf"|(?P<piped>{BARE}) \s? [{BAR}] [ \t]{{0,2}} (?! \s* (?:{WORDS}))(?=\S)"
    rf"|{_START}(?<!注明)(?P<bare>{BARE}) (?: [ \t\xa0\u3000]{{1,4}} | (?=[\u4e00-\u9fffA-Za-z\d@《]) (?!{NOT_A_VALUE}))"
    rf"|{_START}(?P<unfilled>{either('(?:发表|发布|刊登)于')}) (?= \s* (?:$|\n) )",
    re.VERBOSE,
)
_CUT = re.compile(rf"[{BAR}【】〔〕\r\n\t]|\s{{2,}}|[ \xa0\u3000]/[ \xa0\u3000]|\s[·•>＞-]\s|;|；")


def parse(text: str) -> InfoLine:
    """Return the fields of an info line, each with its label; all ``None`` if it has none.

    >>> parse("2026-03-06来源:天脉网编辑:瑞雪")
    InfoLine(published='2026-03-06', updated=None, source='来源:天脉网', author=None, editor='编辑:瑞雪')
    >>> parse("来源： 浏览次数：1 时间：2026年3月6日 08:30")
    InfoLine(published='时间：2026年3月6日 08:30', updated=None, source=None, author=None, editor=None)
    """
    text = _legible(text)
    found: dict[str, str] = {}
    parts: list[_Part] = []
    date: _Piece | None = None
    for piece in _pieces(text):
        if piece.field is None:
            for part in _unlabelled(piece, after_date="published" in found):
                if byline := bylines.read(part.text):
                    found.setdefault("author", byline.names)
                parts.append(part)
        elif piece.field == "date":
            date = date or piece
            _set_date(found, piece)
        elif piece.field in {"published", "updated"}:
            if any(dates.spans(piece.value)):
                date = date or piece
                found.setdefault(piece.field, f"{piece.label}{piece.value}")
            elif piece.value.strip(EDGE):
                parts.extend(_unlabelled(piece, after_date="published" in found))
            else:  # a script fills it in
                date = date or piece
        elif piece.field:
            _set_name(found, piece)
    _judge(parts, found, date)
    return InfoLine(**found)


def _set_date(found: dict[str, str], piece: _Piece) -> None:
    """Set a date without a label: of publication, or of the update after it. A full date outranks a relative one."""
    if "published" in found and dates.is_relative(found["published"]) and dates.has_year(piece.value):
        found["published"] = piece.value
    else:
        found.setdefault("updated" if "published" in found else "published", piece.value)


def _set_name(found: dict[str, str], piece: _Piece) -> None:
    field = piece.field or ""
    value = _value(piece.value) if field == "source" else _people(_names(piece.value) or _value(piece.value))
    if not value or not name(value):
        return
    if field == "author" and fold(found.get("author", "")).startswith(UPLOADER):
        del found["author"]
    found.setdefault(field, f"{piece.label}{value}")


class _Piece(NamedTuple):
    field: str | None
    """``None``: no label; ``""``: a label of no field; ``date``: a date without a label."""
    label: str
    value: str
    line: int
    """Number of its line."""


class _Part(NamedTuple):
    """Text without a label."""

    text: str
    line: int
    is_after_date: bool


def _legible(text: str) -> str:
    """Normalize white space, but keep line breaks: they end a field, which a space does not."""
    text = _SPACE.sub(" ", text).replace("\u200b", "")
    return (_BREAK.sub("\n", text) if "\n" in text or "\r" in text else text).strip()


_SPACE = re.compile("[\xa0\u3000\u2002\u2003\ue000-\uf8ff]")
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
    marks = [(found.start(), found.end(), field_of(next(filter(None, found.groups())))) for found in _labels(text)]
    marks += [(_at(text, start, end), end, "date") for start, end in dates.spans(text)]
    marks.sort()
    kept: list[tuple[int, int, str]] = []
    for mark in marks:
        if not kept or mark[0] >= kept[-1][1]:
            kept.append(mark)
    return kept


def _at(text: str, start: int, end: int) -> int:
    """Return the start of a date, with the preposition before it: `于 2026-03-06 发布`."""
    before = _AT.search(text, 0, start)
    return before.start() if before and _ENDS.search(text, start, end) else start


_AT, _ENDS = re.compile(r"(?<![\u4e00-\u9fff])[于於][ ]?$"), re.compile(f"(?:{AFTER_DATE})$")
_NAME_LINE = re.compile(r"\s{0,400}[^\n]*")


def _pieces(text: str) -> list[_Piece]:
    marks = _marks(text)
    pieces = []
    head = text[: marks[0][0]] if marks else text
    if head.strip():
        pieces.append(_Piece(None, "", head, 0))
    for position, (start, end, field) in enumerate(marks):
        until = marks[position + 1][0] if position + 1 < len(marks) else len(text)
        label, value, line = text[start:end], text[end:until], text.count("\n", 0, end)
        if field == "date":
            pieces.append(_dated(pieces, label, line))
            if value.strip(EDGE):
                pieces.append(_Piece(None, "", value, line))
        else:
            first = _NAME_LINE.match(value) if field in {"source", "author", "editor"} else None
            rest = value[first.end() :] if first else ""
            pieces.append(_Piece(field, label, value.removesuffix(rest), line))
            if rest.strip(EDGE):
                pieces.append(_Piece(None, "", rest, text.count("\n", 0, until - len(rest))))
    return pieces


def _dated(pieces: list[_Piece], date: str, line: int) -> _Piece:
    """Return the piece of a date, merged with a label of time right before it."""
    if pieces and not pieces[-1].value.strip(EDGE):
        label = pieces[-1]
        if label.field in {"published", "updated"} or _FOREIGN.match(label.label):
            pieces.pop()
            return _Piece(label.field, label.label + label.value, date, line)
    return _Piece("date", "", date, line)


_FOREIGN = re.compile(FOREIGN_DATE)


def _value(text: str) -> str:
    """Return a label's value: up to a separator, a widget, or a bracket that was opened before the label."""
    text = text.strip(EDGE)
    if bracketed := _BRACKETED.match(text):
        return bracketed["value"].strip(EDGE)
    outlet = OUTLET_LIKE_A_WIDGET.match(text)
    if widget := WIDGET.search(text, outlet.end() if outlet and OUTLET.search(outlet["rest"]) else 0):
        text = text[: widget.start()]
    if cut := _CUT.search(text):
        text = text[: cut.start()]
    return balanced(text.strip(EDGE))


_BRACKETED = re.compile(r"[\[【(（〔]\s*(?P<value>[^\[\]【】()（）〔〕\n]{2,20}?)\s*[\]】)）〕]\s*(?:$|[\n\t])")


def _names(text: str) -> str | None:
    """Return the personal names that begin a value, with wide blanks between or inside them: `许知夏  谢  砚`."""
    found = _SPACED.match(text.strip(EDGE))
    return found[0] if found else None


_ONE = rf"[{SURNAME}](?:[\u4e00-\u9fff]{{1,2}}|[ ]{{1,2}}[\u4e00-\u9fff])(?![\u4e00-\u9fff])"
_SPACED = re.compile(rf"{_ONE}(?:[ 、]{{1,3}}{_ONE})*(?=$|[\n\t]|[ ]{{2}})")


def _people(text: str) -> str:
    """Return the names before a comma that continues a sentence; a comma may also separate names.

    >>> _people("许知夏，经授权发布"), _people("许知夏，谢砚"), _people("许知夏")
    ('许知夏', '许知夏，谢砚', '许知夏')
    """
    first, *rest = _COMMA.split(text)
    return text if all(is_person(name) for name in rest) else first


_COMMA = re.compile("[，,。]\\s?")


def _unlabelled(piece: _Piece, *, after_date: bool) -> Iterator[_Part]:
    """Yield the parts of text without a label. A widget ends its line, and behind the date the info line."""
    line = piece.line
    text = FLAG.sub(lambda flag: "\t" + "\n" * flag[0].count("\n"), piece.value)
    for row in (_without_widget(text) if after_date else text).split("\n"):
        for part in _BETWEEN.split(_without_widget(row)):
            if _nameable(value := balanced(part.strip(EDGE).lstrip("[【(（〔"))):
                yield _Part(value, line, after_date)
        line += 1


def _without_widget(text: str) -> str:
    widget = WIDGET.search(text)
    return text[: widget.start()] if widget else text


_BETWEEN = re.compile(rf"[{BAR}\t]|\s{{2,}}| / |^/|/$|\s[·•]\s")


def _nameable(text: str) -> bool:
    return (
        _SHORTEST <= len(text) <= _LONGEST
        and bool(re.search(r"[\u4e00-\u9fffA-Za-z]", text))
        and not re.search(r"[。！？!，]", text)
        and not _PLACE_OR_DAY.fullmatch(text)
        and not _HOST.fullmatch(text)
        and fold(text) not in FIELD_OF
    )


_PLACE_OR_DAY = re.compile(rf"{REGION}|{either('(?:周|星期|礼拜)')}[一二三四五六日天]")
_HOST = re.compile(r"(?:https?://)?(?:[\w-]+\.){1,4}(?:com|cn|net|org|gov|edu|tw|hk|mg)(?:/\S*)?", re.IGNORECASE)
_FAR = 10
"""Most characters of a name without a label outside of the date's line."""
_FIGURE = re.compile(r"\d+(?:\.\d+)?[\u4e00-\u9fff%]")
_POSTED = re.compile(POSTED)
_LONGEST_NAME = 5
_SHORTEST, _LONGEST = 2, 20
_NEAR = 4
"""Most lines between a date and a name."""
_MOST = 4
"""Unlabelled parts of an info line; a line with more is a menu."""


def _judge(parts: list[_Part], found: dict[str, str], date: _Piece | None) -> None:
    """Assign parts without a label to fields: `石佳/中国青年报`, `天脉网记者 瑞雪`, an outlet, several persons."""
    near = [part for part in parts if date is None or abs(part.line - date.line) <= _NEAR]
    if not near or len(near) > _MOST or not (date or found.keys() - {"updated"}):
        return
    read = [(part, bylines.read(part.text) or bylines.pair(part.text)) for part in near]
    for _, byline in read:
        if byline:
            found.setdefault("author", byline.names)
    if date:
        posted = bool(date.value and _POSTED.match(date.label or date.value))
        rest = [part for part, byline in read if byline is None and _may_name(part, date, posted=posted)]
        _judge_names(rest, found, posted=posted)
    for _, byline in read:
        if byline and byline.outlet:
            found.setdefault("source", byline.outlet)


def _may_name(part: _Part, date: _Piece, *, posted: bool) -> bool:
    """Return whether a part may be a name: by its form or its place, for short ones without a figure.

    A label before the date tells that others have one too: then a name is in the line before that of the date.
    """
    if part.line == date.line or (posted and part.line == date.line - 1):
        return True
    if OUTLET.search(part.text) or is_person(part.text):
        return True
    if posted or len(part.text) > _FAR or _FIGURE.search(part.text):
        return False
    return not date.label or part.line == date.line - 1


def _judge_names(parts: list[_Part], found: dict[str, str], *, posted: bool) -> None:
    rest = [part.text for part in parts]
    outlets = [part for part in rest if (OUTLET_END if posted else OUTLET).search(part)]
    people = [part for part in rest if is_person(part)]
    if posted and rest and not outlets:  # the name of an account
        found.setdefault("author", " ".join(people or rest))
        return
    names = [part for part in rest if len(part) <= _LONGEST_NAME and part not in outlets]
    if outlets:
        found.setdefault("source", outlets[0])
    elif rest and not people and (len(rest) == 1 or not any(part.is_after_date for part in parts)):
        found.setdefault("source", rest[-1])  # a section may precede the outlet, if the date is last
    if people or (len(rest) > 1 and not outlets and "source" not in found):
        found.setdefault("author", " ".join(names if people else rest))


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
