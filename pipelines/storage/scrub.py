"""The last look at texts before they reach a statement: what PostgreSQL cannot hold is taken out."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def scrub(value: Any) -> Any:
    """The value without NULs and lone surrogates, however deep; an equal one where it has none.

    >>> scrub({"title": "芯\\0片", "body": ["\\ud83d\\ude00", "\\ud800"]})
    {'title': '芯片', 'body': ['😀', '']}
    """
    cleaned = value
    if isinstance(value, str):
        cleaned = _text(value) if UNSTORABLE.search(value) else value
    elif isinstance(value, list):
        cleaned = [scrub(entry) for entry in value]
    elif isinstance(value, dict):
        cleaned = {scrub(key): scrub(entry) for key, entry in value.items()}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: scrub(getattr(value, field.name)) for field in dataclasses.fields(value)}
        cleaned = dataclasses.replace(value, **fields)
    return cleaned


def _text(value: str) -> str:
    paired = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return paired.replace("\0", "")
