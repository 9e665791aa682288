"""Find dates and names: in the info line near the title, after the text, in bylines of the text, in the page's head."""

from __future__ import annotations

import re
from itertools import chain
from typing import Literal
from urllib.parse import urlsplit

from smartdaily_crawler.markup import declared
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.evidence import PageEvidence
from smartdaily_crawler.markup.layout import Line
from smartdaily_crawler.pages.body import is_behind
from smartdaily_crawler.pages.headline import Headline
from smartdaily_crawler.pages.reading import ExtractedValue
from smartdaily_crawler.parsing import bylines, dates, info_line, notices
from smartdaily_crawler.parsing.info_line import InfoLine
from smartdaily_crawler.parsing.script import Pattern
from smartdaily_crawler.parsing.unlabelled import Evidence, is_person
from smartdaily_crawler.parsing.vocabulary import ATTRIBUTION, ORNAMENTS, OUTLET, POSTED, RESPONSIBLE

_BEFORE = 6
_AFTER = 25
"""Lines before and after the title searched for an info line."""
_LAST = 10
_TAIL = 14
"""Lines before and after the end of the text searched for labelled fields."""
_NAME_LINE = 20
_BYLINE = 60
_LINE = 160
"""Characters; a longer line is text."""
_SENTENCE = re.compile("[，。！？]")
_TELLING = re.compile("，.*[。！？]$")
# A note on the origin of the text, also as a sentence: 本文来自甲号，作者：乙，编辑：丙. （作者：乙，系某校教授）
_NOTE = Pattern(rf"[（(【\[][^）)】\]]*[）)】\]]$|[（(]?(?:声明[:：])?(?:本文|文章|原文)(?:{ATTRIBUTION})|文\s?[|丨｜]")
# Signs of the editor behind the text's last sentence, and a number of the agency: （編輯：瑞雪）1150306
_CLOSING = re.compile(r"[。！？…”」](?P<brackets>(?:\s?[（(【\[][^（()）【】\[\]]{2,40}[）)】\]]){1,4})[\s\d#.]{0,12}$")
_POSTED = Pattern(POSTED)
_FIRST = 3
"""First lines of the text that may be such a note."""
_KIN = 3
"""Ancestors of a title searched for an info line before it."""
_CLOCK = Pattern("今天是|(?:星期|周)[一二三四五六日天]")
_CRUMBS = Pattern(r"[>＞»›]\s?\S|(?:当前|您的|所在|现在的)位置")
_RESPONSIBLE = Pattern(rf"[【\[(（]?(?:{RESPONSIBLE})")


def below_title(document: Document, headline: Headline, body: list[int], listed: bytearray) -> InfoLine:
    """Return the fields of the lines between title and text; without a title, of those directly before the text."""
    title = headline.line
    first = body[0] if body else len(document.lines)
    start = title + 1 if title is not None else max(first - _AFTER, 0)
    heading = headline.title.value if headline.title else ""
    window = (
        index
        for index in range(start, min(first, start + _AFTER))
        if not listed[index] and not (heading and document.lines[index].text.startswith(heading))  # a bar may repeat it
    )
    # Without a title, linked lines may be the menu.
    own = (index for index in window if title is not None or not document.lines[index].is_linked)
    line = _parsed(document, list(own), PageEvidence(document, start, range(start, min(first, start + _AFTER))))
    return line if line.published or title is None else merged(line, _beside(document.lines[title]))


def _beside(line: Line) -> InfoLine:
    """Return the date beside the title in its line."""
    runs = [run for run in line.runs if len(line.runs) > 1 and _is_date(run)]
    return info_line.parse("\t".join(runs)) if runs else InfoLine()


def merged(line: InfoLine, other: InfoLine) -> InfoLine:
    """Return the fields of a line, and those that it lacks of another."""
    return InfoLine(*(own or others for own, others in zip(line, other, strict=True)))


def account_as_source(line: InfoLine, labelled: InfoLine) -> InfoLine:
    """Return a line whose author is an account as that of the source, if a label in the text names the author."""
    account = line.author
    if not account or not labelled.author or info_line.has_label(account) or is_person(account):
        return line
    return line._replace(author=None, source=line.source or account)


def above_title(document: Document, title: int | None, listed: bytearray) -> InfoLine:
    """Return the fields of an info line directly before the title.

    It must be dated, and have a label or share an element with the title: other dates there are those of a clock or a menu.
    """
    if title is None:
        return InfoLine()
    kin = {id(region) for region in document.lines[title].region.lineage(_KIN)[1:] if region.tag != "body"}
    line = _parsed(
        document,
        [
            index
            for index in range(max(title - _BEFORE, 0), title)
            if not listed[index]
            and not document.lines[index].is_linked
            and not _CLOCK.search(document.lines[index].text)
            and (
                info_line.has_label(document.lines[index].text)
                or kin & {id(region) for region in document.lines[index].region.lineage(_KIN + 1)}
            )
        ],
        PageEvidence(document, title),
    )
    return line if line.published else InfoLine()


def _parsed(document: Document, window: list[int], known: Evidence) -> InfoLine:
    return info_line.parse(_joined(document, _dated(document, window)), known)


def _dated(document: Document, window: list[int]) -> list[int]:
    """Return the lines up to the last one with a label or a date, and those after it in the same element."""
    short = [
        index
        for index in window
        if document.lines[index].length <= _LINE
        and not document.lines[index].hidden
        and not (document.lines[index].links and _CRUMBS.search(document.lines[index].text))
        and not _is_sentence(document.lines[index].text)
        and not notices.opens(document.lines[index].text)
    ]
    marked = [index for index in short if info_line.is_marked(_tabbed(document.lines[index]))]
    if not marked:
        return []
    last = document.lines[marked[-1]]
    kin = {id(region) for region in last.region.lineage(2)}
    after = [
        index
        for index in short
        if marked[-1] < index <= marked[-1] + 3
        and kin & {id(region) for region in document.lines[index].region.lineage(3)}
    ]
    return [index for index in short if index <= marked[-1]] + after


def _is_sentence(text: str) -> bool:
    """Return whether a line is a sentence of an abstract: `记者走访三家门店，得到的答复一致。`"""
    return bool(_TELLING.search(text)) and not info_line.is_info_line(text)


def _joined(document: Document, lines: list[int]) -> str:
    return "\n".join(_tabbed(document.lines[index]) for index in lines)


def _tabbed(line: Line) -> str:
    """Return the runs of a line; a line break of the source between or inside them is a blank."""
    if (
        len(line.runs) > 1
        and max(map(len, line.runs)) <= _CLOCK_RUN
        and _DIGITS.fullmatch(joined := "".join(line.runs))
    ):
        return joined
    runs = (_SOURCE_BREAK.sub(" ", run).strip(" \t") if "\n" in run else run for run in line.runs)
    return "\t".join(run for run in runs if run and run != " ")


_DIGITS = re.compile(r"[\d\s/:.年月日-]+")
"""A date whose parts, of at most so many characters, are elements of their own."""
_CLOCK_RUN = len("08:30:00")
_SOURCE_BREAK = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


def after_body(document: Document, body: list[int], listed: bytearray) -> InfoLine:
    """Return labelled fields of notes before the text and at its end: `（责任编辑：瑞雪）`. The site's editor is preferred to that of the source."""
    if not body:
        return InfoLine()
    found: dict[str, str] = {}
    behind, body_lines = _behind(document, body), set(body)
    for index in range(max(body[0] - _FIRST, 0), min(body[-1] + _TAIL, len(document.lines))):
        if index < body[0] and not notices.opens(document.lines[index].text):
            continue
        text = None if listed[index] else _labelled(document, index, body)
        if text is None:
            continue
        is_credit, is_note = index not in body_lines, _NOTE.match(text) is not None
        line = info_line.parse(text)
        for field, value in line._asdict().items():
            # In an interview, every answer has a label.
            is_first = index < body[0] + _FIRST and (is_note or (is_credit and field == "author"))
            if (
                (is_first or field == "editor" or index >= body[-1] - _LAST)
                and value
                and (field not in {"published", "updated"} or (index < behind and is_credit))
                and (info_line.has_label(value) or _is_poster(field, line))
                and (field not in found or (index > body[-1] and _RESPONSIBLE.match(value)))
            ):
                found[field] = value
    return InfoLine(**found)


def _labelled(document: Document, index: int, body: list[int]) -> str | None:
    """Return a line of the text or behind it if it may have labelled fields; of a paragraph, the brackets that close it."""
    line = document.lines[index]
    is_note = _NOTE.match(line.text) is not None
    if line.length <= _LINE and (index > body[-1] or is_note or not _SENTENCE.search(line.text)):
        return _tabbed(line) if info_line.has_label(line.text) else None
    closing = _CLOSING.search(line.text) if body[-1] - _FIRST < index <= body[-1] else None
    return closing["brackets"] if closing and info_line.has_label(closing["brackets"]) else None


def _is_poster(field: str, line: InfoLine) -> bool:
    """Return whether a name without a label is that of the poster: `posted @ 2026-03-06 瑞雪`."""
    return field == "author" and line.published is not None and _POSTED.match(line.published) is not None


def _behind(document: Document, body: list[int]) -> int:
    """Return the index of the line that ends the article; dates after it are those of comments or of the site."""
    end = min(body[-1] + _TAIL, len(document.lines))
    return next((index for index in range(body[-1] + 1, end) if is_behind(document, index)), end)


def date_below(document: Document, title: int | None, body: list[int], listed: bytearray) -> InfoLine:
    """Return a date alone below the text, and a name alone below the title: galleries and notices."""
    if not body:
        return InfoLine()
    under = range(body[-1] + 1, min(body[-1] + 4, _behind(document, body)))
    below = [index for index in under if not listed[index] and _is_date(document.lines[index].text)]
    between = range(title + 1, body[0]) if title is not None else range(0)
    names = [index for index in between if document.lines[index].length <= _NAME_LINE]
    return info_line.parse(_joined(document, names[:3] + below[:1])) if below else InfoLine()


def date_above(document: Document, title: int | None, listed: bytearray) -> str | None:
    """Return a full date that is all of the line before the title, in one element with it: pages of a print edition."""
    if not title or listed[title - 1]:
        return None
    line, own = document.lines[title - 1], document.lines[title].region.lineage()
    alone = not line.is_linked and not _CLOCK.search(line.text) and _is_date(line.text) and dates.has_year(line.text)
    shared = {id(region) for region in own if region.tag != "body"} & {id(region) for region in line.region.lineage()}
    return line.text if alone and shared else None


def date_of_edition(document: Document, title: int | None) -> str | None:
    """Return a full date before the title that the page's URL has too: the head of a print edition, with or without a weekday."""
    found = _URL_DATE.search(urlsplit(document.url).path)
    if found is None or title is None:
        return None
    day = dates.day("-".join(found.groups()))
    above = (line.text for line in document.lines[max(title - _ABOVE, 0) : title] if line.length <= _NAME_LINE * 2)
    return next((text for text in above if dates.has_year(text) and dates.day(text) == day), None)


_URL_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?!\d)")
_ABOVE = 40
"""Lines above the title searched for the date of an edition."""


def _is_date(text: str) -> bool:
    spans = list(dates.spans(text))
    return len(spans) == 1 and len(text) - (spans[0][1] - spans[0][0]) <= 6  # noqa: PLR2004


def in_text(document: Document, body: list[int], listed: bytearray) -> str | None:
    """Return the names in a byline in the first or last lines of the text, or right behind it; ``None`` without one."""
    if not body:
        return None
    behind = range(body[-1] + 1, min(body[-1] + 1 + _FIRST, _behind(document, body)))
    opening = [document.lines[index].text for index in body[:_FIRST]]
    closing = [document.lines[index].text for index in (*body[-_FIRST:], *behind) if not listed[index]]
    found = (_own_line(text) or bylines.opening(text) or bylines.closing(text, needs_role=True) for text in opening)
    last = (_own_line(text) or bylines.closing(text) for text in reversed(closing))
    signed = (text for text in (opening[0], document.lines[body[-1]].text) if bylines.has_person(text))
    return next(filter(None, chain(found, last, signed)), None)


def _own_line(text: str) -> str | None:
    """Return the names in a line that is a byline, with or without a label: `采写：北辰见习记者 许知夏`."""
    if len(text) > _BYLINE or _SENTENCE.search(text):
        return None
    if byline := bylines.read(text):
        return byline.names
    labelled = info_line.parse(text).author if info_line.has_label(text) else None
    names = info_line.person(labelled) if labelled else None
    return labelled if names and bylines.are_names(names) else None


def shown_author(document: Document, title: int | None, body: list[int]) -> str | None:
    """Return the authors of the page's markup whose names are printed between title and text, or behind it; ``None`` without one."""
    if title is None or not body:
        return None
    named = [name for name in declared.authors(document) if name and not OUTLET.search(name)]
    if not named:
        return None
    behind = range(body[-1] + 1, min(body[-1] + 1 + _TAIL, _behind(document, body)))
    around = [
        *range(title + 1, min(body[0], title + 1 + _AFTER)),
        *(at for at in behind if not document.lines[at].is_linked),
    ]
    runs = [run for index in around for run in document.lines[index].runs]
    printed = {" ".join(part.split()) for run in runs for part in (run, *_DOTS.split(run))}
    return "、".join(dict.fromkeys(name for name in named if name in printed)) or None


_DOTS = re.compile("[·•|｜]")


def between(document: Document, title: int | None, body: list[int], listed: bytearray) -> str | None:
    """Return the names in a byline that is a line of its own between title and text, or the only person there."""
    if title is None or not body:
        return None
    window = range(title + 1, min(body[0], title + 1 + _AFTER))
    texts = [document.lines[index].text for index in window if not listed[index] and not document.lines[index].hidden]
    if own := next(filter(None, map(_signed, texts)), None):
        return own
    people = [name for name in (text.strip(f"{ORNAMENTS} ") for text in texts) if bylines.is_person(name)]
    return people[0] if len(people) == 1 else None


def _signed(text: str) -> str | None:
    if len(text) > _BYLINE or _SENTENCE.search(text):
        return None
    if by := _BY.fullmatch(text):
        return by["name"]
    byline = bylines.read(text)
    return byline.names if byline else None


_BY = re.compile(r"by[:：]?\s+(?P<name>[\w·. ]{2,20})", re.IGNORECASE)


def of_head(document: Document, field: Literal["published", "updated", "source"]) -> ExtractedValue | None:
    """Return a field that the page declares, the fallback for fields that are not printed; ``None`` without it."""
    value = declared.value(document, field)
    return ExtractedValue(value, "meta") if value and len(value) <= _LINE else None


def completed(printed: str, head: ExtractedValue | None) -> ExtractedValue:
    """Return the printed date, or that of the head if it yields no day, or has no year and month and day are equal."""
    found = ExtractedValue(printed, "structure")
    if head is None or dates.day(head.value) is None:
        return found
    if not dates.is_readable(printed):
        return head
    if dates.has_year(printed) or dates.month_and_day(printed) is None:
        return found
    return found if contradicts(printed, head.value) else head


def contradicts(printed: str, head: str) -> bool:
    """Return whether both dates have a day, and the days differ."""
    day, other = dates.day(printed), dates.day(head)
    if day is not None and other is not None:
        return day != other
    here, there = dates.month_and_day(printed), dates.month_and_day(head)
    return here is not None and there is not None and here != there
