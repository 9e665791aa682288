from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.accuracy import character_f1, main
from tests.extraction.pages import PARAGRAPHS, TITLE, article


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    label = {
        "file": "article/1.html",
        "url": None,
        "title": TITLE,
        "date": "2026-03-06 08:30",
        "source": "北辰资讯",
        "author": None,
        "editor": "许砚",
        "body_excerpt": PARAGRAPHS[0],
        "body_tail": PARAGRAPHS[-1],
    }
    line = {
        "raw": "2020-03-06来源:天脉网",
        "date": "2020-03-06",
        "source": "天脉网",
        "author": None,
        "editor": None,
    }
    (tmp_path / "article").mkdir()
    (tmp_path / "article" / "1.html").write_text(
        article().replace("2026-03-06", "2020-03-06"), encoding="utf-8"
    )
    (tmp_path / "articles.json").write_text(
        json.dumps([label | {"date": "2020-03-06 08:30"}]), encoding="utf-8"
    )
    (tmp_path / "info_lines.json").write_text(json.dumps([line]), encoding="utf-8")
    (tmp_path / "lists.json").write_text(json.dumps([{"file": "x", "items": None}]), encoding="utf-8")
    return tmp_path


def test_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "-v"]) == 0
    printed = capsys.readouterr().out
    for column in ("title", "day", "time", "source", "author", "editor", "body", "lines"):
        assert f"{column} 1.000 of 1" in printed


def test_a_missing_folder_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "articles.json" in captured.err


def test_character_f1() -> None:
    assert character_f1("智能日报", "智能日报") == 1
    assert character_f1("", "智能") == 0
    assert character_f1("智能手机", "智能") == pytest.approx(2 / 3)
