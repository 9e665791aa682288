"""Items as plain values of JSON and back, for what must outlive the process: the spool and the dead letters."""

from __future__ import annotations

import dataclasses
import math
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipelines.storage.batch import Item

TYPES: dict[str, type[Any]] = {cls.__name__: cls for cls in get_args(Item)}


class NotAnItemError(Exception):
    """What was kept is no item; the message is one line that names the field."""


def encode(item: Item) -> dict[str, Any]:
    """``{"type", "fields"}``. A value of a type that no field may have becomes ``{"repr": […]}``, which is never decoded.

    Texts are kept as they are, NULs and lone surrogates too: a JSON file takes them escaped, jsonb does not take them.
    """
    return {"type": type(item).__name__, "fields": _plain(item)}


def decode(kept: Any) -> Item:
    """The item that was encoded, equal to it. Raises NotAnItemError."""
    if not isinstance(kept, dict) or kept.get("type") not in TYPES:
        raise NotAnItemError("it is of no known type")
    item: Item = _typed(TYPES[kept["type"]], kept.get("fields"), kept["type"])
    return item


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line a type, as in the next
    match value:
        case None | str() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case date():  # a datetime is one too
            return value.isoformat()
        case bytes():
            return value.hex()
        case list():
            return [_plain(entry) for entry in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {key: _plain(entry) for key, entry in value.items()}
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return {"repr": [repr(value)]}  # the list: a dict of texts would be a provenance


def _typed(hint: Any, value: Any, place: str) -> Any:  # noqa: PLR0911
    """The value as the annotation ``hint`` has it; ``place`` names it in complaints."""
    kind: Any = get_origin(hint) or hint
    arguments = get_args(hint)
    if kind is UnionType:
        [hint] = [argument for argument in arguments if argument is not NoneType]
        return None if value is None else _typed(hint, value, place)
    try:
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, dict):
            hints = _hints(kind)
            return kind(
                **{name: _typed(hints[name], entry, f"{place}.{name}") for name, entry in value.items()}
            )
        if kind is list and isinstance(value, list):
            return [_typed(arguments[0], entry, f"{place}[{index}]") for index, entry in enumerate(value)]
        if kind is dict and isinstance(value, dict):
            return {name: _typed(arguments[1], entry, f"{place}[{name!r}]") for name, entry in value.items()}
        if kind in (date, datetime) and isinstance(value, str):
            return kind.fromisoformat(value)
        if kind is bytes and isinstance(value, str):
            return bytes.fromhex(value)
    except (KeyError, TypeError, ValueError) as error:  # a field unknown, missing, or not of its form
        raise NotAnItemError(f"{place} cannot be read: {error}") from None
    if (kind is Literal and value in arguments) or (kind in (str, int) and type(value) is kind):
        return value
    raise NotAnItemError(f"{place} may not be {str(value)[:80]!r}")


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)
