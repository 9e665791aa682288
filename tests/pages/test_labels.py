"""A label added to the vocabulary: read as its field, its line cut from the body, with no other edit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import smartdaily_crawler
from smartdaily_crawler.pages.reading import ArticleReading
from tests.pages.pages import PARAGRAPHS, article, body, paragraphs, read

# More lines than those among which any dated line is taken for the info line.
TEXT = [*PARAGRAPHS, "后续的固件更新将在四月推送，届时还会加入两项用户呼声较高的拍摄功能，老款机型也在适配名单之内。"]
LABELLED = {
    "updated": "末次订正于：2026-03-07 09:15",
    "published": "刊发于：2026-03-06 08:30",
    "source": "供文：北辰资讯",
    "editor": "策编：谢砚",
    "author": "主笔：许知夏",
}
PAGES = {
    "below the title": article(f"<div>{' '.join(LABELLED.values())}</div>", body=f"<div>{paragraphs(TEXT)}</div>"),
    "first lines of the body": article(
        "", body=f"<div>{''.join(f'<p>{line}</p>' for line in LABELLED.values())}{paragraphs(TEXT)}</div>"
    ),
    "last lines of the body": article(
        "", body=f"<div>{paragraphs(TEXT)}{''.join(f'<p>{line}</p>' for line in LABELLED.values())}</div>"
    ),
}
SLASHED = "a slash for a colon"
# Run in a copy of the package.
READ_PAGES = """
import dataclasses, json, sys
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.article import read_article

pages = json.load(sys.stdin)
json.dump({name: dataclasses.asdict(read_article(Document(page, "http://news.example.com/7.html"))) for name, page in pages.items()}, sys.stdout)
"""


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ArticleReading]:
    """The pages, read by a copy of the package in whose vocabulary one label is added to each field."""
    folder = tmp_path_factory.mktemp("labels")
    package = folder / "smartdaily_crawler"
    shutil.copytree(Path(smartdaily_crawler.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    vocabulary = package / "parsing" / "vocabulary.py"
    text = vocabulary.read_text(encoding="utf-8")
    for field, line in LABELLED.items():
        row = f'    "{field}": "'
        assert text.count(row) == 1
        text = text.replace(row, f"{row}{line.partition('：')[0]} ")
    vocabulary.write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", READ_PAGES],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        input=json.dumps(PAGES | {SLASHED: article(body=f"<div>{paragraphs(TEXT)}<p>主笔/许知夏</p></div>")}),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: ArticleReading(**reading) for name, reading in json.loads(ran.stdout).items()}


@pytest.mark.parametrize("place", PAGES)
def test_an_added_label_is_read_as_its_field_and_its_line_cut_from_the_body(
    readings: dict[str, ArticleReading], place: str
) -> None:
    reading = readings[place]
    assert body(reading) == TEXT
    found = {field: getattr(reading, field) for field in LABELLED}
    assert {field: value and value[0] for field, value in found.items()} == LABELLED


def test_an_added_label_is_also_known_before_a_slash(readings: dict[str, ArticleReading]) -> None:
    reading = readings[SLASHED]
    assert body(reading) == TEXT
    assert reading.author
    assert reading.author[0] == "主笔/许知夏"


def test_without_its_label_in_the_vocabulary_the_line_is_text() -> None:
    unknown = read(PAGES["last lines of the body"])
    assert body(unknown) == [*TEXT, *LABELLED.values()]
    assert (unknown.source, unknown.author, unknown.editor) == (None, None, None)
