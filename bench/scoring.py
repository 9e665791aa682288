"""What counts as read right, field by field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

from bench.readings import Page, Reading, printed
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.parsing import info_line

COLUMNS = ("title", "day", "time", "source", "author", "editor", "body")
BODY_NOTED = 0.9
"""Below this a body is named among the wrong answers."""
_DAY, _MINUTE = len("2026-03-06"), len("2026-03-06 08:30")
Label = dict[str, Any]


@dataclass
class Score:
    right: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """A note on each wrong answer."""

    def add(self, share: float, page: str, note: str, least: float = 1.0) -> None:
        self.right.append(share)
        if share < least:
            self.wrong.append(f"{page}: {note}")

    @property
    def share(self) -> float:
        return mean(self.right) if self.right else float("nan")

    @property
    def least(self) -> float:
        return min(self.right, default=float("nan"))


def compare(label: Label, page: Page, reading: Reading, scores: dict[str, Score]) -> None:
    """Add a page to the scores of the fields that the reader has: those in ``scores``."""
    file = label["file"].rpartition("/")[2]
    for name in ("title", "source", "author", "editor"):
        if name in scores:
            said, wanted = getattr(reading, name), label[name]
            scores[name].add(_name(said) == _name(wanted), file, f"{said!r} for {wanted!r}")
    _compare_date(file, reading.date or "", label["date"] or "", scores)
    if "body" in scores and (truth := true_body(label, page)):
        said = plain(reading.body)
        share = character_f1(said, truth)
        note = f"{share:.3f}, {len(said)} for {len(truth)} characters"
        scores["body"].add(share, file, note, BODY_NOTED)


def _compare_date(file: str, said: str, wanted: str, scores: dict[str, Score]) -> None:
    note = f"{said!r} for {wanted!r}"
    if "day" in scores:
        scores["day"].add(said[:_DAY] == wanted[:_DAY], file, note)
    if "time" in scores and len(wanted) > _DAY:
        # A reader that tells no seconds is not asked for them.
        size = min(max(len(said), _MINUTE), len(wanted))
        scores["time"].add(said[:size] == wanted[:size], file, note)


def plain(text: str | None) -> str:
    """A text without white space."""
    return re.sub(r"[\s\ue5e5\u200b]", "", text or "")


def _name(text: str | None) -> str:
    """Without what stands between several people, which readers choose themselves.

    >>> _name("许砚、 林澈"), _name("许砚; 林澈"), _name(None)
    ('许砚林澈', '许砚林澈', '')
    """
    return re.sub("[、;；,，/]", "", plain(text))


def true_body(label: Label, page: Page) -> str | None:
    """The page's text from the label's start to its end; ``None`` where the label has none."""
    start, end = plain(label["body_excerpt"]), plain(label["body_tail"])
    if not start or not end:
        return None
    text = _visible(page)
    first = text.find(start)
    last = text.find(end, first)
    return text[first : last + len(end)] if 0 <= first <= last else None


def _visible(page: Page) -> str:
    """Every text node of a page that a browser may show."""
    root = Document(page.html, page.url).root
    found = root.xpath("//body//text()[not(ancestor::script or ancestor::style)]") if root is not None else []
    return plain("".join(map(str, found))) if isinstance(found, list) else ""


def character_f1(said: str, wanted: str) -> float:
    """
    >>> character_f1("智能日报", "智能日报"), character_f1("", "智能"), round(character_f1("智能手机", "智能"), 2)
    (1.0, 0.0, 0.67)
    """
    common = (Counter(said) & Counter(wanted)).total()
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def info_lines(labels: Iterable[Label]) -> Score:
    """A line is right when every field of it is."""
    score = Score()
    for label in labels:
        line = info_line.parse(label["raw"])
        said = {name: info_line.name(getattr(line, name) or "") for name in ("source", "author", "editor")}
        said["date"] = printed(line.published)
        wrong = {name: value for name, value in said.items() if not _agrees(name, value, label[name])}
        score.add(not wrong, repr(label["raw"][:40]), str(wrong))
    return score


def _agrees(name: str, said: str | None, wanted: str | None) -> bool:
    return said == wanted or (name == "date" and bool(wanted) and said == f"{wanted}:00")


def lists(labels: Iterable[Label], count: Callable[[Label], int]) -> Score:
    """Entries of the list pages."""
    score = Score()
    for label in labels:
        said = count(label)
        score.add(said == label["items"], label["file"], f"{said} for {label['items']}")
    return score
