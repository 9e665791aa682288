"""The hashes that identify an address and tell whether an article changed."""

from __future__ import annotations

import json
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartdaily_crawler.items import Article


def url_key(url: str) -> bytes:
    """Key of a canonical address. Addresses themselves may be longer than an index can hold."""
    return sha256(url.encode()).digest()


def body_text(article: Article) -> str | None:
    """The paragraphs joined by a blank line, ``None`` where there are none."""
    return "\n\n".join(article.body) or None


def content_hash(article: Article) -> bytes:
    """Hash of what makes a revision."""
    return _hash(
        article.title,
        body_text(article),
        article.source,
        article.author,
        article.editor,
        article.published_on.isoformat() if article.published_on else None,
        article.published_at.astimezone(UTC).isoformat() if article.published_at else None,
    )


def text_hash(article: Article) -> bytes | None:
    """Hash of what makes a duplicate; ``None`` without a body, for a title alone does not."""
    body = body_text(article)
    return _hash(article.title, body) if body else None


def _hash(*fields: str | None) -> bytes:
    return sha256(json.dumps(fields, ensure_ascii=False).encode()).digest()
