"""The formats of an export, and what is exported in each."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Self

from pipelines.export.errors import RefusedError
from smartdaily_crawler.extras import how_to_install

if TYPE_CHECKING:
    from pipelines.storage.read.feed import Cursor
    from pipelines.storage.read.tables import Selection, Snapshot

_TABLES = ("parquet", "csv", "jsonl")
FORMATS = {
    **dict.fromkeys(("articles", "teasers", "revisions", "changes"), _TABLES),
    "graph": ("graphml", "edgelist", *_TABLES),
    "feed": ("atom",),
}
"""Formats of each subject."""
_ENDINGS = {"ndjson": "jsonl"}
"""Formats by endings of files that are not their names."""


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    encoding: str
    """Of CSV."""

    @classmethod
    def choose(cls, subject: str, given: str | None, target: str, encoding: str) -> Self:
        """Return the format of that name, else the one that the ending of the target names.

        Raise RefusedError for a format that the subject does not have, or that cannot be written here.
        """
        ending = target.rpartition(".")[2].lower()
        formats = FORMATS[subject]
        only = formats[0] if len(formats) == 1 else None
        name = given or only or _ENDINGS.get(ending, ending)
        if name not in formats:
            found = f"not {given!r}" if given else f"and {target} does not tell which"
            raise RefusedError(f"{subject} takes --format {', '.join(formats)}, {found}")
        if name == "parquet":
            need_pyarrow(name)
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise RefusedError(f"FEED_EXPORT_ENCODING: there is no encoding {encoding!r}") from None
        return cls(name, encoding)

    @property
    def is_whole(self) -> bool:
        """True if a part of the format is useless."""
        return self.name in ("parquet", "graphml", "atom")

    def write(
        self, sink: IO[bytes], snapshot: Snapshot, subject: str, selection: Selection, cursor: Cursor | None
    ) -> int:
        """Write all rows; return their number. Raise RefusedError for a text that the encoding cannot hold."""
        from pipelines.export import text  # noqa: PLC0415 - as below

        rows = snapshot.rows("edges" if subject == "graph" else subject, selection)
        match self.name:
            case "parquet":
                from pipelines.export.parquet import write_parquet  # noqa: PLC0415 - an extra

                write_parquet(sink, rows, str(cursor) if cursor else None)
            case "csv":
                try:
                    text.write_csv(sink, rows, self.encoding)
                except UnicodeEncodeError as error:
                    raise RefusedError(f"FEED_EXPORT_ENCODING: {error}") from None
            case "jsonl":
                text.write_jsonl(sink, rows)
            case "edgelist":
                text.write_edges(sink, rows)
            case "graphml":
                from pipelines.export.graph import write_graphml  # noqa: PLC0415 - few exports need it

                write_graphml(sink, snapshot.rows("nodes", selection), rows)
        return rows.count


def need_pyarrow(what: str) -> None:
    """Raise RefusedError where pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        raise RefusedError(f"{what} needs pyarrow: {how_to_install('export')}")
