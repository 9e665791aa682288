"""docs/schema.md ends with the comments of the database's tables, views and columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.storage.schema.describe import START, describe, main
from tests.storage.making import read
from tests.waiting import ROOT

if TYPE_CHECKING:
    from sqlalchemy import Engine

PAGE = ROOT / "docs" / "schema.md"


def test_the_page_is_up_to_date(engine: Engine) -> None:
    """If it fails, run ``python -m pipelines.storage.schema.describe docs/schema.md``."""
    written = PAGE.read_text(encoding="utf-8").partition(START)
    assert written[1] + written[2] == describe(engine)


def test_everything_in_api_is_described(engine: Engine) -> None:
    undescribed = """
        SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = CAST('api' AS regnamespace) AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL
        UNION ALL
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = CAST('api' AS regnamespace) AND obj_description(c.oid, 'pg_class') IS NULL
        UNION ALL
        SELECT p.proname FROM pg_proc p
        WHERE p.pronamespace = CAST('api' AS regnamespace) AND obj_description(p.oid, 'pg_proc') IS NULL
    """
    assert read(engine, undescribed) == []


def test_the_command_replaces_only_the_last_part(tmp_path: Path) -> None:
    page = tmp_path / "schema.md"
    page.write_text(f"By hand.\n\n{START}\n\nOld.\n", encoding="utf-8")
    assert main([str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"By hand.\n\n{START}\n\n## Every")
    assert "Old." not in text
    assert "| `change_xid` | xid8 |" in text
