"""Views of a run, and of the URLs that it requested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.storage.read.revisions import LARGEST_ID
from pipelines.storage.read.runs import latest_runs
from pipelines.storage.web import outcomes
from pipelines.storage.web.session import reading
from pipelines.web import links, requests, run_facts
from pipelines.web.templating import shown

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pipelines.storage.read.runs import RunRow

SLOWEST = 10
URLS = 100


def run(request: Request) -> Response:
    found = _find(request)
    with reading(request.app.state.web.engine) as connection:
        groups = outcomes.groups(connection, found.run_id)
        slowest = outcomes.slowest(connection, found.run_id, SLOWEST)
    return shown(
        request,
        "run.html",
        run=found,
        took=run_facts.took(found),
        groups=groups,
        total=sum(group["urls"] for group in groups),
        slowest=slowest,
        account=run_facts.account(found),
        changes=run_facts.changes(found),
        stats=sorted((found.stats or {}).items()),
    )


def urls(request: Request) -> Response:
    found = _find(request)
    given = {name: requests.text(request, name) for name in ("kind", "outcome", "reason")}
    after = requests.text(request, "after") or ""
    with reading(request.app.state.web.engine) as connection:
        rows = outcomes.page(connection, found.run_id, after, URLS + 1, **given)
    more = links.outcomes(found.run_id, **given, after=rows[URLS - 1]["url"]) if len(rows) > URLS else None
    return shown(request, "outcomes.html", run=found, given=given, rows=rows[:URLS], more=more)


def _find(request: Request) -> RunRow:
    run_id = request.path_params["run_id"]
    rows = latest_runs(request.app.state.web.engine, 1, ids=[run_id]) if run_id <= LARGEST_ID else []
    if not rows:
        raise requests.not_found(f"run {run_id}")
    return rows[0]
