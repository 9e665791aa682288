"""Read what a request asks for. A value that cannot be one ends with an error page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from pipelines.storage.read.revisions import LARGEST_ID

if TYPE_CHECKING:
    from starlette.requests import Request


def not_found(what: str) -> HTTPException:
    return HTTPException(404, f"There is no {what}.")


def text(request: Request, name: str) -> str | None:
    """Return a value of the query; ``None`` where it is absent or empty."""
    return request.query_params.get(name) or None


def number(request: Request, name: str) -> int | None:
    """Return a whole number of the query, from 0 to the largest id; ``None`` where it is absent or empty."""
    given = text(request, name)
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or int(given) > LARGEST_ID:
        raise HTTPException(400, f"{name} takes a whole number.")
    return int(given)


def day(given: str) -> date:
    """Return a day in the form 2026-03-06."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise HTTPException(400, "A day has the form 2026-03-06.") from None
