"""Geometry of the pictures: where bars, lines, boxes and edges stand. The templates draw them as SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from rich.cells import cell_len

BAR, GAP, HEIGHT = 9.0, 2.0, 56.0
LEAST = 2.0
"""Height of the smallest bar that stands for something."""

BOX_WIDTH, BOX_HEIGHT = 164.0, 48.0
CELLS = 21.4
"""Width of a box's line in cells; a Chinese character takes two."""
NOT_FIRST = frozenset("，。、！？：；）》」』”’…％,.!?:;)%")
"""Characters that no line begins with."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a chart, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    href: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    width: float
    height: float
    bars: list[Bar]


def day_chart(counts: Mapping[date, int], days: int, links: Mapping[date, str]) -> Chart:
    """Return a bar for each day that has articles, of the *days* up to the newest, with the link of the day."""
    if not counts:
        return Chart(days * (BAR + GAP), HEIGHT, [])
    newest, most = max(counts), max(counts.values())
    bars = []
    for place in range(days):
        day = newest - timedelta(days=days - 1 - place)
        if count := counts.get(day):
            height = max(HEIGHT * count / most, LEAST)
            label = f"{day}: {count:,} article{'s' * (count > 1)}"
            bars.append(Bar(place * (BAR + GAP), HEIGHT - height, BAR, height, label, links.get(day, "")))
    return Chart(days * (BAR + GAP), HEIGHT, bars)


def run_chart(runs: Sequence[tuple[str, str, Mapping[str, int]]], places: int) -> Chart:
    """Return a stack of bars for each run, from the left.

    :param runs: label, link, and number of URLs by group; each group is a bar of its own.
    :param places: number of runs for which there is room.
    """
    width, most = BAR * 1.6, max((sum(groups.values()) for _, _, groups in runs), default=0)
    bars = []
    for place, (label, href, groups) in enumerate(runs, places - len(runs)):
        y = HEIGHT
        for group, count in groups.items():
            if count:
                height = max(HEIGHT * count / most, LEAST)
                y = max(y - height, 0.0)
                bars.append(Bar(place * (width + GAP), y, width, height, f"{label}: {count:,} {group}", href, group))
    return Chart(places * (width + GAP), HEIGHT, bars)


def line(values: Sequence[float | None], width: float, height: float) -> str:
    """Return the path of a line through shares from 0 to 1, at equal distances; ``None`` interrupts it.

    >>> line([1.0, 0.5, None, 0.0], 30, 10)
    'M0.0 1.0L10.0 5.0M30.0 9.0h0.1'
    """
    step = width / max(len(values) - 1, 1)
    points = [None if value is None else (at * step, 1 + (height - 2) * (1 - value)) for at, value in enumerate(values)]
    path = ""
    for before, point, after in zip([None, *points], points, [*points[1:], None], strict=False):
        if point:
            path += f"{'L' if before else 'M'}{point[0]:.1f} {point[1]:.1f}" + "h0.1" * (not before and not after)
    return path


def lines_of(title: str, cells: float, most: int) -> list[str]:
    """Return the title in at most *most* lines of that many cells, cut with an ellipsis. Latin words are not parted if they are short.

    >>> lines_of("折叠屏手机的铰链", 8, 2), lines_of("短", 8, 2), lines_of("一二三四五六七八九", 8, 2)
    (['折叠屏手', '机的铰链'], ['短'], ['一二三四', '五六七…'])
    >>> lines_of("一二三四，五", 8, 2), lines_of("一二三 abc", 8, 2)
    (['一二三', '四，五'], ['一二三', 'abc'])
    """
    rest, lines = " ".join(title.split()), list[str]()
    while rest:
        end = _fitting(rest, cells)
        if end == len(rest):
            return [*lines, rest]
        if len(lines) == most - 1:
            return [*lines, rest[: _fitting(rest, cells - 2)] + "…"]
        end = _break_before(rest, end)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return lines


def _fitting(text: str, cells: float) -> int:
    """Return how many characters of a text, one at least, take that many cells."""
    used = 0.0
    for at, letter in enumerate(text):
        used += _width(letter)
        if used > cells:
            return max(at, 1)
    return len(text)


def _width(letter: str) -> float:
    """Return the width of a character in cells, as fonts have it: Latin letters are wider than half a Chinese one."""
    if (cells := cell_len(letter)) != 1:
        return float(cells)
    return 1.3 if letter.isupper() or letter in "mw%@&" else 1.0


def _break_before(text: str, end: int) -> int:
    """Return where a line may end that has room for *end* characters."""
    at = end
    while at > end / 2 and text[at] in NOT_FIRST:
        at -= 1
    while (
        at > end / 2 and text[at].isascii() and text[at].isalnum() and text[at - 1].isascii() and text[at - 1].isalnum()
    ):
        at -= 1
    return at if at > end / 2 else end


@dataclass(frozen=True, slots=True)
class Box:
    """An article in a picture of teasers."""

    key: int
    x: float
    y: float
    width: float
    lines: list[str]
    title: str
    href: str
    note: str = ""
    group: str = ""
    height: float = BOX_HEIGHT


@dataclass(frozen=True, slots=True)
class Edge:
    start: int
    end: int
    path: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    width: float
    height: float
    boxes: list[Box]
    edges: list[Edge]
    rows: list[tuple[float, str]] = field(default_factory=list)
    """Labels of rows, each with its y."""


@dataclass(frozen=True, slots=True)
class Node:
    """An article to be drawn."""

    key: int
    title: str
    href: str
    note: str = ""
    group: str = ""


def ego(centre: Node, into: Sequence[Node], out: Sequence[Node]) -> Picture:
    """Return a picture with an article in the middle, those whose pages recommend it on the left, and those it recommends on the right."""
    width, gap, pitch = 248.0, 70.0, BOX_HEIGHT + 8
    rows = max(len(into), len(out), 1)
    height = rows * pitch - 8
    cells = CELLS * (width - 18) / (BOX_WIDTH - 18)

    def column(nodes: Sequence[Node], x: float) -> list[Box]:
        top = (height - (len(nodes) * pitch - 8)) / 2
        return [
            Box(n.key, x, top + at * pitch, width, lines_of(n.title, cells, 2), n.title, n.href, n.note, n.group)
            for at, n in enumerate(nodes)
        ]

    left, [middle], right = column(into, 0), column([centre], width + gap), column(out, 2 * (width + gap))
    edges = [
        Edge(
            start.key,
            end.key,
            _across(start.x + width, _mid(start), end.x, _mid(end)),
            (start, end)[end is not middle].group,
        )
        for start, end in [*((box, middle) for box in left), *((middle, box) for box in right)]
    ]
    return Picture(3 * width + 2 * gap, height, [*left, middle, *right], edges)


def week(rows: Mapping[str, Sequence[Node]], edges: Iterable[tuple[int, int]]) -> Picture:
    """Return a picture with a row of boxes for each label, from top to bottom, and the edges between them.

    The boxes of a row are sorted by the mean place of those they are linked to in other rows, so that fewer edges cross.
    """
    known = {node.key for nodes in rows.values() for node in nodes}
    pairs = [(start, end) for start, end in edges if start in known and end in known]
    linked: dict[int, set[int]] = defaultdict(set)
    for start, end in pairs:
        linked[start].add(end)
        linked[end].add(start)
    order = [list(nodes) for nodes in rows.values()]
    place = {node.key: at / len(nodes) for nodes in order for at, node in enumerate(nodes)}
    for nodes in [*order, *reversed(order), *order]:
        own = {node.key for node in nodes}
        for node in nodes:
            if others := linked[node.key] - own:
                place[node.key] = sum(place[key] for key in others) / len(others)
        nodes.sort(key=lambda node: place[node.key])
        place |= {node.key: (at + 0.5) / len(nodes) for at, node in enumerate(nodes)}
    left, gap, pitch = 92.0, 12.0, BOX_HEIGHT + 56
    most = max(map(len, order), default=0)
    width = left + most * (BOX_WIDTH + gap) + 8
    boxes, labels = {}, []
    for at, (label, nodes) in enumerate(zip(rows, order, strict=True)):
        y = 10 + at * pitch
        labels.append((y, label))
        indent = left + (width - left - len(nodes) * (BOX_WIDTH + gap)) / 2
        for column, node in enumerate(nodes):
            x = indent + column * (BOX_WIDTH + gap)
            drawn = lines_of(node.title, CELLS, 2)
            boxes[node.key] = Box(node.key, x, y, BOX_WIDTH, drawn, node.title, node.href, node.note, node.group)
    height = len(order) * pitch
    drawn_edges = [Edge(start, end, _down(boxes[start], boxes[end])) for start, end in pairs if start != end]
    return Picture(max(width, 320.0), max(height, 60.0), list(boxes.values()), drawn_edges, labels)


def _mid(box: Box) -> float:
    return box.y + box.height / 2


def _across(x: float, y: float, to_x: float, to_y: float) -> str:
    bend = (to_x - x) / 2
    return f"M{x:.1f} {y:.1f}C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"


def _down(start: Box, end: Box) -> str:
    """Return a curve between two boxes: from row to row, or below its row."""
    x, to_x = start.x + start.width / 2, end.x + end.width / 2
    if start.y == end.y:
        y, depth = start.y + start.height, min(14 + abs(to_x - x) / 16, 44)
        return f"M{x:.1f} {y:.1f}C{x:.1f} {y + depth:.1f} {to_x:.1f} {y + depth:.1f} {to_x:.1f} {y:.1f}"
    y, to_y = (start.y + start.height, end.y) if start.y < end.y else (start.y, end.y + end.height)
    bend = (to_y - y) / 2
    return f"M{x:.1f} {y:.1f}C{x:.1f} {y + bend:.1f} {to_x:.1f} {to_y - bend:.1f} {to_x:.1f} {to_y:.1f}"
