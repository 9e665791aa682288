"""Find an article's title: the line that matches the page's title element, else the heading above the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import urlsplit

from smartdaily_crawler.cleaning.titles import (
    SHORTEST,
    TELLING,
    Letters,
    Wanted,
    letters_of,
    likeness,
    parts_of,
    strip_suffix,
    unflagged,
    without_section,
)
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.layout import Line, Region
from smartdaily_crawler.markup.records import MIN_UNITS
from smartdaily_crawler.pages.reading import ExtractedValue
from smartdaily_crawler.parsing import info_line
from smartdaily_crawler.parsing.vocabulary import OUTLET

_LONGEST = 120
_SITE = 12
"""Most characters of a site's name."""
_ABOVE = 20
"""Most lines between a title that the head does not have and the text."""
_PLAIN_SHORTEST, _PLAIN_LONGEST = 6, 60
"""Characters of a title that is no heading."""
_NEAR = 12
"""Lines before and behind a title searched for others like it."""
_REPEATED = 3
"""First lines of the text that may repeat the title."""
_SUBTITLED = 7
"""Lines from a title to the end of its info line, with a subtitle and buttons between them."""
_SENTENCE = 25
"""Least characters of a line that is running text, not a title, if it ends in a full stop."""
_ABOUT = 0.5
"""Least share of a title's pairs of characters that a text about it has."""
_FIRST = 3
"""First letters of a title looked for before its whole text, as that is slow."""
_CUT = re.compile(r"(?:…|\.\.)$")
"""The end of a title that a list has cut."""
_OPENING_BRACKET = re.compile(r"\s*【([^【】]{6,60})】")
_MINUTES = re.compile(
    r"\s*[\[【(（]?\s*(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?\s*\d{1,2}[:：]\d\d(?:[:：]\d\d)?\s*[\]】)）]?$"
)
"""A date with a time of day at the end of a heading: that of publication."""


class Headline(NamedTuple):
    """A title and its place."""

    title: ExtractedValue | None
    line: int | None
    """Index of its line; ``None`` if only the page's head has it."""


def find(document: Document) -> Headline:
    """Return the line that matches the head's titles best, else the text of the title element, else nothing."""
    wanted = _wanted(document)
    letters = Letters(wanted)
    scored = [
        (score, -index)
        for index, line in enumerate(document.lines)
        if SHORTEST <= line.length <= _LONGEST
        and letters.may_match(line.text, is_heading=line.heading > 0)
        and index not in document.imprint
        and not _is_running(line)
        and (score := _score(line, index, wanted)) > 0
        and not _leads_home(document, line)
    ]
    if scored:
        index = -max(scored)[1]
        return _continued(document, index, _text(document.lines[index], wanted), wanted)
    return Headline(ExtractedValue(strip_suffix(wanted[0].title), "meta") if wanted else None, None)


def _continued(document: Document, index: int, text: str, wanted: list[Wanted]) -> Headline:
    """Return a title with the next lines that the head's title goes on with: a subtitle."""
    for line in document.lines[index + 1 : index + 3]:
        longer = letters_of(text + line.text)
        goes_on = len(longer) > len(letters_of(text)) and any(title.core.startswith(longer) for title in wanted)
        if line.linked or not goes_on:
            break
        text, index = f"{text} {line.text}", index + 1
    return Headline(ExtractedValue(_MINUTES.sub("", text) or text, "structure"), index)


def as_listed(document: Document, title: Headline, listed: Iterable[str]) -> Headline:
    """Return the title by which a list led to the page if a line shows it and the page itself has no better one.

    Such a line is no link and no sentence, and stands above the text. It may go on where it is a heading, or where the list has cut
    the title. Shorter titles are not believed: sections and buttons have such names.

    :param title: of the page read alone, at its place.
    :param listed: titles of links to the page; the first that a line shows is believed.
    """
    for text in listed:
        wanted = Wanted.of(text)
        if len(wanted.bare) < TELLING:
            continue
        if title.line is not None and _is_told(document, title.line, wanted, may_go_on=True):
            return title
        is_cut = _CUT.search(text) is not None
        told = [
            index
            for index, line in enumerate(document.lines)
            if all(letter in line.text for letter in wanted.bare[:_FIRST])
            and line.length <= _LONGEST
            and not (line.is_linked or line.hidden or _is_running(line))
            and _is_told(document, index, wanted, may_go_on=is_cut or line.heading > 0)
            and _opens_text(document, index)
        ]
        if not told:
            continue
        index = max(
            told, key=lambda index: (document.lines[index].heading > 0, _has_info_line(document, index), -index)
        )
        if title.line is None or _gives_way(document, title.line, index):
            found = _continued(document, index, _text(document.lines[index], [wanted]), [wanted])
            return found._replace(title=found.title and found.title._replace(provenance="list"))
    return title


def _is_told(document: Document, index: int, wanted: Wanted, *, may_go_on: bool) -> bool:
    """Return whether a line is a title that a list has, but for a flag or a section, or begins with it."""
    text = document.lines[index].text
    forms = [letters_of(form) for form in (text, unflagged(text), without_section(text))]
    return wanted.bare in forms or (may_go_on and any(form.startswith(wanted.bare) for form in forms))


def _opens_text(document: Document, index: int) -> bool:
    """Return whether a line is above all running text, or has an info line below it, and most of the text below that."""
    prose = document.prose
    above, below = prose[index], prose[-1] - prose[index + 1]
    if any("。" in line.text and prose[at + 1] > prose[at] for at, line in enumerate(document.lines[:index])):
        return above < below and _has_info_line(document, index)
    return below > 0


def _has_info_line(document: Document, index: int) -> bool:
    """Return whether an info line is below a line, before any running text."""
    below = takewhile(lambda line: "。" not in line.text, document.lines[index + 1 : index + _SUBTITLED])
    return any(map(_is_info, below))


def _gives_way(document: Document, title: int, other: int) -> bool:
    """Return whether the text is not about the title of the page; for a heading, also less than about the other line.

    Some lists have short titles of their own, and some pages have the site's motto as heading: that stands above the title, which has
    an info line.
    """
    is_bar = title < other and _has_info_line(document, other)
    if document.lines[title].heading and not (is_bar or document.lines[other].heading):
        return False
    prose = document.prose
    text = "".join(
        line.text
        for index, line in enumerate(document.lines)
        if prose[index + 1] > prose[index] and index not in {title, other}
    )
    line, share = document.lines[title], _share(document.lines[title].text, text)
    return share < _ABOUT and not (line.heading and share >= _share(document.lines[other].text, text))


def beside(document: Document, title: Headline, text: list[int], listed: bytearray) -> Headline:
    """Return the title by its place: the last line before the text that repeats it, else a heading or line above the text.

    Bars at the top of a page repeat the title, and the head of some pages has only the site's name.
    """
    if title.line is None:
        title = _above(document, title, text, listed)
    if title.line is None or title.title is None:
        return title
    bare = letters_of(document.lines[title.line].text)
    for index in range(_opening(document, text), title.line, -1):
        line = document.lines[index]
        if (
            not (line.linked or line.hidden or listed[index])
            and len(line.text) <= _LONGEST
            and letters_of(line.text) == bare
        ):
            return Headline(title.title, index)
    return title


def _opening(document: Document, text: list[int]) -> int:
    """Return the first line of running text, or one of the first lines of the text before that; these may repeat the title."""
    first = next(
        (index for index in text if document.prose[index + 1] - document.prose[index] > _PLAIN_LONGEST), text[-1]
    )
    return min(first, text[min(_REPEATED, len(text)) - 1])


def _above(document: Document, title: Headline, text: list[int], listed: bytearray) -> Headline:
    """Return the nearest heading above the text, else a short one; for a head with at most the site's name, else the nearest plain line.

    A head that has the text itself in place of a title is no evidence either: a line above such a text must be about it.
    """
    before = range(text[0] - 1, max(text[0] - _ABOVE, 0) - 1, -1)
    found = next((index for index in before if _is_heading(document.lines[index])), None)
    found = _short(document, text[0], [text[0], *before], listed) if found is None else found
    is_text = title.title is not None and _begins(document.lines[text[0]].text, title.title.value)
    if found is None and (title.title is None or is_text or _is_site(title.title.value)):
        plain = [index for index in before if not listed[index] and _is_title_like(document, index)]
        opening = document.lines[text[0]].text if is_text else ""
        plain = [index for index in plain if not is_text or is_about(document.lines[index].text, opening)]
        marks = [index for index in before if _is_info(document.lines[index])]
        # The title is above the info line; a line between that and the text may be a subtitle.
        over = (index for index in plain if marks and index < marks[-1])
        found = next(over, None) or next(iter(plain), None)
    if found is None:
        bracketed = _OPENING_BRACKET.match(document.lines[text[0]].text) if is_text else None
        return Headline(ExtractedValue(bracketed[1], "structure"), None) if bracketed else title
    line = document.lines[found].text
    return Headline(ExtractedValue(_MINUTES.sub("", line) or line, "structure"), found)


def _short(document: Document, text: int, near: list[int], listed: bytearray) -> int | None:
    """Return the heading that opens the text or is next to it if the head has it before the site's name: others are logos and sections."""
    heads = [parts_of(title.title) for title in _wanted(document)]
    titles = {first for first, *sites in heads if len(first) > 1 and sites and all(map(_is_site, sites))}
    for index in near:
        line = document.lines[index]
        urls = {document.absolute(link.href) for link in line.links}
        if line.heading and not line.hidden and line.text in titles and urls <= {document.url}:
            return index
        if index != text and (line.heading or (not listed[index] and _is_title_like(document, index))):
            return None
    return None


def _begins(text: str, title: str) -> bool:
    """Return whether a title is the text, or its beginning as far as the head has it, and longer than titles are."""
    bare, letters = letters_of(re.split(r"…|\.\.\.", title)[0]), letters_of(text)
    return len(bare) >= _SENTENCE and letters.startswith(bare)


def _is_running(line: Line) -> bool:
    """Return whether a line is running text, which a head may have in place of a title."""
    return not line.heading and line.length >= _SENTENCE and line.text.endswith("。")


def is_about(title: str, text: str) -> bool:
    """Return whether a text is about its title: it has half of the title's pairs of characters.

    >>> is_about("疫苗接种率两年下降", "报告指出，疫苗接种率在两年里下降了七个百分点。"), is_about("北辰新闻网_每日要闻", "多云，早晚清凉。")
    (True, False)
    """
    return _share(title, text) >= _ABOUT


def is_same(title: str, listed: str) -> bool:
    """Return whether a title is that of a list, or goes on where a list has cut it."""
    bare = Wanted.of(listed).bare
    return bool(bare) and letters_of(title).startswith(bare)


def _share(title: str, text: str) -> float:
    """Return the share of a title's pairs of characters that a text has; 0 for a title that is too short to tell."""
    bare, letters = letters_of(title), letters_of(text)
    pairs = {bare[at : at + 2] for at in range(len(bare) - 1)}
    return sum(pair in letters for pair in pairs) / len(pairs) if len(bare) >= TELLING else 0


def _is_heading(line: Line) -> bool:
    return line.heading > 0 and line.length >= _PLAIN_SHORTEST and not line.is_linked


def _is_title_like(document: Document, index: int) -> bool:
    """Return whether a line has the form of a title, and is not one of several lines set alike."""
    line = document.lines[index]
    return (
        _PLAIN_SHORTEST <= line.length <= _PLAIN_LONGEST
        and not line.linked
        and not line.hidden
        and "。" not in line.text
        and not info_line.is_marked(line.text)
        and not any(_is_alike(line, other) for other in _neighbours(document, index))
    )


def _neighbours(document: Document, index: int) -> list[Line]:
    """Return the lines directly before and after a line, but for the info line."""
    lines = [document.lines[at] for at in (index - 1, index + 1) if 0 <= at < len(document.lines)]
    return [line for line in lines if not _is_info(line)]


def _is_alike(line: Line, other: Line) -> bool:
    around, near = line.region.element, other.region.element
    return around is not near and around.tag == near.tag and around.get("class") == near.get("class") is not None


def is_one_of_many(document: Document, index: int) -> bool:
    """Return whether a heading is an entry of a list: there are several like it near it, in elements like its own, one above it."""
    line = document.lines[index]
    if not line.heading or line.region.parent is None:
        return False
    around = line.region.parent.parent or line.region.parent
    like = [
        at
        for at in range(max(around.start, index - _NEAR), min(around.end, index + _NEAR))
        if document.lines[at].heading == line.heading and _path(document.lines[at], around) == _path(line, around)
    ]
    return len(like) >= MIN_UNITS and like[0] < index


def _path(line: Line, around: Region) -> list[str]:
    return [region.tag for region in line.region.lineage() if around in region.lineage()[1:]]


def _is_info(line: Line) -> bool:
    return line.length <= _LONGEST and info_line.is_marked("\t".join(line.runs))


def _is_site(title: str) -> bool:
    return len(title) < TELLING or (len(title) <= _SITE and bool(OUTLET.search(title)))


def _wanted(document: Document) -> list[Wanted]:
    return [Wanted.of(text) for text in dict.fromkeys((document.meta("og:title"), document.title)) if text]


def _score(line: Line, index: int, wanted: list[Wanted]) -> float:
    match = likeness(unflagged(line.text), wanted)
    if not match and line.heading:  # the line may contain a widget
        match = max((likeness(node, wanted) for node in _nodes(line)), default=0)
    if not match:
        return 0
    heading = {0: 0.0, 1: 1.5, 2: 1.2, 3: 1.0}.get(line.heading, 0.6)
    linked = 1.5 if line.is_linked and not line.heading else 0
    return match + heading - linked - line.hidden * 2.0 - min(index, 500) / 2000


def _leads_home(document: Document, line: Line) -> bool:
    """Return whether a line is a link to the site's home page: its name or logo."""
    if not line.is_linked or len(line.links) != 1:
        return False
    there, here = urlsplit(document.absolute(line.links[0].href) or ""), urlsplit(document.url)
    return there.path in {"", "/"} and not there.query and here.path not in {"", "/"}


def _text(line: Line, wanted: list[Wanted]) -> str:
    """Return the text of the line, or of its node that is the title, without a flag beside it."""
    text = line.text
    for node in _nodes(line):
        if likeness(node, wanted) > likeness(text, wanted):
            return node
    # The longest form that matches best: without a flag before it, or a section behind it.
    return max((text, unflagged(text), without_section(text)), key=lambda form: likeness(form, wanted))


def _nodes(line: Line) -> list[str]:
    """Return the nodes with most of a line's text, if it has several: the title beside a flag or a widget."""
    nodes = [" ".join(run.split()) for run in line.runs] if len(line.runs) > 1 else []
    return [node for node in nodes if len(node) * 3 >= len(line.text) * 2]
