"""Why a request has no response."""

from __future__ import annotations

import re
from typing import Literal

from scrapy import exceptions

from smartdaily_crawler.reasons import Reason

GONE = frozenset({404, 410})
"""Statuses of what is not there any more."""
_REASON = re.compile(r"[a-z0-9_]+")
"""Scrapy's own components raise ``IgnoreRequest`` with a sentence."""
_NO_ANSWER: dict[type, str] = {
    exceptions.CannotResolveHostError: Reason.DNS_FAILURE,
    exceptions.DownloadCancelledError: Reason.TOO_LARGE,
    exceptions.DownloadConnectionRefusedError: Reason.CONNECTION_REFUSED,
    exceptions.DownloadFailedError: Reason.CONNECTION_LOST,
    exceptions.DownloadTimeoutError: Reason.TIMEOUT,
    exceptions.ResponseDataLossError: Reason.CUT_SHORT,
}


def without_response(error: BaseException | None) -> tuple[Literal["skipped", "failed"], str]:
    """Return the outcome and its reason of a request that ended with an error: skipped if it was not sent on purpose.

    >>> without_response(exceptions.IgnoreRequest("robots_forbidden")), without_response(exceptions.IgnoreRequest("No such thing."))
    (('skipped', 'robots_forbidden'), ('skipped', 'ignored'))
    >>> without_response(exceptions.DownloadTimeoutError()), without_response(OSError())
    (('failed', 'timeout'), ('failed', 'o_s_error'))
    """
    if isinstance(error, exceptions.IgnoreRequest):
        return "skipped", str(error) if _REASON.fullmatch(str(error)) else Reason.IGNORED
    return "failed", _NO_ANSWER.get(type(error)) or _snake(type(error).__name__)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
