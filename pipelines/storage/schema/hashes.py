"""The hashes that identify an address and tell whether an article changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING

from smartdaily_crawler.cleaning.urls import page_name

if TYPE_CHECKING:
    from datetime import date

    from smartdaily_crawler.items import Article


def url_key(url: str) -> bytes:
    """Key of the page at a canonical address. Addresses themselves may be longer than an index can hold."""
    return sha256(page_name(url).encode()).digest()


def hash_bytes(digits: str | None) -> bytes | None:
    """Return a hash as its column holds it. Items carry hexadecimal digits, which every feed of Scrapy's can write."""
    return None if digits is None else bytes.fromhex(digits)


def body_text(article: Article) -> str | None:
    """The paragraphs joined by a blank line, ``None`` where there are none."""
    return "\n\n".join(article.body) or None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an article's page is compared by."""

    content: bytes
    """Of what makes a revision."""
    text: bytes | None
    """Of what makes a duplicate; ``None`` without a body, for a title alone does not."""


def fingerprint(article: Article) -> Fingerprint:
    body = body_text(article)
    content = _hash(
        article.title,
        body,
        article.source,
        article.author,
        article.editor,
        article.published_on.isoformat() if article.published_on else None,
        article.published_at.astimezone(UTC).isoformat() if article.published_at else None,
    )
    return Fingerprint(content, _hash(article.title, body) if body else None)


def shown_hash(title: str, published_on: date | None) -> bytes:
    """Hash of what a list shows of an article: another one says that its page changed."""
    return sha256(f"{published_on} {title}".encode()).digest()


def _hash(*fields: str | None) -> bytes:
    return sha256(json.dumps(fields, ensure_ascii=False).encode()).digest()
