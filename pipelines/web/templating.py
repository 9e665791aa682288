"""Render the templates: every value is escaped, an unknown name is an error."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from pipelines.storage.read.times import printed
from pipelines.web import links

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_DAY = 86_400.0
_SPANS = ((365 * _DAY, "year"), (30 * _DAY, "month"), (_DAY, "day"), (3600.0, "hour"), (60.0, "minute"))


def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("pipelines.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"num": number, "when": when, "span": span, "ago": ago, "share": share}
    made.globals |= {"links": links}
    return made


def shown(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return the page of a template."""
    web = request.app.state.web
    given = {"path": request.url.path, "query": "", "has_token": web.token is not None, **values}
    return HTMLResponse(web.templates.get_template(template).render(given), status)


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def when(value: datetime | date | None, zone: tzinfo | str = UTC) -> str | Markup:
    """Return a time as HTML, in the given zone; a day as it is.

    >>> when(datetime(2026, 3, 6, 4, 0, 7, tzinfo=UTC), "Asia/Shanghai")
    Markup('<time datetime="2026-03-06T12:00:07+08:00">2026-03-06 12:00</time>')
    """
    if value is None:
        return "–"
    if not isinstance(value, datetime):
        return Markup('<time datetime="{0}">{0}</time>').format(value.isoformat())
    text = printed(value, ZoneInfo(zone) if isinstance(zone, str) else zone)
    return Markup('<time datetime="{}">{}</time>').format(text, f"{text[:10]} {text[11:16]}")


def span(seconds: float | None) -> str:
    """Return a duration in two digits or more.

    >>> span(7.25), span(95), span(7300), span(None)
    ('7.2 s', '95 s', '2 h', '–')
    """
    if seconds is None:
        return "–"
    if seconds < 10:  # noqa: PLR2004 - two digits
        return f"{seconds:.1f} s"
    if seconds < 120:  # noqa: PLR2004 - as in "95 s"
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"  # noqa: PLR2004 - two hours


def ago(value: datetime | date | None) -> str:
    """Return how long ago that was, in the largest unit of which it is one or more; a day counts from its end."""
    if value is None:
        return "never"
    now = datetime.now(UTC)
    if not isinstance(value, datetime):
        days = (now.date() - value).days
        seconds = days * _DAY
        if days <= 0:
            return "today"
    else:
        seconds = (now - value).total_seconds()
    for size, name in _SPANS:
        if (count := int(seconds // size)) >= 1:
            return f"{count} {name}{'s' * (count > 1)} ago"
    return "just now"
