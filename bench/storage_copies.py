"""Texts of the bundled site, copies of them as on other sites, and unrelated texts on the same subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from demo.stories import CATEGORIES
from demo.text import Writer
from pipelines.storage.text.minhash import SHORTEST, letters

EDITED = 0.05
CUT = 0.2
Make = Callable[[list[str], Random], list[str]]


@dataclass(frozen=True)
class Family:
    """An original with its copies and unrelated texts: paragraphs by name."""

    original: list[str]
    copies: dict[str, list[str]] = field(default_factory=dict)
    unrelated: dict[str, list[str]] = field(default_factory=dict)
    """Another story on the same brand, product and topic, and one that quotes the original's longest paragraph."""


def families(count: int, seed: str = "families") -> list[Family]:
    """Return ``count`` originals, each with its copies and unrelated texts."""
    rng = Random(seed)
    made: list[Family] = []
    while len(made) < count:
        writer = _writer(rng)
        body = _long(writer)
        copies = {name: make(body, rng) for name, make in COPIES.items()}
        quoting = _long(writer)
        quoting[1:1] = [max(body[1:], key=len)[:80]]
        made.append(Family(body, copies, {"same topic": _long(writer), "quotes": quoting}))
    return made


def long_body(seed: str) -> list[str]:
    return _long(_writer(Random(seed)))


def _writer(rng: Random) -> Writer:
    return Writer(rng, rng.choice(list(CATEGORIES)))


def _long(writer: Writer) -> list[str]:
    """Return a body that is long enough for all its copies to be compared, including the shortened one."""
    while len(letters("".join(body := writer.body()))) < SHORTEST / (1 - CUT) + 10:
        pass
    return body


def _edited(body: list[str], rng: Random) -> list[str]:
    """Replace one in twenty characters all over the text: the hardest kind of light edit to detect."""
    pool = "".join(body)
    return ["".join(rng.choice(pool) if rng.random() < EDITED else char for char in line) for line in body]


def _rewritten(body: list[str], rng: Random) -> list[str]:
    """Replace a twentieth of the text in one place, as an editor does."""
    text = "\n".join(body)
    size = int(len(text) * EDITED)
    start = rng.randrange(len(text) - size)
    other = "".join(_writer(rng).body())[:size]
    return (text[:start] + other + text[start + size :]).split("\n")


def _cut(body: list[str], _: Random) -> list[str]:
    text = "\n".join(body)
    return text[: int(len(text) * (1 - CUT))].split("\n")


COPIES: dict[str, Make] = {
    "new lead": lambda body, rng: [_writer(rng).paragraph("opening", 1), *body],
    "other lead": lambda body, rng: [_writer(rng).paragraph("opening", 1), *body[1:]],
    "new tail": lambda body, rng: [*body, _writer(rng).paragraph("view", 2)],
    "5 % single characters": _edited,
    "5 % in one place": _rewritten,
    "cut by a fifth": _cut,
}
