"""Generate Chinese tech news by a grammar, with words drawn from ``words.toml`` by a given random generator."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

Draw = Callable[[Random], str]
SLOT = re.compile(r"\{([^{}]+)\}")
WHOLE = re.compile(r"(\d+)-(\d+)(?:/(\d+))?")
DECIMAL = re.compile(r"(\d+\.\d)-(\d+\.\d)")
ASCII_PUNCTUATION = str.maketrans("，：！？（）", ",:!?()")
TITLE_LENGTHS = (12, 35)
PARAGRAPH_KINDS = ("fact", "quote", "market", "view", "hand")


@cache
def words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


class Writer:
    """Generate one article from the vocabulary of a category, about one brand, product, rival and topic."""

    def __init__(self, rng: Random, category: str) -> None:
        self.rng = rng
        self.bags: dict[str, list[str]] = {}
        found = words()
        self.lists: dict[str, list[str]] = found["grammar"] | found["common"] | found["category"][category]
        brand, rival = rng.sample(self.lists["brand"], 2)
        self.kept: dict[str, str] = {"brand": brand, "topic": rng.choice(self.lists["topic"])}
        self.kept["product"] = spaced(brand, self.fill("{series}{grade}"))
        self.kept["rival"] = spaced(rival, self.fill("{series}"))
        self.ascii = rng.random() < 0.4  # noqa: PLR2004 - the share of articles typed with ASCII punctuation

    def fill(self, template: str) -> str:
        return SLOT.sub(lambda slot: self._value(slot[1]), template)

    def _value(self, slot: str) -> str:
        if number := DECIMAL.fullmatch(slot):
            return f"{self.rng.uniform(float(number[1]), float(number[2])):.1f}"
        if number := WHOLE.fullmatch(slot):
            return str(self.rng.randrange(int(number[1]), int(number[2]) + 1, int(number[3] or 1)))
        if slot in self.kept:
            return self.kept[slot]
        if slot == "person":
            return person(self.rng)
        return self.fill(self.rng.choice(self.lists[slot.rstrip("2")]))

    def draw(self, kind: str) -> str:
        """Return an entry of a grammar list, filled; none is repeated before all have been used."""
        if not self.bags.get(kind):
            self.bags[kind] = self.rng.sample(self.lists[kind], len(self.lists[kind]))
        return self.fill(self.bags[kind].pop())

    def line(self, kind: str) -> str:
        """Draw an entry, and return it in the article's punctuation."""
        return self._typed(self.draw(kind))

    def paragraph(self, kind: str, sentences: int) -> str:
        return self._typed("".join(self._sentence(kind) for _ in range(sentences)))

    def _typed(self, text: str) -> str:
        return text.translate(ASCII_PUNCTUATION) if self.ascii else text

    def _sentence(self, kind: str) -> str:
        if kind == "quote":
            return self.draw("says") + self.draw(kind)
        if kind in {"opening", "fact", "hand"}:
            return f"{self.draw(kind)}，{self.draw('link')}。"
        return f"{self.draw(kind)}。"

    def body(self) -> list[str]:
        """Return three to eight paragraphs: an opening, a middle of several kinds, an ending."""
        middle = [
            self.paragraph(self.rng.choice(PARAGRAPH_KINDS), self.rng.choice((1, 2, 2, 3, 3, 4, 6)))
            for _ in range(self.rng.randint(1, 6))
        ]
        lead = self.paragraph("opening", 1) + self.paragraph("fact", self.rng.randint(1, 2))
        return [lead, *middle, self.paragraph("view", 1) + self.line("ending")]

    def title(self) -> str:
        """Return 12 to 35 characters."""
        while not TITLE_LENGTHS[0] <= len(text := self.line("title")) <= TITLE_LENGTHS[1]:
            pass
        return text


def spaced(left: str, right: str) -> str:
    """Join two words as in Chinese text: with a space only between two latin ones."""
    return f"{left} {right}" if left[-1].isascii() and right[0].isascii() else left + right


def person(rng: Random) -> str:
    common = words()["common"]
    return str(rng.choice(common["surname"]) + rng.choice(common["given"]))


def nickname(rng: Random) -> str:
    """Return an editor's name: a pen name or a full name."""
    return str(rng.choice(words()["common"]["nickname"])) if rng.randrange(2) else person(rng)


def source(rng: Random) -> str:
    return str(rng.choice(words()["common"]["source"]))


def cut(paragraphs: list[str], length: int) -> str:
    """Return the start of a text as lists print it, with ``…`` if something is missing.

    >>> cut(["一二三四五"], 3), cut(["一二", "三"], 9)
    ('一二三…', '一二 三')
    """
    text = " ".join(paragraphs)
    return text if len(text) <= length else text[:length].rstrip() + "…"
