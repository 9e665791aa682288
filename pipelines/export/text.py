"""Rows as text: CSV, JSON lines, lists of edges. Times have the offset of their site's zone."""

from __future__ import annotations

import codecs
import csv
import json
from datetime import date, datetime
from io import StringIO
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pipelines.storage.read.tables import Kind, Rows

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings of a cell that spreadsheets calculate; the wide ones in Chinese and Japanese editions."""


def json_line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=_plain)


def write_jsonl(sink: IO[bytes], rows: Rows) -> None:
    names = [column.name for column in rows.columns]
    for batch in rows:
        lines = (json_line(dict(zip(names, local(row), strict=False))) for row in batch)
        sink.write("".join(f"{line}\n" for line in lines).encode())


def write_csv(sink: IO[bytes], rows: Rows, encoding: str = "utf-8") -> None:
    """Write a table with a head. What is absent is empty, and a text that spreadsheets would calculate begins with ``'``.

    Raise ``UnicodeEncodeError`` for a text that the encoding has no characters for.
    """
    converters = [_CELLS.get(column.kind) for column in rows.columns]
    encoder = codecs.getincrementalencoder(encoding)()
    lines = StringIO(newline="")
    table = csv.writer(lines)
    table.writerow([column.name for column in rows.columns])
    for batch in rows:
        table.writerows(
            [
                convert(value) if convert and value is not None else value
                for convert, value in zip(converters, local(row), strict=False)
            ]
            for row in batch
        )
        sink.write(encoder.encode(lines.getvalue()))
        lines.seek(0)
        lines.truncate()
    sink.write(encoder.encode(lines.getvalue(), final=True))


def write_edges(sink: IO[bytes], edges: Rows) -> None:
    """Write a line for each edge: source, target, block and position, separated by spaces."""
    for batch in edges:
        sink.write("".join(f"{edge.source} {edge.target} {edge.block} {edge.position}\n" for edge in batch).encode())


def safe(text: str) -> str:
    """Return the text as a cell that no spreadsheet calculates.

    >>> safe("=1+1"), safe("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def local(row: Sequence[Any]) -> Iterator[Any]:
    """Yield the values of a row, with times in the zone of its site."""
    zone = ZoneInfo(row[-1])
    for value in row[:-1]:
        yield value.astimezone(zone) if isinstance(value, datetime) else value


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a type of a column")


_CELLS: Mapping[Kind, Callable[[Any], str]] = {
    "string": safe,
    "strings": lambda texts: safe("\n".join(texts)),
    "date": _plain,
    "time": _plain,
    "json": lambda value: json.dumps(value, ensure_ascii=False),
}
