"""What a page is read by beside its bytes, as JSON values, and a response made of both again."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from smartdaily_crawler.crawl.listed import Listed
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.request_meta import Meta, attempts, redirects

if TYPE_CHECKING:
    from smartdaily_crawler.archive.places import Record


def evidence_of(request: Request, response: Response) -> dict[str, Any]:
    """Return what a page of the walk is read by; empty for a response that is no page, as ``robots.txt`` or a picture."""
    meta = request.meta
    if Meta.KIND not in meta:
        return {}
    render_options: RenderOptions | None = meta.get(Meta.RENDER)
    found = {
        "kind": meta[Meta.KIND],
        "requested": meta[Meta.REQUESTED_URL],
        "listed": [
            [told.title, told.published_on and told.published_on.isoformat(), told.is_known]
            for told in meta.get(Meta.LISTED, ())
        ],
        "redirects": redirects(meta),
        "attempts": attempts(meta),
        "latency": meta.get("download_latency"),
        "renderer": render_options and render_options.by,
        "flags": response.flags,
    }
    return {name: value for name, value in found.items() if value}


def response_of(record: Record, place: str, reread_at: datetime, decoder: HttpCompressionMiddleware) -> Response:
    """Return the response of a page as the walk got it, with its request and their meta. Raise ValueError for one that is no page."""
    known = record.evidence
    if "kind" not in known:
        raise ValueError(f"{place}: {record.url} is no page of a walk")
    listed = [
        Listed(title, day and date.fromisoformat(day), is_known) for title, day, is_known in known.get("listed", ())
    ]
    meta = {
        Meta.KIND: known["kind"],
        Meta.REQUESTED_URL: known["requested"],
        Meta.LISTED: listed,
        Meta.EARLIER_REDIRECTS: known.get("redirects", []),
        Meta.EARLIER_ATTEMPTS: known.get("attempts", 1) - 1,
        "download_latency": known.get("latency"),
        Meta.RECORD: place,
        Meta.ANSWERED_AT: record.at,
        Meta.REREAD_AT: reread_at,
    }
    if by := known.get("renderer"):
        meta[Meta.RENDER] = RenderOptions(by=by, kind=known["kind"])
    request = Request(record.url, meta=meta, dont_filter=True)
    headers: dict[str, list[str]] = {}
    for name, value in record.headers:
        headers.setdefault(name, []).append(value)
    response_class = responsetypes.from_args(headers=Headers(headers), url=record.url, body=record.body)
    response = response_class(
        record.url, record.status, headers, record.body, flags=known.get("flags", []), request=request
    )
    return cast("Response", decoder.process_response(request, response))
