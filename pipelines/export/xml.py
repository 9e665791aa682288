"""Texts in XML."""

from __future__ import annotations

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold.

    >>> clean("芯\\x0b片")
    '芯片'
    """
    return _ILLEGAL.sub("", text)
