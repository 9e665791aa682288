"""The response to a path, without its headers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256


@dataclass(frozen=True)
class Page:
    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    location: str | None = None
    """Target of a redirect, without scheme and host."""

    @cached_property
    def etag(self) -> str | None:
        """A strong validator of the bytes; ``None`` unless the status is 200."""
        return f'"{sha256(self.body).hexdigest()[:20]}"' if self.status == 200 else None  # noqa: PLR2004 - OK
