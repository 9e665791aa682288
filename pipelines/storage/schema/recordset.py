"""Pass any number of rows to a statement as one JSON parameter.

``json_to_recordset`` gives every column its type on the server, so one statement serves a whole batch, and a value
that does not fit its type fails there as a data error.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Executable, Row
    from sqlalchemy.orm import InstrumentedAttribute

    from pipelines.storage.schema.models import Base

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's


def recordset(
    table: type[Base], names: str | Iterable[str], /, *, of: str = "rows", **others: InstrumentedAttribute[Any] | str
) -> str:
    """Return the SQL of a parameter's rows, with each column's type as the models have it.

    :param names: columns of *table*, separated by spaces where it is one string.
    :param of: name of the parameter.
    :param others: columns of other names: those of a model whose type they have, or a type.

    >>> from pipelines.storage.schema.models import Article
    >>> recordset(Article, "article_id title", at=Article.last_seen_at, is_final="boolean")
    'json_to_recordset(CAST(:rows AS json)) AS r(article_id BIGINT, title TEXT, at TIMESTAMP WITH TIME ZONE, is_final boolean)'
    """
    listed = names.split() if isinstance(names, str) else names
    types = {name: table.__table__.columns[name].type for name in listed} | {
        name: other if isinstance(other, str) else other.type for name, other in others.items()
    }
    columns = ", ".join(
        f"{name} {type_ if isinstance(type_, str) else type_.compile(_DIALECT)}" for name, type_ in types.items()
    )
    return f"json_to_recordset(CAST(:{of} AS json)) AS r({columns})"


def send(connection: Connection, statement: Executable, rows: Iterable[Any], **values: Any) -> Sequence[Row[Any]]:
    """Run the statement with ``rows`` as its parameter of that name; return its rows. Without ``rows`` it is not run."""
    sent = list(rows)
    if not sent:
        return []
    result = connection.execute(statement, {"rows": as_json(sent), **values})
    return result.all() if result.returns_rows else []


def as_json(value: Any, *, other: Callable[[Any], Any] | None = None) -> str:
    """Return JSON that PostgreSQL casts to the columns' types; ``other`` converts values of other types than JSON, date and bytes.

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

    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=convert, check_circular=False
    )
