"""Remove from texts what PostgreSQL cannot store, before they reach a statement."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def scrub(value: Any) -> Any:
    """Return the value without NULs and lone surrogates, at any depth; the value itself where it has none.

    >>> scrub({"title": "芯\\0片", "body": ["\\ud83d\\ude00", "\\ud800"]})
    {'title': '芯片', 'body': ['😀', '']}
    """
    texts: list[str] = []
    _gather((value,), texts)
    # Search all texts at once: rebuilding each item only to find it clean took a third of a write's time.
    return _scrubbed(value) if UNSTORABLE.search("\n".join(texts)) else value


def _gather(values: Iterable[Any], texts: list[str]) -> None:
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif value is not None and (parts := _parts(type(value))):  # type: ignore[arg-type]  # mypy takes a type for unhashable
            _gather(parts(value), texts)


@cache
def _parts(kind: type) -> Callable[[Any], Iterable[Any]] | None:
    """Return a getter of what values of a type consist of; ``None`` for types without texts.

    A dataclass has two or more fields.
    """
    if issubclass(kind, (list, tuple)):
        return iter
    if issubclass(kind, dict):
        return lambda value: chain(value.keys(), value.values())
    if dataclasses.is_dataclass(kind):
        return attrgetter(*(field.name for field in dataclasses.fields(kind)))
    return None


def _scrubbed(value: Any) -> Any:
    cleaned = value
    if isinstance(value, str):
        cleaned = _text(value)
    elif isinstance(value, list):
        cleaned = [_scrubbed(entry) for entry in value]
    elif isinstance(value, dict):
        cleaned = {_scrubbed(key): _scrubbed(entry) for key, entry in value.items()}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _scrubbed(getattr(value, field.name)) for field in dataclasses.fields(value)}
        cleaned = dataclasses.replace(value, **fields)
    return cleaned


def _text(value: str) -> str:
    if not UNSTORABLE.search(value):
        return value
    paired = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return paired.replace("\0", "")
