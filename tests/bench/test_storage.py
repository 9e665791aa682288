"""The bench of storage on a handful of rows: that it measures, not what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import storage_writing
from bench.harness import Report, fresh_database, scratch_server, write_table
from bench.storage_filling import TEASERS, fill, teasing_pages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n", encoding="utf-8")
    return page


def test_figures_go_between_their_marks(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(setting="PostgreSQL 18")
    report.line("written", 12345.6, "rows/s")
    report.line("share of COPY", 0.2, least=0.25)
    assert report.missed == ["share of COPY"]
    assert "MISSED" in capsys.readouterr().out
    write_table(page, "figures", report.table())
    lines = page.read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert lines[4:6] == ["| written | 12,346 rows/s |  |", "| share of COPY | 0.200 | at least 0.25 |"]
    with pytest.raises(ValueError, match="has no <!-- other: begin -->"):
        write_table(page, "other", report.table())


def test_writing_and_copying_make_the_same_rows() -> None:
    items = list(teasing_pages(30, "new"))
    with (
        scratch_server(None, fsync=False) as server,
        fresh_database(server, "written") as written,
        fresh_database(server, "copied") as copied,
    ):
        assert storage_writing.write_all(written, items, 7) > 0
        assert storage_writing.copy_all(written, copied) > 0
        rows = storage_writing.count_rows(written)
        # A row of five tables each, and one of the queue; the home page is an outcome.
        assert rows == 30 * (6 + TEASERS) + 1
        assert storage_writing.count_rows(copied) == rows


def test_a_filled_database_is_one_that_the_writer_goes_on_with() -> None:
    report = Report()
    with (
        scratch_server(None, fsync=False) as server,
        fresh_database(server, "empty") as empty,
        fresh_database(server, "filled") as filled,
    ):
        fill(filled, 100, *storage_writing.KINDS)
        storage_writing.compare(report, empty, filled, batches=1)
        assert 100 < storage_writing.bytes_of(filled, "article") < 10_000
    assert len(report.rows) >= 4
