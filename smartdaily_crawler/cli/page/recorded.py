"""Recorded pages of a site: bytes, clock and the fields that its rules have to read, as the tests of those rules.

Each is two files in ``RECORDED_DIR/SPIDER/``: ``NAME.page`` with the bytes of the response, ``NAME.json`` with the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from smartdaily_crawler.cli.page.reading import FIELDS, LISTS, LoadedPage, Rules, read

_COMPARED = ("rejected", *FIELDS, *LISTS)
_NAME = 60
"""Characters of a file's name."""


@dataclass(frozen=True, slots=True)
class RecordedPage:
    folder: Path
    name: str
    page: LoadedPage
    expected: dict[str, Any]

    @classmethod
    def of(cls, folder: Path, page: LoadedPage, facts: dict[str, Any]) -> Self:
        """Return a page with what ``read`` returned for it."""
        return cls(folder, _name(page.url), page, {name: facts[name] for name in _COMPARED})

    @classmethod
    def load(cls, file: Path) -> Self:
        """Return the page of a ``.json`` file. Raise ``ValueError`` if it is incomplete."""
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            body = file.with_suffix(".page").read_bytes()
            clock = datetime.fromisoformat(facts["at"])
            page = LoadedPage({}, body, facts["content_type"], facts["url"], clock)
            return cls(file.parent, file.stem, page, facts["expected"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file} is no recorded page: {error}") from error

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.json"

    def save(self) -> None:
        """Write both files. Raise OSError if that is impossible."""
        self.folder.mkdir(parents=True, exist_ok=True)
        facts = {"url": self.page.url, "content_type": self.page.content_type, "at": self.page.clock}
        text = json.dumps({**facts, "expected": self.expected}, ensure_ascii=False, indent=2, default=str)
        self.file.with_suffix(".page").write_bytes(self.page.body)
        self.file.write_text(text + "\n", encoding="utf-8")

    def differences(self, rules: Rules) -> list[str]:
        """Return a line for each field that the rules read differently."""
        facts = read(self.page, rules)
        return [
            f"{name}: expected {self.expected[name]!r}, read {facts[name]!r}"
            for name in _COMPARED
            if name in self.expected and facts[name] != self.expected[name]
        ]


def recorded(folder: Path) -> Iterator[Path]:
    """Yield the ``.json`` files of a spider's recorded pages by name; none if it has no folder."""
    yield from sorted(folder.glob("*.json"))


def _name(url: str) -> str:
    """Return the name of a page's files.

    >>> _name("https://news.example.cn/2026/03/a.html?id=7")
    '2026-03-a.html-id-7'
    """
    parts = urlsplit(url)
    return re.sub(r"[^\w.]+", "-", f"{parts.path}-{parts.query}").strip("-.")[-_NAME:] or "home"
