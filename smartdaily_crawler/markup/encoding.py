"""Decode pages. A declared encoding is only a hint: the bytes decide."""

from __future__ import annotations

import codecs
import re

_HEAD = 8192
"""Bytes searched for a declaration first; some templates have scripts before it."""
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([a-z0-9_:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"\A\s{0,100}<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([a-z0-9_:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([a-z0-9_:-]{2,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""First bytes of UTF-16 pages without a byte order mark."""
# Declared encoding -> encoding that browsers use for it.
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "cp936": "gb18030",
    "ansi": "gb18030", "utf8": "utf-8", "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252",
    "latin1": "cp1252", "latin-1": "cp1252", "big5": "big5hkscs", "utf-16": "utf-8", "unicode": "utf-8",
}  # fmt: skip
# Default values of servers, ignored: a Chinese page has no single-byte encoding.
_DEFAULTS = frozenset({"cp1252"})
_UTF8_CHARACTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UTF8_SHARE = 0.8
_CJK = re.compile("[\u2e80-\uffef]")
_COMMON = "，。、的一是在不了有和人上大中我以要他用生到作地出就分成可主年同工也能下子面而方多定行所得這这為为個个國国時时來来會会對对發发於于過过後后"
_READABLE, _SAMPLE = 0.06, 4000
"""Least share of such characters in a Chinese text, and the number of characters examined."""
_BROKEN_BYTES = 0.02
"""Largest share of undecodable non-ASCII characters for an encoding to be accepted."""


def decode(body: bytes, content_type: str | None) -> str:
    """Return the text of a page, as ``decode_with`` does."""
    return decode_with(body, content_type)[0]


def decode_with(body: bytes, content_type: str | None) -> tuple[str, str]:
    """Return the text of a page, and its encoding; undecodable bytes become U+FFFD.

    The encoding is, in this order: the one of the byte order mark, UTF-8 if valid, the declared one, the one whose text has
    the most common Chinese characters.

    :param content_type: value of the Content-Type header.

    >>> decode_with("<title>智能</title>".encode("gbk"), "text/html")
    ('<title>智能</title>', 'gb18030')
    >>> decode_with("<meta charset=gb2312><p>镕</p>".encode("gbk"), None)
    ('<meta charset=gb2312><p>镕</p>', 'gb18030')
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace"), encoding
    for opening, encoding in _WIDE:
        if body.startswith(opening):
            return body.decode(encoding, "replace"), encoding
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        declared = _declared(body, content_type)
        return (body.decode("utf-8", "replace"), "utf-8") if _nearly_utf8(body) else _best(body, declared)
    if text.isascii() or _CJK.search(text):
        return text, "utf-8"
    # A few GBK words are valid UTF-8 of two bytes a character: Latin or Greek letters.
    declared = _declared(body, content_type)
    return (text, "utf-8") if not declared or declared[0] == "utf-8" else _best(body, declared)


def _nearly_utf8(body: bytes) -> bool:
    """Return whether most non-ASCII bytes are valid UTF-8 sequences, which is unlikely in another encoding."""
    beyond = len(body.translate(None, bytes(range(128))))
    return sum(map(len, _UTF8_CHARACTER.findall(body))) >= _UTF8_SHARE * beyond


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the encodings of the header, the XML declaration and the meta element, not those of script elements."""
    head = body[:_HEAD]
    names = [found[1] for found in [_HEADER.search(content_type or "")] if found]
    names += [
        found[1].decode("ascii") for found in (_XML.search(head), _META.search(head) or _META.search(body)) if found
    ]
    encodings = (_known(name) for name in names)
    return [encoding for encoding in encodings if encoding and encoding not in _DEFAULTS]


def _known(name: str) -> str | None:
    name = name.lower()
    try:
        return _WIDER.get(name) or codecs.lookup(name).name
    except LookupError:
        return None


def _best(body: bytes, declared: list[str]) -> tuple[str, str]:
    """Return the first decoding, and its encoding, that is nearly intact and Chinese, else the most Chinese of the intact, else the most intact."""
    tried: list[tuple[float, str, str]] = []
    whole: list[tuple[str, str]] = []
    for encoding in dict.fromkeys([*declared, "utf-8", "gb18030", "big5hkscs"]):
        text = _decoded(body, encoding)
        share = _broken(text)
        tried.append((share, text, encoding))
        if share <= _BROKEN_BYTES:
            whole.append((text, encoding))
            if _common(text) >= _READABLE:
                return text, encoding
    # Nearly all GBK text is valid Big5 and vice versa: the wrong one results in rare characters.
    return max(whole, key=lambda each: _common(each[0])) if whole else min(tried, key=lambda attempt: attempt[0])[1:]


def _common(text: str) -> float:
    """Return the share of the most common Chinese characters among those beyond ASCII."""
    beyond = re.sub(r"[\x00-\x7f]+", "", text)[:_SAMPLE]
    return sum(map(beyond.count, _COMMON)) / max(len(beyond), 1)


def _decoded(body: bytes, encoding: str) -> str:
    try:
        text = body.decode(encoding, "replace")
    except (LookupError, UnicodeError):  # a codec that is no text encoding, such as "hex"
        return "\ufffd" * len(body)
    return text if isinstance(text, str) else "\ufffd" * len(body)


def _broken(text: str) -> float:
    """Return the share of replacement characters among those beyond ASCII."""
    if text.isascii():
        return 0.0
    beyond = len(re.sub(r"[\x00-\x7f]+", "", text))
    return text.count("\ufffd") / max(beyond, 1)


def rubbish(text: str) -> float:
    """Return the share (0 to 1) of wrongly decoded characters: U+FFFD, and UTF-8 decoded as GBK or Latin-1.

    >>> rubbish("智能日报") == 0.0, rubbish("锟斤拷锟斤拷") > 0.5, rubbish("智能".encode().decode("latin-1")) > 0.5
    (True, True, True)
    """
    return sum(map(len, _DEBRIS.findall(text))) / len(text) if _DEBRIS_BEGINS.search(text) else 0.0


_DEBRIS_BEGINS = re.compile("[\ufffd锟斤拷烫屯\x80-\x9f\xc3-\xe9]")
"""Characters, one of which begins each match of the following."""
_DEBRIS = re.compile("[\ufffd]|锟斤拷|[锟斤拷]{2}|烫{3,}|屯{3,}|[\x80-\x9f]|[\xc3-\xe9][\x80-\xbf]{1,2}")
