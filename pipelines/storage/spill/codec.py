"""Encode items as JSON values and decode them, for the spool and the dead letters, which outlive the process."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from smartdaily_crawler.items import Item

TYPES: dict[str, type[Any]] = {cls.__name__: cls for cls in get_args(Item)}


class NotAnItemError(Exception):
    """The stored value is no valid item; the message is one line that names the field."""


def encode(item: Item) -> dict[str, Any]:
    """Return ``{"type", "fields"}``. Encode a value of the wrong type as ``{"repr": […]}``, which ``decode`` rejects.

    Keep texts unchanged, NULs and lone surrogates included: a JSON file can hold them escaped; jsonb cannot.
    """
    return {"type": type(item).__name__, "fields": _plain(type(item), item)}


def decode(encoded: Any) -> Item:
    """Return an item equal to the encoded one. Raise NotAnItemError."""
    name = encoded.get("type") if isinstance(encoded, dict) else None
    if not isinstance(name, str) or name not in TYPES:
        raise NotAnItemError("it is of no known type")
    item: Item = _typed(TYPES[name], encoded.get("fields"), name)
    return item


def _plain(hint: Any, value: Any) -> Any:  # noqa: PLR0911 - one line a type, as in _typed
    kind, arguments, is_optional = _split_hint(hint)
    if value is None and is_optional:
        return None
    if _is_record(kind) and isinstance(value, kind):
        return {name: _plain(hint, getattr(value, name)) for name, hint in _hints(kind).items()}
    if kind is list and isinstance(value, list):
        return [_plain(arguments[0], entry) for entry in value]
    if kind is dict and isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {name: _plain(arguments[1], entry) for name, entry in value.items()}
    if kind is datetime and isinstance(value, datetime):
        return value.isoformat()
    if kind is date and isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if kind is bytes and isinstance(value, bytes):
        return value.hex()
    return value if _fits(kind, arguments, value) else {"repr": [repr(value)]}


def _typed(hint: Any, value: Any, place: str) -> Any:  # noqa: PLR0911
    """Return the value as the type that ``hint`` annotates; ``place`` names it in error messages."""
    kind, arguments, is_optional = _split_hint(hint)
    if value is None and is_optional:
        return None
    try:
        if _is_record(kind) and isinstance(value, dict):
            hints = _hints(kind)
            return kind(**{name: _typed(hints[name], entry, f"{place}.{name}") for name, entry in value.items()})
        if kind is list and isinstance(value, list):
            return [_typed(arguments[0], entry, f"{place}[{index}]") for index, entry in enumerate(value)]
        if kind is dict and isinstance(value, dict):
            return {name: _typed(arguments[1], entry, f"{place}[{name!r}]") for name, entry in value.items()}
        if kind in (date, datetime) and isinstance(value, str):
            return kind.fromisoformat(value)
        if kind is bytes and isinstance(value, str):
            return bytes.fromhex(value)
    except (KeyError, TypeError, ValueError) as error:  # a field is unknown, missing or malformed
        raise NotAnItemError(f"{place} cannot be read: {error}") from None
    if not _fits(kind, arguments, value):
        raise NotAnItemError(f"{place} may not be {str(value)[:80]!r}")
    return value


def _split_hint(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """Split an annotation into its type, the type's arguments, and whether ``None`` is allowed."""
    if get_origin(hint) in (Union, UnionType):  # of a Literal and None Python makes the former
        [wanted] = [argument for argument in get_args(hint) if argument is not NoneType]
        return *_split_hint(wanted)[:2], True
    return get_origin(hint) or hint, get_args(hint), False


def _fits(kind: Any, arguments: tuple[Any, ...], value: Any) -> bool:
    if kind is Literal:
        return value in arguments
    return kind in (str, int, bool) and isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _is_record(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind)


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)
