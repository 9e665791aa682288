"""Parse info lines, the lines under Chinese headlines: `2026-03-06来源:天脉网编辑:瑞雪`.

A line is a sequence of fields. A field begins with a label or is a date; it ends at the next label, date, separator or
widget. Text without a label is assigned to a field by its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from smartdaily_crawler.parsing import bylines, dates, unlabelled
from smartdaily_crawler.parsing.bylines import is_person
from smartdaily_crawler.parsing.names import BAR, EDGE, balanced, name, person
from smartdaily_crawler.parsing.script import Pattern, fold, printed
from smartdaily_crawler.parsing.unlabelled import NONE, DateMark, Evidence, Part, is_nameable, judge
from smartdaily_crawler.parsing.vocabulary import (
    ALONE,
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
    SLASHED,
    SURNAME,
    UPDATED_THEN,
    UPLOADER,
    VERBS,
    WIDGET,
    WORDS,
    field_of,
)

__all__ = ["InfoLine", "has_label", "is_info_line", "is_marked", "is_organisation", "name", "parse", "person"]


class InfoLine(NamedTuple):
    """Fields of an info line: strings as printed, with their labels, trimmed; ``None`` if absent."""

    published: str | None = None
    updated: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None


_START = rf"(?:(?<=^)|(?<=[\s{BAR}/\[【(（〔?网报社台:：]))"
_FIRST, _SECOND = (f"[{''.join({word[at] for word in FIELD_OF if word[at:]})}]" for at in (0, 1))
# First two characters of labels: the full pattern is tried only at these positions.
_BEGINS = Pattern(rf"{_FIRST}(?={_SECOND}|[{BAR}/／╱:：﹕∶\s])")
_LABEL = Pattern(
    rf"(?P<label>(?<![\u4e00-\u9fff]){ALONE}|(?<!注明)(?<![图片该])(?:{WORDS})) [ \t\xa0\u3000]{{0,8}} (?:{COLON}|(?<=[a-z]),)"
    rf"|{_START}(?P<slashed>{SLASHED}) \s? [/／╱{BAR}] [ \t]{{0,2}} (?! \s* (?:{WORDS}))(?=\S)"
    rf"|(?<!该)(?P<piped>{BARE}) \s? [{BAR}] [ \t]{{0,2}} (?! \s* (?:{WORDS}))(?=\S)"
    rf"|{_START}(?<!注明)(?P<bare>{BARE}) (?: [ \t\xa0\u3000]{{1,4}} | (?=[\u4e00-\u9fffA-Za-z\d@《]) (?!{NOT_A_VALUE}))"
    rf"|(?:(?<=^)|(?<=[\n\t]))(?P<alone>{ALONE})\t(?=\S)"
    rf"|{_START}(?P<unfilled>(?:发表|发布|刊登)于) (?= \s* (?:$|\n) )",
    re.VERBOSE,
)
_CUT = re.compile(rf"[{BAR}【】〔〕\r\n\t]|\s{{2,}}|[ \xa0\u3000]/[ \xa0\u3000]|\s[·•>＞-]\s|;|；")


def parse(text: str, evidence: Evidence = NONE) -> InfoLine:
    """Return the fields of an info line, each with its label; all ``None`` if it has none.

    :param evidence: what the page tells about words without a label.

    >>> parse("2026-03-06来源:天脉网编辑:瑞雪")
    InfoLine(published='2026-03-06', updated=None, source='来源:天脉网', author=None, editor='编辑:瑞雪')
    >>> parse("来源： 浏览次数：1 时间：2026年3月6日 08:30")
    InfoLine(published='时间：2026年3月6日 08:30', updated=None, source=None, author=None, editor=None)
    """
    text = _legible(text)
    found: dict[str, str] = {}
    parts: list[Part] = []
    date: _Piece | None = None
    has_source = False
    for piece in _pieces(text):
        has_source = has_source or (piece.field == "source" and not _PLACED.match(piece.label))
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
        elif piece.field and not (_PLACED.fullmatch(piece.label.strip()) and _is_posted(date)):  # the poster's device
            _set_name(found, piece)
    judge(parts, found, _mark(date, has_source=has_source), evidence)
    return InfoLine(**found)


def _mark(date: _Piece | None, *, has_source: bool) -> DateMark | None:
    return DateMark(date.line, bool(date.label), _is_posted(date), has_source) if date else None


def _is_posted(date: _Piece | None) -> bool:
    return date is not None and bool(date.value and _POSTED.match(date.label or date.value))


_POSTED = Pattern(POSTED)
_PLACED = Pattern("来自")
"""Label also of the place where an account is."""


def _set_date(found: dict[str, str], piece: _Piece) -> None:
    """Set a date without a label before it: of publication, or of the update after it. A full date outranks a relative one."""
    if _UPDATED.search(piece.value):
        found.setdefault("updated", piece.value)
    elif "published" in found and dates.is_relative(found["published"]) and dates.has_year(piece.value):
        found["published"] = piece.value
    else:
        found.setdefault("updated" if "published" in found else "published", piece.value)


def _set_name(found: dict[str, str], piece: _Piece) -> None:
    field = piece.field or ""
    value = piece.value.strip()
    if field == "source" and (column := _COLUMN.fullmatch(value)):
        found.setdefault("author", printed(value, column, "name"))
        return
    value = _value(value) if field == "source" else _people(_names(value) or _value(value))
    if not value or not name(value):
        return
    if field == "author" and (former := found.get("author")):
        if fold(former).startswith(UPLOADER):
            del found["author"]
        elif _is_account(former, piece.label) or (is_organisation(former) and not is_organisation(value)):
            # `文 | 北辰资讯，作者｜瑞雪`, `作者：北辰报记者 瑞雪`
            found.setdefault("source", found.pop("author"))
    found.setdefault(field, f"{piece.label}{value}")


def _is_account(former: str, label: str) -> bool:
    """Return whether an author behind 文 is the account: no person, and a label of the author follows: `文 | 慢行手记，作者 | 瑞雪`."""
    named = person(former)
    return (
        _WRITTEN.match(former) is not None and "作者" in label and named is not None and not unlabelled.is_person(named)
    )


_WRITTEN = re.compile(r"文\s?[|丨｜/／]")


def is_organisation(value: str) -> bool:
    """Return whether an author as printed has the form of an outlet: it is the source."""
    named = person(value)
    return named is not None and OUTLET_END.search(named) is not None and not is_person(named)


_COLUMN = Pattern(r"(?P<name>[^\s的]{2,20})\s*的\S{0,8}(?:专栏|博客|主页|空间)")
"""Value of a label of the source that names whose column it is: `来自瑞雪的专栏`."""


class _Piece(NamedTuple):
    field: str | None
    """``None``: no label; ``""``: a label of no field; ``date``: a date without a label."""
    label: str
    value: str
    line: int
    """Number of its line."""


def _legible(text: str) -> str:
    """Normalize white space, but keep line breaks: they end a field, which a space does not."""
    text = _SPACE.sub(" ", text).replace("\u200b", "")
    return (_BREAK.sub("\n", text) if "\n" in text or "\r" in text else text).strip()


_SPACE = re.compile("[\xa0\u3000\u2002\u2003\ue000-\uf8ff]")
_BREAK = re.compile(r"[ \t]{0,200}[\r\n]\s{0,400}")


def _labels(text: str) -> Iterator[re.Match[str]]:
    folded, position = fold(text), 0
    while begins := _BEGINS.compiled.search(folded, position):
        found = _LABEL.compiled.match(folded, begins.start())
        if found:
            yield found
        position = found.end() if found else begins.end()


# Cached: several functions judge the same line, and the pages of a site have lines in common.
@lru_cache(maxsize=4096)
def _marks(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return start, end and field of each label and date, in order, without overlaps."""
    marks = [(found.start(), found.end(), field_of(next(filter(None, found.groups())))) for found in _labels(text)]
    marks += [(_at(text, start, end), end, "date") for start, end in dates.spans(text)]
    marks.sort()
    kept: list[tuple[int, int, str]] = []
    for mark in marks:
        if not kept or mark[0] >= kept[-1][1]:
            kept.append(mark)
    return tuple(kept)


def _at(text: str, start: int, end: int) -> int:
    """Return the start of a date, with the preposition before it: `于 2026-03-06 发布`."""
    before = _AT.search(text, 0, start)
    return before.start() if before and _ENDS.search(text, start, end) else start


_AT = Pattern(r"(?<![\u4e00-\u9fff])已?于[ ]?$")
_ENDS, _UPDATED = (Pattern(f"(?:{verbs})$") for verbs in (VERBS, UPDATED_THEN))
_NAME_LINE, _NAME_RUN = re.compile(r"\s{0,400}[^\n]*"), re.compile(r"\s{0,400}[^\n\t]*")


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
            is_outlet = field == "source" and not _PLACED.match(label)
            named = (_NAME_RUN if is_outlet else _NAME_LINE) if field in {"source", "author", "editor"} else None
            first = named.match(value) if named else None
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


_FOREIGN = Pattern(FOREIGN_DATE)


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
    text = text.strip(EDGE)
    found = _SPACED.match(text)
    if found is None:
        return None
    # Further names are links of their own.
    following = text[found.end() :].split("\n")[0].split("\t")[1:]
    return " ".join([printed(text, found), *takewhile(is_person, map(str.strip, following))])


_ONE = rf"[{SURNAME}](?:[\u4e00-\u9fff]{{1,2}}|[ ]{{1,2}}[\u4e00-\u9fff])(?![\u4e00-\u9fff])"
_SPACED = Pattern(rf"{_ONE}(?:[ 、]{{1,3}}{_ONE})*(?=$|[\n\t]|[ ]{{2}})")


def _people(text: str) -> str:
    """Return the names before a comma that continues a sentence; a comma may also separate names.

    >>> _people("许知夏，经授权发布"), _people("许知夏，谢砚"), _people("许知夏")
    ('许知夏', '许知夏，谢砚', '许知夏')
    """
    first, *rest = _COMMA.split(text)
    return text if all(is_person(name) for name in rest) else first


_COMMA = re.compile("[，,。]\\s?")


def _unlabelled(piece: _Piece, *, after_date: bool) -> list[Part]:
    """Return the parts of text without a label. A widget ends its line, and behind the date the info line."""
    parts: list[Part] = []
    is_original = _ORIGINAL.search(piece.value) is not None
    text = FLAG.sub(lambda flag: "\t" + "\n" * flag[0].count("\n"), piece.value)
    for line, row in enumerate((_without_widget(text) if after_date else text).split("\n"), piece.line):
        for part in _BETWEEN.split(_without_widget(row)):
            value = _ACCOUNT.sub("", balanced(part.strip(EDGE).lstrip("[【(（〔").rstrip("／ ")))
            if (
                parts
                and parts[-1].line == line
                and (_HANDLE.fullmatch(part.strip()) or FIELD_OF.get(fold(value)) == "author")
            ):
                parts[-1] = parts[-1]._replace(is_writer=True)
            elif parts and fold(value) in _HELPERS:
                parts.pop()
            elif is_nameable(value):
                parts.append(Part(value, line, after_date, is_original))
    return parts


_ACCOUNT = Pattern("官方[账帐]号$")
"""Badge behind the name of an account."""
_HANDLE = re.compile(r"@[\w.-]{2,30}")
"""Name of a user's account, behind the name that is shown."""
_HELPERS = ("译者", "翻译", "摄影")
"""Roles behind the name of somebody who is no author."""
_ORIGINAL = Pattern(r"(?<!\S)原创(?!\S)")


def _without_widget(text: str) -> str:
    widget = WIDGET.search(text)
    return text[: widget.start()] if widget else text


_BETWEEN = re.compile(rf"[{BAR}\t]|\s{{2,}}| / |^/|/$|\s[·•]\s")


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
