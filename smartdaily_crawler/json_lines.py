"""A log as lines of JSON. Needs the extra ``metrics``."""

from __future__ import annotations

import json
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from smartdaily_crawler.cleaning.text import visible


class JsonLines(JsonFormatter):
    """Give ``level``, ``logger``, ``message``, ``time`` in UTC, and what ``RunLog`` adds; characters of control are escaped."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            reserved_attrs=[*RESERVED_ATTRS, "spider"],
            timestamp="time",
            json_serializer=_serialize,
        )


def _serialize(facts: Any, **options: Any) -> str:
    return visible(json.dumps(facts, **(options | {"ensure_ascii": False})))
