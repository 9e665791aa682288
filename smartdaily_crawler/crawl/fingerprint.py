"""Request fingerprints by canonical URL."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urldefrag

from scrapy import Request

from smartdaily_crawler.cleaning.urls import canonicalize, page_name


class CanonicalRequestFingerprinter:
    """Give requests with the same canonical URL one fingerprint, so that tracking parameters and fragments make no new page.

    Different Splash arguments (``meta["splash"]``) give different fingerprints.
    """

    def fingerprint(self, request: Request) -> bytes:
        """Return 20 bytes."""
        try:
            url = page_name(canonicalize(request.url))
        except ValueError:  # not an http URL; such a request has no other spelling
            url = request.url
        return hashlib.sha1(
            f"{request.method} {url}".encode() + request.body + _splash_options(request), usedforsecurity=False
        ).digest()


def _splash_options(request: Request) -> bytes:
    """Serialize ``meta["splash"]``. Of ``args["url"]`` only the fragment counts, which a script may read; the rest is hashed already."""
    if "splash" not in request.meta:
        return b""
    options = request.meta["splash"]
    args = options.get("args", {}) | {"url": urldefrag(request.url).fragment}
    return json.dumps(options | {"args": args}, sort_keys=True, default=repr).encode()
