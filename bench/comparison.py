"""Every reader on every page, in one process."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Self

from bench.readings import Page, Reader, Reading
from bench.scoring import COLUMNS, Label, Score, compare, info_lines, lists
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode
from smartdaily_crawler.pages.listing import read_listing

NOWHERE = "http://news.example.com/article/1.html"
"""The address of a page whose label has none."""
_TIMES = 3


@dataclass(frozen=True)
class Corpus:
    """Labelled pages."""

    articles: list[tuple[Label, Page]]
    info_lines: list[Label]
    lists: list[tuple[Label, Page]]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises ``OSError`` where a file is missing, ``json.JSONDecodeError`` where one is no JSON."""
        labels: dict[str, list[Label]] = {
            name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            for name in ("articles", "info_lines", "lists")
        }
        counted = [label for label in labels["lists"] if label["items"] is not None]
        return cls(_pages(folder, labels["articles"]), labels["info_lines"], _pages(folder, counted))


def _pages(folder: Path, labels: list[Label]) -> list[tuple[Label, Page]]:
    return [
        (label, Page(body, decode(body, None), label["url"] or NOWHERE))
        for label in labels
        for body in [(folder / label["file"]).read_bytes()]
    ]


@dataclass
class Result:
    """One reader over all articles."""

    reader: Reader
    scores: dict[str, Score]
    milliseconds: list[float] = field(default_factory=list)
    """Processor time of each page."""
    failed: int = 0
    """Pages on which it raised; they count as read empty."""

    @property
    def median(self) -> float:
        return median(self.milliseconds)

    @property
    def mean(self) -> float:
        return mean(self.milliseconds)


@dataclass
class Comparison:
    results: list[Result]
    """Ours first."""
    info_lines: Score
    lists: Score

    @property
    def ours(self) -> Result:
        return self.results[0]


def compare_all(corpus: Corpus, readers: Sequence[Reader]) -> Comparison:
    results = [_score(reader, corpus) for reader in readers]
    _clock(results, corpus)  # every reader is warm by now
    counts = {label["file"]: _entries(page) for label, page in corpus.lists}
    counted = lists((label for label, _ in corpus.lists), lambda label: counts[label["file"]])
    return Comparison(results, info_lines(corpus.info_lines), counted)


def _entries(page: Page) -> int:
    return len(read_listing(Document(page.html, page.url)).entries)


def _score(reader: Reader, corpus: Corpus) -> Result:
    result = Result(reader, {column: Score() for column in COLUMNS if column in reader.fields})
    for label, page in corpus.articles:
        try:
            reading = reader.read(page)
        except Exception:  # noqa: BLE001 - whatever it is, the page was not read
            reading = Reading()
            result.failed += 1
        compare(label, page, reading, result.scores)
    return result


def _clock(results: Sequence[Result], corpus: Corpus) -> None:
    """Page by page, every reader in turn: a machine that slows down slows all of them."""
    # What the readers keep for good (one of them a dictionary of Chinese words) would be walked again and again by the
    # garbage collector, on whichever reader's time it falls.
    gc.collect()
    gc.freeze()
    for _, page in corpus.articles:
        for result in results:
            result.milliseconds.append(milliseconds(result.reader, page))


def milliseconds(reader: Reader, page: Page) -> float:
    """Processor time, the best of some runs: other work on the machine only adds."""
    best = float("inf")
    for _ in range(_TIMES):
        started = time.process_time()
        with suppress(Exception):  # counted when it was scored
            reader.read(page)
        best = min(best, time.process_time() - started)
    return best * 1000
