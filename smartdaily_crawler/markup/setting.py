"""Trim a text by its setting: the elements that hold its running text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.layout import Line, Region

_MAIN = 0.25
"""Least running text in a setting of a text, as a share of that in its most frequent setting."""
_SHORT = 25
"""Least characters outside the setting for a sentence that is part of the text."""
_CAPTION, _CAPTIONS = 60, 2
"""Most characters of a caption, and most lines beside a picture."""
_ADJACENT = 2
"""Most lines from a text to a caption or heading at its ends."""
_Setting = tuple[str, ...]


def trimmed(document: Document, region: Region, lines: list[int]) -> list[int]:
    """Return the lines of a text from the first to the last that is in its setting or a sentence.

    Captions and headings directly before and behind these belong to it. Other lines there are widgets and promotions, and so are
    linked ones between them in another setting.

    :param region: the element that holds the text.
    :param lines: indices of lines, in order.
    """
    settings = [_setting(document.lines[index], region) for index in lines]
    main = _main(document, lines, settings)
    parents = {setting[1:] for setting in main}
    of_text = [
        setting in main or _is_sentence(document, index, region) for index, setting in zip(lines, settings, strict=True)
    ]
    if True not in of_text:
        return lines
    own = [
        is_text
        or _is_caption(document, index, region)
        or (document.lines[index].heading > 0 and setting[1:] in parents)
        for index, setting, is_text in zip(lines, settings, of_text, strict=True)
    ]
    first, last = of_text.index(True), len(of_text) - 1 - of_text[::-1].index(True)
    while first and own[first - 1] and lines[first] - lines[first - 1] <= _ADJACENT:
        first -= 1
    while last + 1 < len(own) and own[last + 1] and lines[last + 1] - lines[last] <= _ADJACENT:
        last += 1
    return [
        lines[position]
        for position in range(first, last + 1)
        if settings[position] in main or not document.lines[lines[position]].is_linked
    ]


def _main(document: Document, lines: list[int], settings: list[_Setting]) -> set[_Setting]:
    """Return the settings with most of the running text."""
    weights: dict[_Setting, int] = defaultdict(int)
    for index, setting in zip(lines, settings, strict=True):
        weights[setting] += document.prose[index + 1] - document.prose[index]
    least = _MAIN * max(weights.values(), default=0)
    return {
        setting for setting, weight in weights.items() if weight and weight >= least and "figcaption" not in setting
    }


def _setting(line: Line, body: Region) -> _Setting:
    """Return the tags of the elements from a line up to that of the text."""
    tags = []
    for region in line.region.lineage():
        if region is body.parent:
            break
        tags.append(region.tag)
    return tuple(tags)


def _is_sentence(document: Document, index: int, body: Region) -> bool:
    """Return whether a line outside the setting of a text has a sentence; one beside a picture tells the news again."""
    line = document.lines[index]
    return line.length >= _SHORT and "。" in line.text and not _is_pictured(document, index, body)


def _is_caption(document: Document, index: int, body: Region) -> bool:
    return document.lines[index].length <= _CAPTION and _is_pictured(document, index, body)


def _is_pictured(document: Document, index: int, body: Region) -> bool:
    """Return whether a line is directly below a picture, or shares an element inside the text's with it and little else."""
    own = document.lines[index].region
    near = slice(*(bisect_left(document.picture_lines, at) for at in (index - 1, index + _CAPTIONS + 1)))
    pictures = [(picture.line, picture.region) for picture in document.pictures[near] if picture.region is not None]
    if any(line == index and region is not own and region.parent is own.parent for line, region in pictures):
        return True
    around = [
        region for region in own.lineage() if region.end - region.start <= _CAPTIONS and body in region.lineage()[1:]
    ]
    return any(region in picture.lineage() for region in around for _, picture in pictures)
