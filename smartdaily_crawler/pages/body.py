"""Find an article's body: the region that holds it, and those of its lines that belong to the article."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.layout import Line, Region
from smartdaily_crawler.markup.setting import trimmed
from smartdaily_crawler.parsing import notices
from smartdaily_crawler.parsing.info_line import has_label, is_info_line
from smartdaily_crawler.parsing.script import Pattern
from smartdaily_crawler.parsing.vocabulary import ABSTRACT

_HOLD = 0.6
"""Least share of its parent's running text for a region to hold the body."""
_LEAD = 60
"""Least characters of text before a line that ends it."""
_LEAD_LINE = 25
"""Least characters of each line of an opening paragraph in an element of its own."""
_CAPTION = 60
_CAPTIONED = re.compile(
    r"[图圖][：:／/]|[图圖]片?[来來][自源]|[摄攝](?:影)?(?:[）)。]|$)|[）)]?(?:[资資]料[图圖照]|供[图圖])[）)]?$|^[▲△]"
)
_BETWEEN = 3
"""Most elements without running text between two pieces of one text: pictures, players, advertisements."""
_ABSTRACT = Pattern(rf"[\[【(（]?(?:内容)?(?:{ABSTRACT})")
_HEADER = 16
_OPENING = 4
"""First lines of the body's element among which an info line is removed."""
_INFO = 120
_TITLE = 8
"""Least characters of a title that is not repeated by chance."""
_PLAIN_TITLE = 40
"""Most characters of the title of another article that is no heading."""
_INFO_BELOW = 6
"""Lines below a heading searched for an info line."""
_CREDIT_LINE = 40
_SEVERAL, _SEPARATORS = 2, 12
"""Least links of a line of links, and most characters between them."""
_LETTER = re.compile(r"\w")
_ABOVE = 10
"""Lines above the body's element searched for an info line."""
_EVENT = re.compile(r"(?:^|\s|(?:会议|活动|举办|比赛|演出|展览|报名)\s?)(?:地\s?点|会场|场馆)\s?[:：]")
_SENTENCE = re.compile("[，。！？]")
_ENDED = re.compile(r"[。！？!?…”」』）)]$")
_HOLD_BESIDE = 0.9
"""As ``_HOLD``, if an adjacent sibling of the same shape has text too: they may be parts of one text."""
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "blockquote"})
_ASIDE = frozenset({"aside", "nav", "footer", "header"})


@dataclass(slots=True)
class Body:
    """The body of an article."""

    region: Region
    """The element that holds it."""
    lines: list[int]
    """Indices of its paragraphs among the document's lines."""


def find(document: Document, after: int, listed: bytearray) -> Body | None:
    """Return the body of a page, ``None`` without one.

    :param after: index of the title's line; the body is below it.
    :param listed: 1 for each line that is part of a list.
    """
    weights = _weights(document, after, listed)
    region = _region(document, weights)
    if region is None:
        return None
    lines = own_lines(document, region, after, listed)
    if not lines:
        return None
    lines = _lead(document, _whole(region, weights), after, listed) + lines + _pieces(document, region, weights, listed)
    lines = _without_notices(document, trimmed(document, region, lines))
    return Body(region, _caption(document, lines[0], after, listed) + lines)


def _caption(document: Document, first: int, after: int, listed: bytearray) -> list[int]:
    """Return the line directly before a text if it is the caption of a picture that has an element with it."""
    index = first - 1
    if index <= after or listed[index] or index in document.imprint:
        return []
    line = document.lines[index]
    if (
        line.length > _CAPTION
        or line.linked
        or line.hidden
        or not _CAPTIONED.search(line.text)
        or notices.is_foreign(line.text)
    ):
        return []
    around = [region for region in line.region.lineage() if region.end - region.start == 1]
    shown = any(picture.region in around for picture in document.pictures)
    return [index] if shown else []


def _without_notices(document: Document, lines: list[int]) -> list[int]:
    """Return the lines of a text without the notices to the reader before its first and behind its last line."""
    texts = [document.lines[index].text for index in lines]
    first, last = 0, len(lines)
    while last > 1 and notices.closes(texts[last - 1]):
        last -= 1
    while first + 1 < last and notices.opens(texts[first]):
        first += 1
    return lines[first:last]


def _lead(document: Document, region: Region, after: int, listed: bytearray) -> list[int]:
    """Return the lines of an opening paragraph in an element of its own before the text."""
    siblings = _siblings(document, region)
    before = [other for other in siblings if other.end <= region.start and other.start > after]
    for other in before[: -_BETWEEN - 2 : -1]:
        if document.prose[other.end] > document.prose[other.start]:
            lines = own_lines(document, other, after, listed)
            return lines if _opens(document, lines) else []
    return []


def _whole(region: Region, weights: list[int]) -> Region:
    """Return the outermost element that has no more running text than a region."""
    held = weights[region.end] - weights[region.start]
    while region.parent is not None and weights[region.parent.end] - weights[region.parent.start] == held:
        region = region.parent
    return region


def _opens(document: Document, indices: list[int]) -> bool:
    """Return whether lines are sentences of running text, and no abstract."""
    lines = [document.lines[index] for index in indices]
    return (
        bool(lines)
        and not _ABSTRACT.match(lines[0].text)
        and _ENDED.search(lines[-1].text) is not None
        and all(line.plain >= _LEAD_LINE and not line.is_linked and not line.heading for line in lines)
    )


def _pieces(document: Document, region: Region, weights: list[int], listed: bytearray) -> list[int]:
    """Return the lines of further pieces of a text below the first: elements of the same shape beside it."""
    if not region.element.get("class"):
        return []
    below = (other for other in _siblings(document, region) if other.start >= region.end)
    return [
        index
        for other in below
        if _shape(other) == _shape(region) and weights[other.end] > weights[other.start]
        for index in own_lines(document, other, -1, listed)
    ]


def _siblings(document: Document, region: Region) -> list[Region]:
    """Return the elements with text under the same parent, the region among them."""
    around = document.children(region.parent) if region.parent is not None else ()
    return [other for other in around if other.end > other.start]


def _weights(document: Document, after: int, listed: bytearray) -> list[int]:
    """Return running sums of the running text that may belong to the body."""
    first, ended = max(after + 1, 0), _ended(document, after, listed)
    held = [
        0 if listed[index] else following - prose
        for index, (prose, following) in enumerate(pairwise(document.prose[first : ended + 1]), first)
    ]
    return list(accumulate([0] * first + held + [0] * (len(document.lines) - ended), initial=0))


def _ended(document: Document, after: int, listed: bytearray) -> int:
    """Return the index of the line that ends the article: some text is before it, and the text does not continue after it."""
    prose = document.prose
    led = bisect_right(prose, prose[max(after, 0)] + _LEAD)
    for index in range(max(led, after + 1), len(document.lines)):
        if _ends(document, index, after, listed):
            return index
    return len(document.lines)


def is_behind(document: Document, index: int) -> bool:
    """Return whether a line below the text is a heading of something else, or of the page's imprint."""
    line = document.lines[index]
    return notices.heads_other(line.text) or index in document.imprint


def _ends(document: Document, index: int, after: int, listed: bytearray) -> bool:
    """Return whether a line heads what follows the article, and the text does not continue after that."""
    line = document.lines[index]
    if after >= 0:
        title = document.lines[after]
        # Most lines are no headings and have no links, and most titles are headings.
        if (line.heading or not title.heading) and _opens_another(document, index, after):
            return True
        if line.linked and _repeats(line, title):
            return True
    if line.length > _HEADER or not notices.heads_other(line.text):
        return False
    around = {line.region.parent, _last_setting(document, index, listed)}
    end = max(region.end for region in around if region is not None)
    return sum(_going_on(document, at, around) for at in range(index + 1, end) if not listed[at]) < _LEAD


def _repeats(line: Line, title: Line) -> bool:
    """Return whether a line is links that begin with the title: the heading of its comments."""
    return title.length >= _TITLE and line.is_linked and line.text.startswith(title.text)


def _opens_another(document: Document, index: int, after: int) -> bool:
    """Return whether a line is the heading of another article, as high as the title or set like it, and with an info line."""
    if not _is_as_high(document, index, after):
        return False
    following = document.lines[index + 1 : index + 1 + _INFO_BELOW]
    return any(_is_info_line(line) for line in following)


def _is_as_high(document: Document, index: int, after: int) -> bool:
    """Return whether a line is a heading as high as the title, or has the form of a title and is set like the plain title.

    The text must be set otherwise: a paragraph that is set like the title is none.
    """
    line, title, prose = document.lines[index], document.lines[after], document.prose
    if title.heading:
        return 0 < line.heading <= title.heading
    shape = _shape(title.region)
    if shape[1] is None or _shape(line.region) != shape:
        return False
    text = (bisect_right(prose, prose[after + 1]) - 1, bisect_left(prose, prose[index]) - 1)  # first and last before
    return (
        line.length <= _PLAIN_TITLE
        and not line.linked
        and not _SENTENCE.search(line.text)
        and all(_shape(document.lines[at].region) != shape for at in text)
    )


def _last_setting(document: Document, index: int, listed: bytearray) -> Region | None:
    """Return the element around the last running text before a line."""
    before = (at for at in range(index - 1, -1, -1) if not listed[at] and document.prose[at + 1] > document.prose[at])
    return next((document.lines[at].region.parent for at in before), None)


def _going_on(document: Document, index: int, around: set[Region | None]) -> int:
    """Return the characters of running text in a line whose element is a child of one of ``around``."""
    return document.prose[index + 1] - document.prose[index] if document.lines[index].region.parent in around else 0


def _region(document: Document, weights: list[int]) -> Region | None:
    """Return the innermost region with most of the text: descend while one child holds it."""
    region = document.regions[0] if document.regions else None
    if region is None or not weights[-1]:
        return None
    while True:
        held = {child.index: weights[child.end] - weights[child.start] for child in document.children(region)}
        best = max(held, key=held.__getitem__, default=0)
        share = held.get(best, 0) / (weights[region.end] - weights[region.start])
        if share < _HOLD or _is_part(document, document.regions[best], share, held):
            return region
        region = document.regions[best]


def _is_part(document: Document, region: Region, share: float, held: dict[int, int]) -> bool:
    """Return whether a region is a paragraph or a section of its parent's text."""
    if region.tag in _PARAGRAPHS:
        return True
    siblings = [(document.regions[index], weight) for index, weight in held.items() if index != region.index]
    alike = [(other, weight) for other, weight in siblings if _shape(other) == _shape(region)]
    if region.end - region.start > 1:
        beside = (other.end == region.start or other.start == region.end for other, weight in alike if weight)
        return share < _HOLD_BESIDE and any(beside)
    return (
        share < 1 or bool(alike) or any(_heads(other, region) for other, _ in siblings) or _pictured(document, region)
    )


def _shape(region: Region) -> tuple[str, str | None]:
    return region.tag, region.element.get("class")


def _heads(heading: Region, region: Region) -> bool:
    """Return whether ``heading`` is a subheading directly before or after a region."""
    near = heading.end <= region.start <= heading.end + 1 or heading.start == region.end
    return heading.tag in {"h2", "h3", "h4"} and near


def _pictured(document: Document, region: Region) -> bool:
    """Return whether a picture is directly before or after a region, in an element of its own."""
    beside = (picture for picture in document.pictures if picture.line in {region.start, region.end})
    return any(
        picture.region is not None and picture.region is not region and picture.region.parent is region.parent
        for picture in beside
    )


def own_lines(document: Document, region: Region, after: int, listed: bytearray) -> list[int]:
    """Return the lines of a region that belong to the article, without teasers, lists of links, credits and widgets."""
    start, end = max(region.start, after + 1), region.end
    lines: list[int] = []
    prose = 0
    for index in range(start, end):
        line = document.lines[index]
        if prose > _LEAD and (_ends(document, index, after, listed) or _signs(document, index, prose, end)):
            break
        if listed[index] or line.hidden or index in document.imprint or _is_foreign(line, region):
            continue
        if len(lines) < _OPENING and _is_info_line(line) and not _is_of_text(document, index, region, after):
            if document.prose[index] == document.prose[start]:  # only a section or a name is before it
                lines.clear()
            continue
        prose += line.plain
        lines.append(index)
    if lines and listed[lines[-1] + 1] and _heads_list(document.lines[lines[-1]]):
        lines.pop()
    return lines


def _signs(document: Document, index: int, before: int, end: int) -> bool:
    """Return whether a line names the editor below the text, or its source with no sentence behind it.

    One above the text has most of it behind it, and one of a picture at least a sentence.
    """
    line = document.lines[index]
    if line.length > _CREDIT_LINE or not notices.may_be_credit(line.text):
        return False
    if notices.names_editor(line.text):
        return document.prose[end] - document.prose[index + 1] < before
    behind = document.lines[index + 1 : end]
    return notices.is_credit(line.text) and not any("。" in other.text for other in behind)


def _heads_list(line: Line) -> bool:
    return line.length <= _HEADER and not _SENTENCE.search(line.text)


def _is_info_line(line: Line) -> bool:
    return line.length <= _INFO and not _SENTENCE.search(line.text) and is_info_line(line.text)


def _is_of_text(document: Document, index: int, region: Region, after: int) -> bool:
    """Return whether a dated line is part of the text.

    It is if it is the date of an event, with its place beside it; or if an info line is above the body's element already.
    """
    around = document.lines[index : index + 2]
    if any(_EVENT.search(line.text) for line in around):
        return True
    above = document.lines[max(after + 1, region.start - _ABOVE) : region.start]
    return not has_label(document.lines[index].text) and any(map(_is_info_line, above))


def _is_foreign(line: Line, body: Region) -> bool:
    if notices.is_foreign(line.text):
        return True
    if line.linked and not line.heading and (line.linked == line.length or _is_only_links(line)):
        return True
    return _beside(line.region, body)


def _is_only_links(line: Line) -> bool:
    """Return whether a line is several links and what separates them: `« 甲 | 乙 »`."""
    if len(line.links) < _SEVERAL or line.plain > _SEPARATORS:
        return False
    text = line.text
    for link in line.links:
        text = text.replace(link.text, "", 1)
    return not _LETTER.search(text)


def _beside(region: Region, body: Region) -> bool:
    above: Region | None = region
    while above is not None and above is not body:
        if above.tag in _ASIDE:
            return True
        above = above.parent
    return False
