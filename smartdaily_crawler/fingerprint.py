"""Which requests are the same request."""

from __future__ import annotations

import hashlib

from scrapy import Request

from smartdaily_crawler.normalize.urls import canonicalize, page_name


class CanonicalRequestFingerprinter:
    """Two addresses with one canonical form are asked once: tracking parameters and fragments make no new page."""

    def fingerprint(self, request: Request) -> bytes:
        """Give 20 bytes."""
        try:
            address = page_name(canonicalize(request.url))
        except ValueError:  # not an http address; such a request has no twin
            address = request.url
        return hashlib.sha1(
            f"{request.method} {address}".encode() + request.body, usedforsecurity=False
        ).digest()
