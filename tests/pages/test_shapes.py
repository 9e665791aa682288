"""Pages in the markup of well-known sites, with text of our own: none was looked at while the rules were written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smartdaily_crawler.cleaning.text import paragraphs as clean_paragraphs
from smartdaily_crawler.pages.reading import ArticleReading, ExtractedValue
from smartdaily_crawler.parsing import info_line
from tests.pages.pages import OTHERS, PARAGRAPHS, TITLE, read

FOLDER = Path(__file__).parent / "shapes"
_RELATED = [
    f'<a href="/2026/0305/{number}.html" target="_blank">{title}</a>' for number, (title, _, _) in enumerate(OTHERS)
]
_HOT = [f'<a href="/hot/{n}.html">第{n}条被反复点击的热门旧闻标题</a>' for n in range(1, 6)]


def _each(links: list[str], form: str) -> str:
    return "".join(form.format(link) for link in links)


TEXTS = {
    "$TITLE": TITLE,
    "$P1": PARAGRAPHS[0],
    "$P2": PARAGRAPHS[1],
    "$P3": PARAGRAPHS[2],
    "$SUB": "续航与散热",
    "$SUMMARY": "更大的电池，更安静的散热。",
    "$RELATED_DIV": _each(_RELATED, '<div class="item"><p>{}</p></div>'),
    "$RELATED": _each(_RELATED, "<li>{}</li>"),
    "$HOT_TR": _each(_HOT, "<tr><td>·{}</td></tr>"),
    "$HOT_UL": f"<ul>{_each(_HOT, '<li>{}</li>')}</ul>",
    "$HOT": _each(_HOT, "<li>{}</li>"),
}


def _filled(text: str) -> str:
    for mark, value in TEXTS.items():
        text = text.replace(mark, value.replace('"', '\\"') if text.startswith("{") else value)
    return text


def _value(found: ExtractedValue | None) -> str | None:
    return found.value if found else None


def _facts(reading: ArticleReading, names: dict[str, Any]) -> dict[str, Any]:
    body = clean_paragraphs(reading.body)
    facts = {
        "title": _value(reading.title),
        "published": _value(reading.published),
        "body": body,
        "body_has": [paragraph for paragraph in names.get("body_has", ()) if paragraph in body],
        "teasers": sum(teaser.block == "teasers" for teaser in reading.teasers),
        "ranking": sum(teaser.block == "ranking" for teaser in reading.teasers),
        "image": bool(reading.images),
        "categories": reading.categories,
    }
    for name in ("source", "author", "editor"):
        facts[name] = info_line.name(_value(getattr(reading, name)) or "")
    return {name: facts[name] for name in names}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.html")))
def test_shape(name: str) -> None:
    expected = {"title": TITLE, **json.loads(_filled((FOLDER / f"{name}.json").read_text(encoding="utf-8")))}
    reading = read(_filled((FOLDER / f"{name}.html").read_text(encoding="utf-8")))
    assert _facts(reading, expected) == expected
    assert reading.rejected is None
    if len(expected.get("body_has", ())):
        assert len(reading.body) <= len(expected["body_has"]) + 2
