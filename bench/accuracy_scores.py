"""Score readings by field, with the shares that our reader must reach."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

from bench.accuracy_readers import Page, Reading, absolute_date
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.parsing import info_line

LEAST = {"title": 0.98, "day": 0.98, "time": 0.97, "source": 0.96, "author": 0.95, "editor": 0.95, "body": 0.96}
"""Required shares by column of the table."""
NOTED_BODY = 0.9
"""Score below which a body is listed among the wrong values."""
_DAY, _MINUTE = len("2026-03-06"), len("2026-03-06 08:30")
Label = dict[str, Any]


@dataclass
class Score:
    right: list[float] = field(default_factory=list)
    """Score of each page, 0 to 1."""
    wrong: list[str] = field(default_factory=list)
    """A note on each wrong value."""

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

    def __str__(self) -> str:
        return f"{round(sum(self.right))} of {len(self.right)}"


def compare(label: Label, page: Page, reading: Reading, scores: dict[str, Score]) -> None:
    """Add a page to ``scores``, which has an entry for each field of the reader."""
    file = label["file"].rpartition("/")[2]

    def add(name: str, value: str | None, wanted: str | None, *, right: bool) -> None:
        if name in scores:
            scores[name].add(right, file, f"{value!r} for {wanted!r}")

    for name in ("title", "source", "author", "editor"):
        value, wanted = getattr(reading, name), label[name]
        add(name, value, wanted, right=_names(value) == _names(wanted))
    value, wanted = reading.date or "", label["date"] or ""
    add("day", value, wanted, right=value[:_DAY] == wanted[:_DAY])
    if len(wanted) > _DAY:
        # Seconds are compared only if the reader returns them.
        size = min(max(len(value), _MINUTE), len(wanted))
        add("time", value, wanted, right=value[:size] == wanted[:size])
    if "body" in scores and (wanted := _body(label, page)):
        value = _letters(reading.body)
        share = character_f1(value, wanted)
        note = f"{share:.3f}, {len(value)} for {len(wanted)} characters"
        scores["body"].add(share, file, note, NOTED_BODY)


def _letters(text: str | None) -> str:
    """Remove white space."""
    return re.sub(r"[\s\ue5e5\u200b]", "", text or "")


def _names(text: str | None) -> str:
    """Remove the separators of several names, which differ by reader.

    >>> _names("许砚、 林澈"), _names("许砚; 林澈"), _names(None)
    ('许砚林澈', '许砚林澈', '')
    """
    return re.sub("[、;；,，/]", "", _letters(text))


def _body(label: Label, page: Page) -> str:
    """Return the visible text from the label's start to its end; empty if the label or the page lacks one of them."""
    start, end = _letters(label["body_excerpt"]), _letters(label["body_tail"])
    root = Document(page.html, page.url).root
    found = root.xpath("//body//text()[not(ancestor::script or ancestor::style)]") if root is not None else []
    text = _letters("".join(map(str, found))) if isinstance(found, list) else ""
    first = text.find(start)
    last = text.find(end, first)
    return text[first : last + len(end)] if start and end and 0 <= first <= last else ""


def character_f1(value: str, wanted: str) -> float:
    common = (Counter(value) & Counter(wanted)).total()
    return 2 * common / (len(value) + len(wanted)) if common else 0.0


def info_lines(labels: Iterable[Label]) -> Score:
    """Score info lines; one is correct if all its fields are."""
    score = Score()
    for label in labels:
        line = info_line.parse(label["raw"])
        values = {name: info_line.name(getattr(line, name) or "") for name in ("source", "author", "editor")}
        wrong = {name: value for name, value in values.items() if value != label[name]}
        date, wanted = absolute_date(line.published), label["date"]
        if date not in {wanted, f"{wanted}:00"}:
            wrong["date"] = date
        score.add(not wrong, repr(label["raw"][:40]), str(wrong))
    return score


def lists(labels: Iterable[tuple[Label, Page]]) -> Score:
    """Score list pages; one is correct if its number of entries equals the label."""
    score = Score()
    for label, page in labels:
        count = len(read_listing(Document(page.html, page.url)).entries)
        score.add(count == label["items"], label["file"], f"{count} for {label['items']}")
    return score
