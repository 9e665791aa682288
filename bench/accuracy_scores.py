"""Compare readings with labels, and the shares that our reader must reach."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

from bench.accuracy_readers import Page, Reading, absolute_date
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.listing import read_listing
from smartdaily_crawler.parsing import info_line

LEAST = {
    "title": 0.985, "day": 0.985, "time": 0.98, "source": 0.97, "author": 0.95, "editor": 0.97,
    "body": 0.96, "begins": 0.97, "ends": 0.96, "length": 0.97, "kept": 1.0, "refused": 0.92,
}  # fmt: skip
"""Required shares by column of the table."""
_SKIPPED_AS = {"begins": "body_start", "ends": "body_end", "length": "body_length", "body": "body_length"}
"""Names of columns in ``skip``, where they differ."""
NAMES = ("source", "author", "editor")
PRINTED, UNPRINTED = "{} where printed", "{} where not printed"
"""Names of the scores of a field on the pages that print it, and on the others: there, no value is right."""
LEAST_DETAILS = {PRINTED.format("author"): 0.93} | dict.fromkeys(map(UNPRINTED.format, NAMES), 0.97)
"""Required shares of some of these."""
NOTED_BODY = 0.9
"""Score below which a body is listed among the wrong values."""
_NEAR, _PROBE = 40, 12
"""Most characters between the end of a text and that of the label, and characters compared."""
_LENGTH = 0.15
_FORMER_TITLE = re.compile(r"^[（(]?(?:本文)?原标题[:：].*\n")
_DAY, _MINUTE = len("2026-03-06"), len("2026-03-06 08:30")
Label = dict[str, Any]


@dataclass
class Score:
    right: list[float] = field(default_factory=list)
    """Score of each page, 0 to 1."""
    pages: list[str] = field(default_factory=list)
    """File of each page."""
    wrong: list[str] = field(default_factory=list)
    """A note on each wrong value."""

    def add(self, share: float, page: str, note: str, least: float = 1.0) -> None:
        self.right.append(share)
        self.pages.append(page)
        if share < least:
            self.wrong.append(f"{page}: {note}")

    @property
    def share(self) -> float:
        return mean(self.right) if self.right else float("nan")

    @property
    def least(self) -> float:
        return min(self.right, default=float("nan"))

    def by_site(self, sites: Mapping[str, str]) -> dict[str, float]:
        """Return the share of each site.

        :param sites: site of each file.
        """
        shares = defaultdict(list)
        for page, share in zip(self.pages, self.right, strict=True):
            shares[sites[page]].append(share)
        return {site: mean(found) for site, found in shares.items()}

    def __str__(self) -> str:
        return f"{round(sum(self.right))} of {len(self.right)}"


def compare(label: Label, page: Page, reading: Reading, scores: Mapping[str, Score]) -> None:
    """Add a page to those of the scores that its label has; its ``skip`` names the ones that it does not count for."""
    skipped = set(label.get("skip") or ())

    def add(name: str, value: object, wanted: object, share: float, least: float = 1.0) -> None:
        if name in scores and _SKIPPED_AS.get(name, name) not in skipped:
            scores[name].add(share, label["file"], f"{value!r} for {wanted!r}", least)

    for name in ("title", *NAMES):
        value, wanted = getattr(reading, name), label[name]
        right = _names(value) == _names(wanted)
        add(name, value, wanted, right)
        if name in NAMES and name not in skipped:
            add((PRINTED if wanted else UNPRINTED).format(name), value, wanted, right)
    value, wanted = reading.date or "", label["date"] or ""
    add("day", value, wanted, value[:_DAY] == wanted[:_DAY])
    if len(wanted) > _DAY:
        # Seconds are compared only if the reader returns them.
        size = min(max(len(value), _MINUTE), len(wanted))
        add("time", value, wanted, value[:size] == wanted[:size])
    for name, share, found, expected in _body_scores(label, page, _letters(reading.body)):
        add(name, found, expected, share, NOTED_BODY)
    add("kept", reading.rejected, "an article", reading.is_article)


def _body_scores(label: Label, page: Page, body: str) -> Iterable[tuple[str, float, object, object]]:
    """Yield name, score, found and expected value of what a label tells about the body.

    Labels have its first and last words and its length, or some of these. The length of a label that has first words only is
    that of these. A note on the former title may open the label: it is part of the container, not of the text.
    """
    excerpt = label["body_excerpt"] or ""
    start, end = _letters(_FORMER_TITLE.sub("", excerpt)), _letters(label["body_tail"])
    size = label.get("body_chars") or 0
    shown = _shown(page, start, end)
    size = size if size > len(excerpt) else len(shown)
    if (
        shown and abs(len(shown) - size) <= _LENGTH * size
    ):  # else more or less than the body is between its first and last words
        yield "body", character_f1(body, shown), len(body), len(shown)
    if start:
        yield "begins", _is_near(body, start), body[:_PROBE], start[:_PROBE]
    if end:
        yield "ends", _is_near(body[::-1], end[::-1]), body[-_PROBE:], end[-_PROBE:]
    if size:
        yield "length", abs(len(body) - size) <= _LENGTH * size, len(body), size


def _is_near(text: str, wanted: str) -> bool:
    """Return whether two texts begin within a few characters of each other.

    >>> _is_near("图为现场。春天来了，花都开了。", "春天来了，花都开了。"), _is_near("花都开了。", "春天来了，花都开了。"), _is_near("", "春")
    (True, True, False)
    """
    here, there = text.find(wanted[:_PROBE]), wanted.find(text[:_PROBE]) if text else -1
    return 0 <= here <= _NEAR or 0 <= there <= _NEAR


def _letters(text: str | None) -> str:
    """Remove white space."""
    return re.sub(r"[\s\ue5e5\u200b]", "", text or "")


def _names(text: str | None) -> str:
    """Remove the separators of several names, which differ by reader.

    >>> _names("许砚、 林澈"), _names("许砚; 林澈"), _names(None)
    ('许砚林澈', '许砚林澈', '')
    """
    return re.sub("[、;；,，/]", "", _letters(text))


def _shown(page: Page, start: str, end: str) -> str:
    """Return the visible text from the label's start to its end; empty if the label or the page lacks one of them."""
    if not start or not end:
        return ""
    root = Document(page.html, page.url).root
    found = root.xpath("//body//text()[not(ancestor::script or ancestor::style)]") if root is not None else []
    text = _letters("".join(map(str, found))) if isinstance(found, list) else ""
    first = text.find(start)
    last = text.find(end, first)
    return text[first : last + len(end)] if 0 <= first <= last else ""


def character_f1(value: str, wanted: str) -> float:
    common = (Counter(value) & Counter(wanted)).total()
    return 2 * common / (len(value) + len(wanted)) if common else 0.0


def info_lines(labels: Iterable[Label]) -> Score:
    """Score info lines; one is correct if all its fields are."""
    score = Score()
    for label in labels:
        line = info_line.parse(label["raw"])
        values = {name: info_line.name(getattr(line, name) or "") for name in NAMES}
        wrong = {name: value for name, value in values.items() if value != label[name]}
        date, wanted = absolute_date(line.published), label["date"]
        if date not in {wanted, f"{wanted}:00"}:
            wrong["date"] = date
        score.add(not wrong, repr(label["raw"][:40]), str(wrong))
    return score


def compare_other(label: Label, reading: Reading, score: Score) -> None:
    """Add a page that is no article."""
    score.add(not reading.is_article, label["file"], f"{(reading.body or '')[:_NEAR]!r} for none: {label['kind']}")


def lists(labels: Iterable[tuple[Label, Page]]) -> Score:
    """Score list pages; one is correct if its number of entries equals the label."""
    score = Score()
    for label, page in labels:
        count = len(read_listing(Document(page.html, page.url)).entries)
        score.add(count == label["items"], label["file"], f"{count} for {label['items']}")
    return score
