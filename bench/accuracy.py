"""Measure the accuracy of reading labelled real pages, compared with known extractors: `make accuracy PAGES=PAGES_DIR`.

The folder has `articles.json`, `not_articles.json`, `info_lines.json` and `lists.json`, labels made by hand, and
the pages they name. Extractors that are not installed are left out; `make accuracy` installs them.
"""

from __future__ import annotations

import gc
import json
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from typing import Self
from urllib.parse import urlsplit

from bench.accuracy_readers import OURS, Page, Reader, Reading, peers
from bench.accuracy_scores import (
    LEAST,
    LEAST_DETAILS,
    NAMES,
    PRINTED,
    UNPRINTED,
    Label,
    Score,
    compare,
    compare_other,
    info_lines,
    lists,
)
from bench.harness import NONE, Parser, exit_code, markdown, write_table
from smartdaily_crawler.cleaning.urls import registrable
from smartdaily_crawler.markup.encoding import decode

WORST_BODY, INFO_LINES, LISTS = 0.6, 0.98, 1.0
SHARE_OF_PEER = 1 / 5
"""Maximum time per page, as a share of that of the fastest peer which also returns body, date and author."""
_OF_BODY = dict.fromkeys(("begins", "ends", "length", "kept", "refused"), "body")
"""Columns of the readers that return a body."""
_WHOLE = frozenset({"body", "day", "author"})
NO_URL = "http://news.example.com/article/1.html"
"""The URL of a page whose label has none."""
_TIMES = 3
_LINK = re.compile(r"href\s*=\s*[\"']?https?://([\w.-]+)")


@dataclass(frozen=True)
class Corpus:
    """Labelled pages."""

    articles: list[tuple[Label, Page]]
    others: list[tuple[Label, Page]]
    """Pages that are no articles."""
    info_lines: list[Label]
    lists: list[tuple[Label, Page]]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the labels and pages. Raise ``OSError`` if a file is missing, ``json.JSONDecodeError`` if one is not JSON."""

        def labels(name: str) -> list[Label]:
            found: list[Label] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            return found

        def page(label: Label) -> Page:
            body = (folder / label["file"]).read_bytes()
            return Page(body, decode(body, None), label["url"] or NO_URL)

        return cls(
            [(label, page(label)) for label in labels("articles")],
            [(label, page(label)) for label in labels("not_articles")],
            labels("info_lines"),
            [(label, page(label)) for label in labels("lists") if label["items"] is not None],
        )

    @property
    def sites(self) -> dict[str, str]:
        """Registered domain of each page by its file."""
        return {label["file"]: _site(label, page) for label, page in self.articles + self.others}


def _site(label: Label, page: Page) -> str:
    """Return the domain of the page's URL; without one, that of most of its links, or else the file."""
    hosts = [urlsplit(label["url"]).hostname or ""] if label["url"] else _LINK.findall(page.html)
    domains = Counter(map(registrable, hosts))
    return max(domains, key=domains.__getitem__, default=label["file"])


@dataclass
class Result:
    """Scores of one reader on all articles."""

    reader: Reader
    scores: dict[str, Score]
    milliseconds: list[float] = field(default_factory=list)
    """Processor time of each page."""
    failed: int = 0
    """Number of pages on which the reader raised an exception; they count as read empty."""

    @property
    def median(self) -> float:
        return median(self.milliseconds)

    @property
    def mean(self) -> float:
        return mean(self.milliseconds)


@dataclass
class Comparison:
    results: list[Result]
    """That of our reader first."""
    info_lines: Score
    lists: Score
    sites: dict[str, str]
    """Site of each page by its file."""

    @property
    def ours(self) -> Result:
        return self.results[0]

    @property
    def scores(self) -> dict[str, Score]:
        """Scores of our reader."""
        return {**self.ours.scores, "info_lines.json": self.info_lines, "lists.json": self.lists}


def compare_all(corpus: Corpus, readers: Sequence[Reader]) -> Comparison:
    """Score all readers on all pages, in one process."""
    results = [_score(reader, corpus) for reader in readers]
    # Permanent objects of the readers (one has a dictionary of Chinese words) would be traversed again and again by the
    # garbage collector, during the measured time of any reader.
    gc.collect()
    gc.freeze()
    # Page by page, each reader in turn, so that a slower machine affects all readers alike. All are warm by now.
    for _, page in corpus.articles:
        for result in results:
            result.milliseconds.append(_milliseconds(result.reader, page))
    return Comparison(results, info_lines(corpus.info_lines), lists(corpus.lists), corpus.sites)


def _score(reader: Reader, corpus: Corpus) -> Result:
    result = Result(reader, {column: Score() for column in LEAST if _OF_BODY.get(column, column) in reader.fields})
    result.scores |= {
        form.format(name): Score() for name in NAMES if name in reader.fields for form in (PRINTED, UNPRINTED)
    }

    def read(page: Page) -> Reading:
        try:
            return reader.read(page)
        except Exception:  # noqa: BLE001 - after any exception the page counts as not read
            result.failed += 1
            return Reading()

    for label, page in corpus.articles:
        compare(label, page, read(page), result.scores)
    if "refused" in result.scores:
        for label, page in corpus.others:
            compare_other(label, read(page), result.scores["refused"])
    return result


def _milliseconds(reader: Reader, page: Page) -> float:
    """Return the processor time, the minimum of some runs, as other work on the machine only adds to it."""
    best = float("inf")
    for _ in range(_TIMES):
        started = time.process_time()
        with suppress(Exception):  # counted by _score
            reader.read(page)
        best = min(best, time.process_time() - started)
    return best * 1000


def as_markdown(found: Comparison) -> str:
    rows = []
    for each in found.results:
        shares = [f"{each.scores[name].share:.3f}" if name in each.scores else NONE for name in LEAST]
        worst = f"{each.scores['body'].least:.3f}" if "body" in each.scores else NONE
        rows.append([each.reader.name, *shares, worst, f"{each.median:.1f}", f"{each.mean:.1f}"])
    ours = [[name, *_details(found, name)] for name in LEAST]
    failed = ", ".join(f"{each.reader.name} {each.failed}" for each in found.results if each.failed)
    versions = [f"Python {platform.python_version()}", f"lxml {version('lxml')}"]
    versions += sorted({each.reader.version for each in found.results[1:]})
    return f"""{markdown(["reader", *LEAST, "worst body", "ms median", "ms mean"], rows)}

{markdown(["smartdaily", "pages", "right", "sites", "right by site", "where printed", "invented"], ours)}

Info lines with every field right: {found.info_lines}. List pages with their entries counted as labelled: {found.lists}.
Pages on which a reader raised, read as empty: {failed or "none"}.

Measured on {datetime.now(UTC):%Y-%m-%d} with {", ".join(versions)}."""


def _details(found: Comparison, name: str) -> list[str]:
    """Return what the second table has on a field: by page, by site, and apart for pages that print it."""
    scores = found.ours.scores
    score, shares = scores[name], scores[name].by_site(found.sites).values()
    by_site = f"{mean(shares):.3f}" if shares else NONE
    printed, invented = NONE, NONE
    if name in NAMES:
        printed, invented = (
            f"{scores[PRINTED.format(name)].share:.3f}",
            f"{1 - scores[UNPRINTED.format(name)].share:.3f}",
        )
    return [str(len(score.right)), f"{score.share:.3f}", str(len(shares)), by_site, printed, invented]


def missed(found: Comparison) -> Iterator[str]:
    """Yield a line for each target that is missed."""
    shares = [(name, found.scores[name].share, least) for name, least in (LEAST | LEAST_DETAILS).items()]
    shares += [
        ("worst body", found.ours.scores["body"].least, WORST_BODY),
        ("info_lines.json", found.info_lines.share, INFO_LINES),
        ("lists.json", found.lists.share, LISTS),
    ]
    for name, share, least in shares:
        if share < least:
            yield f"{name} {share:.3f}, at least {least:.3g} is required"
    if fastest := fastest_peer(found):
        for name in ("median", "mean"):
            ours, theirs = getattr(found.ours, name), getattr(fastest, name)
            if ours > theirs * SHARE_OF_PEER:
                peer = fastest.reader.name
                yield f"{name} {ours:.1f} ms per page, at most a fifth of {peer}'s {theirs:.1f} is allowed"


def fastest_peer(found: Comparison) -> Result | None:
    whole = [result for result in found.results[1:] if result.reader.fields >= _WHOLE]
    return min(whole, key=lambda result: result.mean, default=None)


_LISTED = (*LEAST, "info_lines.json", "lists.json")
"""Scores whose wrong values are listed; each value counts in one of them."""


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("accuracy", __doc__)
    parser.add_argument("folder", type=Path, metavar="PAGES_DIR")
    parser.add_argument("-v", "--verbose", action="store_true", help="list each wrong value of our reader")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    options = parser.parse_args(arguments)
    if options.write:
        parser.check_page(options.write, "accuracy")
    try:
        corpus = Corpus.load(options.folder)
    except (OSError, json.JSONDecodeError) as error:
        print(f"no labelled pages in {options.folder}: {error}", file=sys.stderr)
        return 2
    found = compare_all(corpus, [OURS, *peers()])
    table = as_markdown(found)
    print(table)
    if options.verbose:
        for name, score in found.scores.items():
            for note in score.wrong if name in _LISTED else ():
                print(f"{name}: {note}")
    if options.write:
        write_table(options.write, "accuracy", table)
    return exit_code(f"target missed: {line}" for line in missed(found)) if options.check else 0


if __name__ == "__main__":
    sys.exit(main())
