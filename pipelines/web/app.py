"""The application: its routes, log-in, health and errors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipelines.storage.db.errors import StorageError
from pipelines.storage.read.status import read_status
from pipelines.storage.web import session
from pipelines.web import article_views, guard, links, run_views, site_views
from pipelines.web.templating import environment, shown

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request

WRONG_TOKEN_SECONDS = 1.0
"""Pause after a wrong token, so that trying many takes long."""
LONGEST_FORM = 4096


@dataclass(frozen=True, kw_only=True)
class Web:
    """What the views need."""

    engine: session.Engine
    token: str | None = field(repr=False)
    schedule: list[tuple[float, float]]
    """Steps of ``REVISIT_SCHEDULE``."""
    spool: Path | None
    templates: Environment = field(default_factory=environment)


def create_app(
    engine: session.Engine,
    token: str | None = None,
    schedule: Sequence[tuple[float, float]] = (),
    spool: Path | None = None,
) -> guard.Guard:
    """Return the pages of the database of an engine that ``session.read_only`` has set up.

    :param token: what a reader must give; ``None``: the server answers to loopback names only.
    :param spool: folder of the spool on this machine, for the metrics; ``None`` leaves those of the spool out.
    """
    site, article, run = "/sites/{site}", "/articles/{article_id:int}", "/runs/{run_id:int}"
    routes = [
        Route("/", site_views.overview),
        Route(site, site_views.site),
        Route(site + "/days/{day}", site_views.day),
        Route(site + "/categories/{category:path}", site_views.category),
        Route(site + "/graph", site_views.teasers),
        Route(run, run_views.run),
        Route(run + "/outcomes", run_views.urls),
        Route(article, article_views.article),
        Route(article + "/revisions", article_views.compare),
        Route("/article", article_views.by_url),
        Route("/search", article_views.search),
        Route("/metrics", _metrics),
        Route(guard.HEALTH, _health),
        Mount(links.STATIC, StaticFiles(packages=[("pipelines.web", "static")])),
    ]
    if token is not None:
        routes += [Route(guard.LOGIN, _log_in, methods=["GET", "POST"]), Route("/logout", _log_out, methods=["POST"])]
    app = Starlette(
        routes=routes, exception_handlers={HTTPException: _refused, StorageError: _unavailable, Exception: _failed}
    )
    app.state.web = Web(engine=engine, token=token, schedule=list(schedule), spool=spool)
    return guard.Guard(app, token)


async def _log_in(request: Request) -> Response:
    token = request.app.state.web.token
    if request.method != "POST":
        return shown(request, "login.html", next=links.local(request.query_params.get("next")), is_wrong=False)
    given = await _form(request)
    wanted = links.local(given.get("next"))
    if not guard.is_equal(given.get("token", ""), token):
        await asyncio.sleep(WRONG_TOKEN_SECONDS)
        return shown(request, "login.html", 403, next=wanted, is_wrong=True)
    answer = RedirectResponse(wanted, 303)
    is_https = request.url.scheme == "https"
    answer.set_cookie(
        guard.COOKIE,
        guard.new_session(token),
        max_age=guard.SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=is_https,
    )
    return answer


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise HTTPException(413, "The form is too long.")
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _log_out(_: Request) -> Response:
    answer = RedirectResponse(guard.LOGIN, 303)
    answer.delete_cookie(guard.COOKIE, httponly=True, samesite="lax")
    return answer


def _health(request: Request) -> Response:
    try:
        session.answers(request.app.state.web.engine)
    except StorageError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return PlainTextResponse("ok\n")


def _metrics(request: Request) -> Response:
    try:
        from pipelines.metrics.exposition import CONTENT_TYPE, exposition  # noqa: PLC0415 - another extra
    except ImportError:
        return PlainTextResponse("There are no metrics: the package prometheus-client is not installed.\n", 404)
    try:
        content = exposition(read_status(request.app.state.web.engine), request.app.state.web.spool)
    except StorageError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return Response(content, headers={"Content-Type": CONTENT_TYPE})


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    heading = {400: "This cannot be asked", 404: "Not found"}.get(status, f"Error {status}")
    detail = (
        error.detail if isinstance(error, HTTPException) and error.detail != "Not Found" else "There is no such page."
    )
    answer = shown(request, "message.html", status, heading=heading, line=detail)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def _unavailable(request: Request, error: Exception) -> Response:
    return shown(request, "message.html", 503, heading="The database does not answer", line=str(error))


def _failed(request: Request, error: Exception) -> Response:
    """The server logs the error with its traceback."""
    line = f"{type(error).__name__}: the log of scrapy web has the details."
    return shown(request, "message.html", 500, heading="Internal error", line=line)
