"""How much of real pages is read right: `python -m bench.accuracy PAGES_DIR` (for example ../shared/pages).

The folder holds `articles.json`, `info_lines.json` and `lists.json`, labels made by hand, and the pages they name.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any, Protocol

from smartdaily_crawler.extraction.article import read_article
from smartdaily_crawler.extraction.document import Document
from smartdaily_crawler.extraction.encoding import decode
from smartdaily_crawler.extraction.listing import read_listing
from smartdaily_crawler.items import Fetch
from smartdaily_crawler.loaders import load_article
from smartdaily_crawler.normalize import dates, info_line

NOWHERE = "http://news.example.com/article/1.html"
"""The address of a page whose label has none."""
CLOCK = datetime(2024, 1, 1, tzinfo=UTC)
Label = dict[str, Any]


@dataclass
class Reading:
    """What a reader says about a page; ``date`` as `YYYY-MM-DD[ HH:MM[:SS]]`."""

    title: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    body: str | None = None
    fields: frozenset[str] = frozenset({"title", "day", "time", "source", "author", "editor", "body"})
    """The fields that the reader has at all."""


class Reader(Protocol):
    def __call__(self, body: bytes, url: str) -> Reading: ...


def ours(body: bytes, url: str) -> Reading:
    reading = read_article(Document(decode(body, None), url))
    article = load_article(
        reading, Fetch(url=url, kind="article", final_url=url, fetched_at=CLOCK), url, CLOCK
    )
    return Reading(
        title=article.title,
        date=_printed(article.published_raw),
        source=article.source,
        author=article.author,
        editor=article.editor,
        body="\n".join(article.body),
    )


READERS: dict[str, Reader] = {"smartdaily": ours}


@dataclass
class Score:
    right: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, share: float, page: str, note: str, least: float = 1.0) -> None:
        self.right.append(share)
        if share < least:
            self.wrong.append(f"{page}: {note}")

    @property
    def share(self) -> float:
        return mean(self.right) if self.right else float("nan")


def compare(label: Label, reading: Reading, page_text: str, scores: dict[str, Score]) -> None:
    page = label["file"].rpartition("/")[2]
    for name in ("title", "source", "author", "editor"):
        if name in reading.fields:
            said, wanted = getattr(reading, name), label[name]
            scores[name].add(_plain(said) == _plain(wanted), page, f"{said!r} for {wanted!r}")
    said, wanted = reading.date or "", label["date"] or ""
    scores["day"].add(said[:10] == wanted[:10], page, f"{said!r} for {wanted!r}")
    if len(wanted) > len("2026-03-06") and "time" in reading.fields:
        size = min(max(len(said), 16), len(wanted))
        scores["time"].add(said[:size] == wanted[:size], page, f"{said!r} for {wanted!r}")
    if (truth := true_body(label, page_text)) and "body" in reading.fields:
        share = character_f1(_plain(reading.body or ""), truth)
        scores["body"].add(
            share, page, f"{share:.3f}, {len(_plain(reading.body or ''))} for {len(truth)} characters", 0.9
        )


def _plain(text: str | None) -> str:
    return re.sub(r"[\s\ue5e5\u200b]", "", text or "")


def true_body(label: Label, page_text: str) -> str | None:
    """The page's text from the label's start to its end."""
    start, end = _plain(label["body_excerpt"]), _plain(label["body_tail"])
    if not start or not end:
        return None
    first = page_text.find(start)
    last = page_text.find(end, first)
    return page_text[first : last + len(end)] if 0 <= first <= last else None


def character_f1(said: str, wanted: str) -> float:
    """
    >>> character_f1("智能日报", "智能日报"), character_f1("", "智能"), round(character_f1("智能手机", "智能"), 2)
    (1.0, 0.0, 0.67)
    """
    common = (Counter(said) & Counter(wanted)).total()
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def info_lines(labels: list[Label]) -> Score:
    score = Score()
    for label in labels:
        line = info_line.parse(label["raw"])
        said = {name: info_line.name(getattr(line, name) or "") for name in ("source", "author", "editor")}
        said["date"] = _printed(line.published)
        wrong = {name: value for name, value in said.items() if not _agrees(name, value, label[name])}
        score.add(not wrong, repr(label["raw"][:40]), str(wrong))
    return score


def _agrees(name: str, said: str | None, wanted: str | None) -> bool:
    return said == wanted or (name == "date" and bool(wanted) and said == f"{wanted}:00")


def _printed(raw: str | None) -> str | None:
    """A date that the line prints in full: one that does not change with the clock."""
    if raw is None:
        return None
    here, later = (dates.parse(raw, CLOCK + timedelta(days=days)) for days in (900, 1500))
    if here != later or here.on is None:
        return None
    return here.at.strftime("%Y-%m-%d %H:%M:%S") if here.at else here.on.isoformat()


def lists(folder: Path, labels: list[Label]) -> Score:
    score = Score()
    for label in labels:
        if label["items"] is not None:
            document = Document(decode((folder / label["file"]).read_bytes(), None), label["url"] or NOWHERE)
            count = len(read_listing(document).entries)
            score.add(count == label["items"], label["file"], f"{count} for {label['items']}")
    return score


def milliseconds(read: Callable[[], object], times: int = 3) -> float:
    """Processor time, the best of some runs: other work on the machine only adds."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        read()
        best = min(best, time.process_time() - started)
    return best * 1000


def measure(folder: Path, *, verbose: bool) -> None:
    labels: list[Label] = json.loads((folder / "articles.json").read_text(encoding="utf-8"))
    pages = [(label, (folder / label["file"]).read_bytes()) for label in labels]
    texts = [_plain("".join(_all_text(body))) for _, body in pages]
    for name, reader in READERS.items():
        scores = {
            column: Score() for column in ("title", "day", "time", "source", "author", "editor", "body")
        }
        for (label, body), text in zip(pages, texts, strict=True):
            compare(label, reader(body, label["url"] or NOWHERE), text, scores)
        spent = milliseconds(partial(_read_all, reader, pages)) / len(pages)
        report(name, scores, spent, verbose=verbose)
    report(
        "info_lines.json",
        {"lines": info_lines(json.loads((folder / "info_lines.json").read_text(encoding="utf-8")))},
        verbose=verbose,
    )
    report(
        "lists.json",
        {"entries": lists(folder, json.loads((folder / "lists.json").read_text(encoding="utf-8")))},
        verbose=verbose,
    )


def _read_all(reader: Reader, pages: list[tuple[Label, bytes]]) -> None:
    for label, body in pages:
        reader(body, label["url"] or NOWHERE)


def _all_text(body: bytes) -> list[str]:
    """Every text node of a page that a browser may show."""
    root = Document(decode(body, None), NOWHERE).root
    found = root.xpath("//body//text()[not(ancestor::script or ancestor::style)]") if root is not None else []
    return [str(text) for text in found] if isinstance(found, list) else []


def report(name: str, scores: dict[str, Score], spent: float | None = None, *, verbose: bool) -> None:
    print(
        f"| {name} | "
        + " | ".join(f"{column} {score.share:.3f} of {len(score.right)}" for column, score in scores.items()),
        end=" |",
    )
    print(f" {spent:.1f} ms a page |" if spent is not None else "")
    for column, score in scores.items() if verbose else ():
        if column == "body" and score.right:
            print(f"    body: worst {min(score.right):.3f}")
        for note in score.wrong:
            print(f"    {column}: {note}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.accuracy", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="PAGES_DIR")
    parser.add_argument("-v", "--verbose", action="store_true", help="name every wrong answer")
    options = parser.parse_args(arguments)
    if not (options.folder / "articles.json").is_file():
        print(f"no labelled pages in {options.folder}: articles.json is missing", file=sys.stderr)
        return 2
    measure(options.folder, verbose=options.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main())
