"""Requests for the walk's pages, and the record of each response."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request, exceptions
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.crawl.frontier import Validators
from smartdaily_crawler.items import Fetch, Kind, OutcomeName
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.errors import (
    RendererGivenUpError,
    RendererUnavailableError,
    RenderFailedError,
    RenderTimeoutError,
)
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.sites.profile import SiteProfile

_GONE = {404, 410}
_NOT_MODIFIED = 304
_NO_ANSWER: dict[type, str] = {
    exceptions.CannotResolveHostError: Reason.DNS_FAILURE,
    exceptions.DownloadCancelledError: Reason.TOO_LARGE,
    exceptions.DownloadConnectionRefusedError: Reason.CONNECTION_REFUSED,
    exceptions.DownloadFailedError: Reason.CONNECTION_LOST,
    exceptions.DownloadTimeoutError: Reason.TIMEOUT,
    exceptions.ResponseDataLossError: Reason.CUT_SHORT,
    RendererGivenUpError: Reason.RENDERER_UNAVAILABLE,
    RendererUnavailableError: Reason.RENDERER_UNAVAILABLE,
    RenderFailedError: Reason.RENDER_FAILED,
    RenderTimeoutError: Reason.RENDER_TIMEOUT,
}


def page_request(
    url: str, kind: Kind, known: Validators | None = None, *, language: str = SiteProfile.language, **arguments: Any
) -> Request:
    """Return a request for a page of the walk in a language, conditional if the page's validators are *known*.

    ``meta["requested_url"]`` is the canonical URL. It survives retries and redirects, and is the key of the request's
    one outcome. Raises ValueError for a URL that is not http or https.
    """
    request = Request(url, meta={Meta.KIND: kind, Meta.REQUESTED_URL: canonicalize(url)}, **arguments)
    request.headers["Accept-Language"] = _accept(language)
    if known:
        request.meta.update({Meta.KNOWN_HASH: known.raw_hash, "handle_httpstatus_list": [_NOT_MODIFIED]})
        for name, value in (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified)):
            if value:
                request.headers[name] = value
    return request


def _accept(language: str) -> str:
    """Return the value of ``Accept-Language``.

    >>> _accept("zh-CN"), _accept("en")
    ('zh-CN,zh;q=0.9', 'en')
    """
    general = language.partition("-")[0]
    return language if general == language else f"{language},{general};q=0.9"


def is_unchanged(fetch: Fetch, request: Request) -> bool:
    """Return whether the page is unchanged: status 304, or the same bytes as at its last fetch."""
    known_hash = request.meta.get(Meta.KNOWN_HASH)
    return fetch.status == _NOT_MODIFIED or (known_hash is not None and known_hash == fetch.raw_hash)


def fetch_of(request: Request, response: Response | None = None) -> Fetch:
    """Return the record of *request* as it was last sent, and of its *response*; ``None`` if there was none."""
    meta = request.meta
    latency = meta.get("download_latency")
    render_options: RenderOptions | None = meta.get(Meta.RENDER)
    requested = meta[Meta.REQUESTED_URL]
    return Fetch(
        url=requested,
        kind=meta[Meta.KIND],
        final_url=canonicalize(response.url) if response else requested,
        status=response.status if response else None,
        fetched_at=datetime.now(UTC),
        attempts=meta.get(Meta.EARLIER_ATTEMPTS, 0) + meta.get("retry_times", 0) + 1,
        elapsed_ms=None if latency is None else round(latency * 1000),
        etag=header(response, "ETag"),
        last_modified=header(response, "Last-Modified"),
        raw_hash=hashlib.sha256(response.body).hexdigest() if response else None,
        renderer=render_options.by if render_options else None,
    )


def response_clock(response: Response) -> datetime:
    """Return the server's time of the response, timezone-aware: its ``Date`` header, or our clock without a valid one."""
    try:
        date = parsedate_to_datetime(header(response, "Date") or "")
    except ValueError:
        return datetime.now(UTC)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def document_of(response: Response) -> Document | None:
    """Parse a page; return ``None`` if the response is not text."""
    if not isinstance(response, TextResponse):
        return None
    return Document(decode(response.body, header(response, "Content-Type")), response.url)


def failure_outcome(failure: Failure) -> tuple[Response | None, OutcomeName, str]:
    """Return the response if there was one, the outcome and its reason, of a request that failed."""
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        # A missing list page or home page is a failure of the walk; only an article can be gone.
        is_gone = status in _GONE and failure.request.meta[Meta.KIND] == "article"  # type: ignore[attr-defined]  # Scrapy's
        return error.response, "gone" if is_gone else "failed", Reason.http(status)
    if isinstance(error, exceptions.IgnoreRequest):
        return None, "skipped", str(error) or Reason.IGNORED
    return None, "failed", _NO_ANSWER.get(type(error)) or _snake(type(error).__name__)


def header(response: Response | None, name: str) -> str | None:
    """Return a header as text; ``None`` if it is missing, or the response is."""
    value = response.headers.get(name) if response else None
    return value.decode("latin-1") if value else None


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
