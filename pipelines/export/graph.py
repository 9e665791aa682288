"""The graph of teasers as GraphML."""

from __future__ import annotations

from datetime import date
from typing import IO, TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from pipelines.export.text import local
from pipelines.export.xml import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.storage.read.tables import Column, Rows

_TYPES = {"int64": "long", "int32": "int", "float64": "double", "bool": "boolean"}
"""GraphML's name of a type; others are strings, as it has neither dates nor lists."""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""


def write_graphml(sink: IO[bytes], nodes: Rows, edges: Rows) -> None:
    """Write a directed graph.

    :param nodes: the first column is their key.
    :param edges: the first two columns are the keys of source and target.
    """
    of_nodes, of_edges = nodes.columns[1:], edges.columns[2:]
    keys = [*_keys("node", of_nodes), *_keys("edge", of_edges)]
    sink.write(f'{_HEAD}{"".join(keys)}<graph id="teasers" edgedefault="directed">\n'.encode())
    for batch in nodes:
        lines = (f'<node id="{key}">{_data("node", of_nodes, values)}</node>\n' for key, *values in map(local, batch))
        sink.write("".join(lines).encode())
    for batch in edges:
        lines = (
            f'<edge source="{source}" target="{target}">{_data("edge", of_edges, values)}</edge>\n'
            for source, target, *values in map(local, batch)
        )
        sink.write("".join(lines).encode())
    sink.write(b"</graph>\n</graphml>\n")


def _keys(of: str, columns: list[Column]) -> list[str]:
    return [
        f'<key id="{of}-{each.name}" for="{of}" attr.name="{each.name}" attr.type="{_TYPES.get(each.kind, "string")}"/>\n'
        for each in columns
    ]


def _data(of: str, columns: list[Column], values: Sequence[Any]) -> str:
    return "".join(
        f'<data key="{of}-{column.name}">{escape(clean(value.isoformat() if isinstance(value, date) else str(value)))}</data>'
        for column, value in zip(columns, values, strict=False)
        if value is not None
    )
