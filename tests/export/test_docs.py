"""The examples of docs/exports.md run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from sqlalchemy import text

from tests.export.test_libraries import library
from tests.waiting import ROOT

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.crawl.conftest import Scrapy

PAGE = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
CURSOR = r"[0-9a-f]{12}-\d+-\d+"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_examples_for_libraries(
    stored: Engine, scrapy: Scrapy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in re.findall(r"^import (\w+)", PAGE, re.MULTILINE):
        library(name)
    monkeypatch.chdir(tmp_path)
    cursor = ""
    with stored.begin() as connection:  # the names of the examples
        connection.execute(text("UPDATE crawl.category SET name = '智能手机'"))
        connection.execute(text("UPDATE crawl.site SET name = 'news.example' WHERE name = 'smartdaily'"))
    for line in re.findall(r"^\$ scrapy (export .*)", blocks("console")[0], re.MULTILINE):
        words = shlex.split(re.sub(CURSOR, cursor, line))
        if "s3:" not in line:
            words = [str(tmp_path / word) if "." in word and word != "news.example" else word for word in words]
            done = scrapy(*words)
            assert done.returncode == 0, done.stderr
            cursor = cursor or done.stdout.split()[-1]
    assert {path.suffix for path in tmp_path.iterdir()} == {".parquet", ".csv", ".atom", ".graphml"}
    for block in blocks("python"):
        exec(compile(block, "docs/exports.md", "exec"), {})
    printed = capsys.readouterr().out
    assert f"scrapy export articles -o articles.parquet --after {cursor}" in printed
    assert "智能手机" in printed
    assert Path("news.duckdb").stat().st_size


def test_sources_for_dbt_exist(engine: Engine) -> None:
    [source] = yaml.safe_load(blocks("yaml")[0])["sources"]
    with engine.connect() as connection:
        for table in source["tables"]:
            names = ", ".join(column["name"] for column in table.get("columns", [])) or "*"
            connection.execute(text(f"SELECT {names} FROM {source['schema']}.{table['name']}"))
        query = re.sub(r"{{ source\('smartdaily', '(\w+)'\) }}", r"api.\1", blocks("sql")[0])
        connection.execute(text(query))
