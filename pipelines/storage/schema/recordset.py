"""Rows on their way to a statement: one JSON parameter carries any number of them.

``json_to_recordset`` gives every column its type on the server, so one statement serves a whole batch, and a value
that does not fit its type fails there as a data error.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Executable, Row


def send(
    connection: Connection, statement: Executable, rows: Iterable[Any], **values: Any
) -> Sequence[Row[Any]]:
    """Run the statement with ``rows`` as its parameter of that name; the rows it returns. Nothing to send: no call."""
    sent = list(rows)
    if not sent:
        return []
    result = connection.execute(statement, {"rows": as_json(sent), **values})
    return result.all() if result.returns_rows else []


def as_json(value: Any, *, other: Callable[[Any], Any] | None = None) -> str:
    """JSON that PostgreSQL casts to the columns' types; ``other`` turns what JSON and we do not know.

    >>> as_json({"key": b"\\x01", "on": date(2026, 3, 6)})
    '{"key":"\\\\\\\\x01","on":"2026-03-06"}'
    """

    def convert(unknown: Any) -> Any:
        if isinstance(unknown, date):
            return unknown.isoformat()
        if isinstance(unknown, bytes):
            return f"\\x{unknown.hex()}"
        if other is not None:
            return other(unknown)
        raise TypeError(f"a {type(unknown).__name__} is no value of a column")

    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=convert)
