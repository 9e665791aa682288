"""Rows as Parquet, with the types that readers of Arrow expect."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pipelines.storage.read.tables import Column, Rows

GROUP_ROWS, GROUP_BYTES = 100_000, 64 * 2**20
"""A group of rows is written when it has one of them. It is held in memory, and is what a reader skips or reads at once."""
CURSOR = "smartdaily.cursor"
"""Key of the file's metadata."""

_TYPES: dict[str, Any] = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "strings": pa.list_(pa.string()),
    "date": pa.date32(),
    # A column has one zone, and sites may have several. Files of several exports are one table only if it is always the same.
    "time": pa.timestamp("us", tz="UTC"),
}
_JSON = {
    "images": pa.list_(pa.struct([("url", pa.string()), ("caption", pa.string())])),
    "provenance": pa.map_(pa.string(), pa.string()),
}
"""Types of the columns that hold JSON, by their names."""


def schema_of(columns: list[Column]) -> Any:
    return pa.schema([(each.name, _JSON[each.name] if each.kind == "json" else _TYPES[each.kind]) for each in columns])


def write_parquet(sink: IO[bytes], rows: Rows, cursor: str | None) -> None:
    """Write one file.

    :param cursor: kept in the file's metadata.
    """
    schema = schema_of(rows.columns)
    writer = pq.ParquetWriter(sink, schema.with_metadata({CURSOR: cursor} if cursor else {}), compression="zstd")
    group: list[Any] = []
    size = count = 0
    for batch in rows:
        # The time zone behind the values is left out.
        values = [pa.array(column, each.type) for column, each in zip(zip(*batch, strict=True), schema, strict=False)]
        group.append(pa.RecordBatch.from_arrays(values, schema=schema))
        size, count = size + group[-1].nbytes, count + len(batch)
        if size >= GROUP_BYTES or count >= GROUP_ROWS:
            writer.write_table(pa.Table.from_batches(group, schema))
            group, size, count = [], 0, 0
    if group:
        writer.write_table(pa.Table.from_batches(group, schema))
    writer.close()
