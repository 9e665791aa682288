"""``scrapy diff``: show two revisions of an article side by side, with their differences marked."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import groupby
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text
from scrapy.exceptions import UsageError

from pipelines.storage.database import Database
from pipelines.storage.read import revisions
from pipelines.storage.read.revisions import Difference, Revised, Revision
from pipelines.storage.read.text_diff import Pair, Span
from pipelines.storage.read.times import printed
from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.output import console, ignore_broken_pipe, say
from smartdaily_crawler.crawl.arguments import ArgumentError

_NARROWEST = 50
"""Least width of the table in cells. A narrower terminal wraps its lines, so that nothing is cut."""
_GAP = 2


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "[options] <article id or url>"

    def short_desc(self) -> str:
        return "Show two revisions of an article side by side"

    def long_desc(self) -> str:
        return "In a pipe: one line per paragraph that differs, - before and + after, in full width."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--from", dest="old", metavar="N", help="default: the one before --to")
        parser.add_argument("--to", dest="new", metavar="M", help="default: the latest")
        parser.add_argument("--all", action="store_true", help="show what is equal, too")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one article by its id or its URL", print_help=False)
        numbers = _number("--from", opts.old), _number("--to", opts.new)
        with ignore_broken_pipe(), self.database() as database:
            article = _find(database, args[0])
            _show(article, *_choose(database, article, *numbers), show_all=opts.all)


def _number(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**31:
        raise ArgumentError(f"{option} takes the number of a revision, from 1 up, not {text!r}")
    return int(text)


def _find(database: Database, key: str) -> Revised:
    if key.isascii() and key.isdigit():
        found = revisions.by_id(database.engine, int(key))
    else:
        try:
            found = revisions.by_url(database.engine, canonicalize(key))
        except ValueError as error:
            raise ArgumentError(f"{key!r} is neither an id nor a URL: {error}") from None
    if found is None:
        raise ArgumentError(f"there is no article {key}")
    return found


def _choose(database: Database, article: Revised, old: int | None, new: int | None) -> tuple[Revision, Revision]:
    if article.latest == 0:
        raise ArgumentError(f"article {article.article_id} was not fetched yet: it has no revision")
    if article.latest == 1:
        raise ArgumentError(f"article {article.article_id} has one revision only: there is nothing to compare")
    last = article.latest if new is None else new
    first = (last - 1 or 2) if old is None else old
    if first == last:
        raise ArgumentError(f"--from and --to name the same revision, {first}")
    found = revisions.read(database.engine, article, {first, last})
    for number in (last, first):
        if number not in found:
            raise ArgumentError(f"article {article.article_id} has revisions 1 to {article.latest}, not {number}")
    return found[first], found[last]


def _show(article: Revised, old: Revision, new: Revision, *, show_all: bool) -> None:
    zone = ZoneInfo(article.timezone)
    parts = revisions.differences(old, new, zone)
    heads = [f"revision {side.revision}, {printed(side.fetched_at, zone)}" for side in (old, new)]
    if sys.stdout.isatty():
        width = max(console().width, _NARROWEST)
        console(width).print(_table(article, heads, parts, width, show_all=show_all))
    else:
        headlines = (f"article {article.article_id}  {article.url}", f"--- {heads[0]}", f"+++ {heads[1]}")
        for line in (*headlines, *_lines(parts, show_all=show_all)):
            say(line)
    if all(pair.is_same for part in parts for pair in part.pairs):
        say("The two revisions are equal.")


def _lines(parts: list[Difference], *, show_all: bool) -> Iterator[str]:
    """Yield the lines for a pipe, one per text."""
    for part in parts:
        for pair in part.pairs:
            if pair.is_same:
                if show_all and pair.old is not None:
                    yield f"  {part.name}: {pair.old}"
                continue
            if pair.old is not None:
                yield f"- {part.name}: {pair.old}"
            if pair.new is not None:
                yield f"+ {part.name}: {pair.new}"


def _table(article: Revised, heads: list[str], parts: list[Difference], width: int, *, show_all: bool) -> Table:
    names = max(len(part.name) for part in parts)
    column = (width - names - 3 * _GAP) // 2
    table = Table(
        title=f"article {article.article_id}  {article.url}",
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, _GAP, 0, 0),
        pad_edge=False,
    )
    table.add_column(style="dim", width=names, no_wrap=True)
    for head in heads:
        table.add_column(head.replace(", ", "\n"), width=column, header_style="bold", overflow="fold")
    for part in parts:
        labels = iter([part.name])  # the first row has the name, the others a dot
        for is_left_out, pairs in groupby(part.pairs, lambda pair: pair.is_same and not show_all):
            if not is_left_out:
                for pair in pairs:
                    table.add_row(next(labels, "·"), *_sides(pair, column))
            elif part.name == "body":
                table.add_row(next(labels, "·"), *[Text(_left_out(len(list(pairs))), "dim")] * 2)
    return table


def _left_out(paragraphs: int) -> str:
    return f"… {paragraphs} equal paragraph{'s' if paragraphs > 1 else ''}"


def _sides(pair: Pair, width: int) -> tuple[Text, Text]:
    """Return both texts with their differences marked; a text without a counterpart is marked as a whole."""
    return (
        _side(pair.old, pair.old_spans, "red", width, is_alone=pair.new is None),
        _side(pair.new, pair.new_spans, "green", width, is_alone=pair.old is None),
    )


def _side(value: str | None, spans: tuple[Span, ...], colour: str, width: int, *, is_alone: bool) -> Text:
    text = Text(value or "", colour if is_alone else "")
    for start, end in spans:
        text.stylize(f"bold {colour} underline", start, end)
    return Text("\n").join(text.divide(_breaks(text.plain, width)))


def _breaks(text: str, width: int) -> list[int]:
    """Return the indices at which new lines start. Chinese breaks anywhere, a Latin word only if it is wider than a line.

    >>> _breaks("售价Norvia 3元", 8)
    [2, 10]
    """
    breaks: list[int] = []
    used = start = 0
    for at, char in enumerate(text):
        used += cell_len(char)
        if used > width:
            word = at
            while word > start and text[word - 1].isascii() and text[word - 1].isalnum() and char.isascii():
                word -= 1
            start = word if word > start else at
            breaks.append(start)
            used = cell_len(text[start : at + 1])
    return breaks
