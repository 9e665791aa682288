"""Requests for the walk's pages, and the record of each response."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.crawl.frontier import Validators
from smartdaily_crawler.items import Fetch, Kind, OutcomeName
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.encoding import decode_with
from smartdaily_crawler.network.failures import GONE, without_response
from smartdaily_crawler.network.headers import http_date
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.errors import (
    RendererGivenUpError,
    RendererUnavailableError,
    RenderFailedError,
    RenderTimeoutError,
)
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.request_meta import Meta, attempts, redirects
from smartdaily_crawler.sites.profile import SiteProfile

_NOT_MODIFIED = 304
_PERMANENT = {301, 308}
_CLOCK_BOUND = timedelta(minutes=30)
"""Most that a server's clock may differ from ours. Clocks that are set at all are right to a few minutes; one set to the local
time of another zone is wrong by half an hour or more."""
_OF_RENDERER: dict[type, str] = {
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
        request.meta[Meta.KNOWN_HASH] = known.raw_hash
        request.meta[Meta.KNOWN_RECORD] = known.record
        for name, value in (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified)):
            if value:
                request.headers[name] = value
                # Some servers answer so to an unconditional request too, which tells nothing.
                request.meta["handle_httpstatus_list"] = [_NOT_MODIFIED]
    return request


def request_of(response: Response) -> Request:
    """Return the request of a response of the walk."""
    request = response.request
    if request is None:
        raise TypeError("a response of the walk belongs to a request")
    return request


def redirect_kind(meta: Mapping[str, Any], last: object = None) -> Literal["permanent", "temporary"] | None:
    """Return the kind of a request's redirects, as ``Fetch.redirect``.

    :param last: status of a redirect that is not followed, or Scrapy's name of a meta refresh.
    """
    reasons = [*redirects(meta), *([] if last is None else [last])]
    if not reasons:
        return None
    return "permanent" if all(reason in _PERMANENT for reason in reasons) else "temporary"


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
    """Return the record of a request and its response.

    :param response: ``None`` if there was none: then the record has no status, validators and hash.
    """
    meta = request.meta
    latency = meta.get("download_latency")
    render_options: RenderOptions | None = meta.get(Meta.RENDER)
    requested = meta[Meta.REQUESTED_URL]
    return Fetch(
        url=requested,
        kind=meta[Meta.KIND],
        final_url=canonicalize(response.url) if response else requested,
        redirect=redirect_kind(meta) if response else None,
        status=response.status if response else None,
        fetched_at=answered_at(response),
        attempts=attempts(meta),
        elapsed_ms=None if latency is None else round(latency * 1000),
        etag=header(response, "ETag"),
        last_modified=header(response, "Last-Modified"),
        raw_hash=hashlib.sha256(response.body).hexdigest() if response else None,
        renderer=render_options.by if render_options else None,
        record=meta.get(Meta.RECORD) if response else None,
        reread_at=meta.get(Meta.REREAD_AT),
    )


def answered_at(response: Response | None) -> datetime:
    """Return when the archive says that a response came; the present time without an archive, or without a response."""
    request = response.request if response else None
    archived: datetime | None = request.meta.get(Meta.ANSWERED_AT) if request else None
    return archived or datetime.now(UTC)


def response_clock(response: Response) -> tuple[datetime, bool]:
    """Return the time by which the page's dates are read, timezone-aware, and whether the server told an implausible one.

    It is the server's, or ours where the server tells none or an implausible one.
    """
    told = _server_clock(response)
    return told or answered_at(response), told is None and header(response, "Date") is not None


def _server_clock(response: Response) -> datetime | None:
    """Return when the server made the page; ``None`` if it does not say so, or its clock is not within ``_CLOCK_BOUND`` of ours.

    An archive (RFC 7089) sends the time of its copy, and a cache the copy's age, which explain a time in the past.
    """
    latest = answered_at(response) + _CLOCK_BOUND
    archived = http_date(header(response, "Memento-Datetime"))
    if archived is not None and _WEB <= archived <= latest:
        return archived
    date = http_date(header(response, "Date"))
    if date is None or date > latest:
        return None
    age = header(response, "Age") or "0"
    seconds = int(age) if len(age) <= _AGE_DIGITS and age.isdecimal() else 0
    is_recent = latest - date <= 2 * _CLOCK_BOUND + timedelta(seconds=seconds)
    return date if is_recent or "cached" in response.flags else None  # the flag: from Scrapy's own HTTP cache


_AGE_DIGITS = 9
_WEB = datetime(1990, 1, 1, tzinfo=UTC)
"""Before any page was archived."""


def document_of(response: Response) -> Document | None:
    """Parse a page; return ``None`` if the response is not text."""
    if not isinstance(response, TextResponse):
        return None
    text, encoding = decode_with(response.body, header(response, "Content-Type"))
    return Document(text, response.url, encoding)


def failure_outcome(failure: Failure) -> tuple[Response | None, OutcomeName, str]:
    """Return the response if there was one, the outcome and its reason, of a request that failed."""
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        # A missing list page or home page is a failure of the walk; only an article can be gone.
        is_gone = status in GONE and failure.request.meta[Meta.KIND] == "article"  # type: ignore[attr-defined]  # Scrapy's
        return error.response, "gone" if is_gone else "failed", Reason.http(status)
    if reason := _OF_RENDERER.get(type(error)):
        return None, "failed", reason
    return None, *without_response(error)


def header(response: Response | None, name: str) -> str | None:
    """Return a header as text; ``None`` if it is missing, or the response is."""
    value = response.headers.get(name) if response else None
    return value.decode("latin-1") if value else None
