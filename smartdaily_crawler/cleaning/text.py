"""Normalize text: single spaces, no characters that are invisible or that PostgreSQL cannot store."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Private-use characters come from GBK fillers (bytes A3A0 decode to U+E5E5) and icon fonts; both are replaced by a space.
_GAP = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd\\s]+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
# A zero-width joiner is visible only between two emoji, which it combines.
_PICTURE = "[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]"
_STRAY_JOINER = re.compile(f"(?<!{_PICTURE})\u200d|\u200d(?!{_PICTURE})")

# Controls, among them escape sequences and line breaks, marks that turn the direction of writing, and halves of characters.
_ACTIVE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def visible(text: str) -> str:
    """Return the text with each character that a terminal would act upon, but for tabs, as an escape of JSON.

    Text of JSON keeps its meaning.

    >>> visible("快讯\\x1b[31m\\n2026-03-06 ERROR")
    '快讯\\\\u001b[31m\\\\n2026-03-06 ERROR'
    """
    return _ACTIVE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return {"\n": "\\n", "\r": "\\r"}.get(found[0], f"\\u{ord(found[0]):04x}")


def clean(text: str) -> str | None:
    """Return the text with single spaces and without invisible characters, trimmed; ``None`` if nothing is left.

    >>> clean("\\u3000\\u3000天脉网\\u200b\\xa0 科技\\n")
    '天脉网 科技'
    >>> clean("\\ue5e5\\ue5e5") is None
    True
    """
    # The fast path of most texts; the combining grapheme joiner counts as printable.
    if text.isprintable() and "\u034f" not in text and "  " not in text:
        return text.strip() or None
    seen = _UNSEEN.sub("", text)
    if "\u200d" in seen:
        seen = _STRAY_JOINER.sub("", seen)
    return _GAP.sub(" ", seen).strip() or None


def paragraphs(texts: Iterable[str]) -> list[str]:
    """Return the cleaned texts in order, without empty ones.

    >>> paragraphs(["\\u3000\\u3000第一段。", "\\xa0", "第二段。"])
    ['第一段。', '第二段。']
    """
    return [cleaned for text in texts if (cleaned := clean(text))]
