"""The comparison as a Markdown table, and its place in a document."""

from __future__ import annotations

import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version

from bench.comparison import Comparison, Result
from bench.scoring import COLUMNS, Score

BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
_NONE = "–"


def as_markdown(found: Comparison) -> str:
    head = ["reader", *COLUMNS, "worst body", "ms median", "ms mean"]
    lines = [_row(head), _row(["---"] + ["---:"] * (len(head) - 1))]
    lines += [_row(_cells(result)) for result in found.results]
    lines += ["", _others(found), "", f"Pages: {_counts(found.ours)}. {_failures(found)}", "", _made(found)]
    return "\n".join(lines)


def _others(found: Comparison) -> str:
    return (
        f"Info lines with every field right: {_of(found.info_lines)}. "
        f"List pages with their entries counted as labelled: {_of(found.lists)}."
    )


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(result: Result) -> list[str]:
    shares = [
        f"{result.scores[column].share:.3f}" if column in result.scores else _NONE for column in COLUMNS
    ]
    worst = f"{result.scores['body'].least:.3f}" if "body" in result.scores else _NONE
    return [result.reader.name, *shares, worst, f"{result.median:.1f}", f"{result.mean:.1f}"]


def _of(score: Score) -> str:
    return f"{round(sum(score.right))} of {len(score.right)}"


def _counts(ours: Result) -> str:
    """How many pages each share is of."""
    return ", ".join(f"{column} {len(score.right)}" for column, score in ours.scores.items())


def _failures(found: Comparison) -> str:
    failed = [f"{result.reader.name} {result.failed}" for result in found.results if result.failed]
    return f"Pages on which a reader raised, read as empty: {', '.join(failed) or 'none'}."


def _made(found: Comparison) -> str:
    versions = sorted({result.reader.version for result in found.results[1:]})
    with_what = [f"Python {platform.python_version()}", f"lxml {version('lxml')}", *versions]
    return f"Measured on {datetime.now(UTC):%Y-%m-%d} with {', '.join(with_what)}."


def replace_table(text: str, table: str) -> str:
    """The text with the table between its two marks; ``ValueError`` where it has none."""
    marked = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not marked.search(text):
        raise ValueError(f"no {BEGIN} … {END} to write between")
    return marked.sub(lambda _: f"{BEGIN}\n{table}\n{END}", text, count=1)
