"""Keys of URLs, and the hash of a list's entry."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from smartdaily_crawler.cleaning.urls import page_name

if TYPE_CHECKING:
    from datetime import date


def url_key(url: str) -> bytes:
    """Return the key of the page at a canonical URL; URLs themselves may be longer than an index can hold."""
    return sha256(page_name(url).encode()).digest()


def hash_bytes(digits: str | None) -> bytes | None:
    """Return a hash as its column holds it. Items carry hexadecimal digits, which every feed of Scrapy's can write."""
    return None if digits is None else bytes.fromhex(digits)


def shown_hash(title: str, published_on: date | None) -> bytes:
    """Return the hash of an article's entry on a list page; a new one means that the article has changed."""
    return sha256(f"{published_on} {title}".encode()).digest()
