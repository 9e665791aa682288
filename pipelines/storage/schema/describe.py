"""Describe the schema by its comments: `python -m pipelines.storage.schema.describe docs/schema.md` renews the page's last part."""

from __future__ import annotations

import argparse
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.database import open_database
from pipelines.storage.schema import migrate

if TYPE_CHECKING:
    from sqlalchemy import Engine

START = "<!-- From here on the page is written by `python -m pipelines.storage.schema.describe docs/schema.md`. -->"
COLUMNS = text("""
    SELECT c.relname AS relation, obj_description(c.oid, 'pg_class') AS meaning,
           a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull OR c.relkind = 'v' AS is_plain, col_description(c.oid, a.attnum) AS comment
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = CAST(CAST(:schema AS text) AS regnamespace) AND c.relkind IN ('r', 'v')
      AND c.relname <> 'alembic_version' AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname COLLATE "C", a.attnum
""")
FUNCTIONS = text("""
    SELECT proname AS name, pg_get_function_arguments(oid) AS arguments, pg_get_function_result(oid) AS result,
           obj_description(oid, 'pg_proc') AS meaning
    FROM pg_proc WHERE pronamespace = CAST('api' AS regnamespace) ORDER BY proname COLLATE "C"
""")


def describe(engine: Engine) -> str:
    """Return a description of the schemas ``api`` and ``crawl`` in Markdown."""
    parts = [START, "## Every view, function and table", *_relations(engine, "api")]
    with engine.connect() as connection:
        parts += [
            f"### `api.{row.name}`\n\n{row.meaning}.\n\n```\napi.{row.name}({row.arguments})\n→ {row.result}\n```"
            for row in connection.execute(FUNCTIONS)
        ]
    return "\n\n".join([*parts, *_relations(engine, "crawl")]) + "\n"


def renew(page: str, described: str) -> str:
    """Return the page with its last part replaced; the part written by hand stays.

    >>> renew(f"By hand.\\n\\n{START}\\nold\\n", f"{START}\\nnew\\n") == f"By hand.\\n\\n{START}\\nnew\\n"
    True
    """
    return f"{page.partition(START)[0].rstrip()}\n\n{described}"


def _relations(engine: Engine, schema: str) -> list[str]:
    with engine.connect() as connection:
        rows = connection.execute(COLUMNS, {"schema": schema}).all()
    parts = []
    for (relation, meaning), columns in groupby(rows, key=lambda row: (row.relation, row.meaning)):
        lines = [f"### `{schema}.{relation}`", "", f"{meaning}.", "", "| column | type | |", "|---|---|---|"]
        lines += [
            f"| `{column.name}` | {column.type}{'' if column.is_plain else ', or NULL'} | {column.comment} |"
            for column in columns
        ]
        parts.append("\n".join(lines))
    return parts


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m pipelines.storage.schema.describe", description=__doc__)
    parser.add_argument("page", type=Path)
    page: Path = parser.parse_args(arguments).page
    with TemporaryDirectory(prefix="smartdaily-describe-") as folder:
        Path(folder).chmod(0o755)  # the server may run as another user
        with open_database(None, Path(folder)) as database:
            migrate.upgrade(database.engine)
            described = describe(database.engine)
    page.write_text(renew(page.read_text(encoding="utf-8"), described), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
