"""Views of sites: all of them, one, its articles of a day or a category, and its teasers of a week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pipelines.storage.read.revisions import LARGEST_ID
from pipelines.storage.read.runs import latest_runs
from pipelines.storage.web import graph, sites
from pipelines.storage.web.session import Connection, reading
from pipelines.web import drawing, links, requests, run_facts
from pipelines.web.templating import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from pipelines.storage.read.runs import RunRow

SITES, SITE_RUNS = 12, 8
"""Sites of the overview, and runs of each."""
RUNS = 30
DAYS, ALL_DAYS = 30, 180
"""Days drawn in the overview, and on a site's page."""
DRAWN_DAYS = 90
ARTICLES = 50
IN_CATEGORY = 100
EARLIEST = date(1, 1, 8)
"""Until which the first whole week of the calendar lasts."""
MOST_OF_DAY = 6
"""Articles drawn in a row of the graph."""


def overview(request: Request) -> Response:
    engine = request.app.state.web.engine
    with reading(engine) as connection:
        found = sites.sites(connection, requests.text(request, "after") or "", SITES + 1)
        names = [site.site for site in found[:SITES]]
        days = sites.articles_by_day(connection, names, DAYS)
        ids = sites.latest_run_ids(connection, names, SITE_RUNS)
    runs: dict[str, list[RunRow]] = {name: [] for name in names}
    for row in latest_runs(engine, len(ids), ids=ids):
        runs[row.site].append(row)
    cards = [
        {
            "site": site,
            "runs": runs[site.site],
            "newest": max(days[site.site], default=None),
            "days": drawing.day_chart(days[site.site], DAYS, _day_links(site.site, days[site.site])),
            "outcomes": run_facts.chart(runs[site.site], SITE_RUNS),
            "last_new": run_facts.last_new(runs[site.site]),
        }
        for site in found[:SITES]
    ]
    more = links.with_query("/", after=names[-1]) if len(found) > SITES else None
    return shown(request, "overview.html", cards=cards, more=more, groups=run_facts.GROUPS)


def site(request: Request) -> Response:
    web = request.app.state.web
    before = requests.number(request, "before")
    with reading(web.engine) as connection:
        found = _find(connection, request)
        days = sites.articles_by_day(connection, [found.site], ALL_DAYS)[found.site]
        lists = sites.lists(connection, found.site)
        backlog = sites.backlog(connection, found.site)
    rows = latest_runs(web.engine, RUNS + 1, site=found.site, before=before)
    runs = rows[:RUNS]
    return shown(
        request,
        "site.html",
        site=found,
        runs=runs,
        took=run_facts.took,
        counts=run_facts.by_outcome,
        newest=max(days, default=None),
        last_new=run_facts.last_new(runs),
        days=drawing.day_chart(days, DRAWN_DAYS, _day_links(found.site, days)),
        by_day=sorted(days.items(), reverse=True)[:DRAWN_DAYS],
        outcomes=run_facts.chart(runs, RUNS),
        groups=run_facts.GROUPS,
        coverage=run_facts.coverage(runs),
        rules=run_facts.rules(runs),
        lists=lists,
        backlog=backlog,
        due=_due(days, web.schedule),
        before=before,
        more=links.with_query(links.site(found.site), before=runs[-1].run_id) if len(rows) > RUNS else None,
    )


def day(request: Request) -> Response:
    published_on = requests.day(request.path_params["day"])
    before = requests.number(request, "before")
    with reading(request.app.state.web.engine) as connection:
        found = _find(connection, request)
        rows = sites.of_day(
            connection, found.site, published_on, LARGEST_ID if before is None else before, ARTICLES + 1
        )
    address = links.day(found.site, published_on)
    return shown(
        request,
        "articles.html",
        site=found,
        heading=str(published_on),
        lang="en",
        note="Articles published on this day, the last one stored first.",
        articles=rows[:ARTICLES],
        more=links.with_query(address, before=rows[ARTICLES - 1]["article_id"]) if len(rows) > ARTICLES else None,
        neighbours=[
            (str(other), links.day(found.site, other))
            for other in (_shifted(published_on, -1), _shifted(published_on, 1))
            if other
        ],
    )


def category(request: Request) -> Response:
    name = request.path_params["category"]
    with reading(request.app.state.web.engine) as connection:
        found = _find(connection, request)
        rows = sites.of_category(connection, found.site, name, IN_CATEGORY)
        if not rows and name not in {row["name"] for row in sites.lists(connection, found.site)}:
            raise requests.not_found(f"category {name} of {found.site}")
    note = f"The newest articles of this category that have a date, {IN_CATEGORY} at most."
    return shown(
        request,
        "articles.html",
        site=found,
        heading=name,
        lang="zh",
        note=note,
        articles=rows,
        more=None,
        neighbours=[],
    )


def teasers(request: Request) -> Response:
    """Show the articles of a week that are recommended most, and who recommends whom."""
    given = requests.text(request, "until")
    with reading(request.app.state.web.engine) as connection:
        found = _find(connection, request)
        newest = sites.articles_by_day(connection, [found.site], 1)[found.site]
        until = requests.day(given) if given else max(newest, default=date.today())  # noqa: DTZ011 - nothing is shown then
        week = graph.week(connection, found.site, max(until, EARLIEST), MOST_OF_DAY)
    rows = {
        str(day): [
            drawing.Node(
                row["article_id"], row["title"] or "–", links.article(row["article_id"]), str(row["recommended_by"])
            )
            for row in articles
        ]
        for day, articles in sorted(week.days.items(), reverse=True)
    }
    return shown(
        request,
        "graph.html",
        site=found,
        days=sorted(week.days),
        picture=drawing.week(rows, week.edges),
        rows=rows,
        left_out=week.left_out,
        recommended=_recommended(week),
        earlier=_shifted(until, -7),
        later=_shifted(until, 7),
    )


def _recommended(week: graph.Week) -> dict[int, int]:
    """Return how many of the articles drawn recommend each of them."""
    found: dict[int, int] = {}
    for _, end in week.edges:
        found[end] = found.get(end, 0) + 1
    return found


def _find(connection: Connection, request: Request) -> sites.Site:
    name = request.path_params["site"]
    found = sites.find_site(connection, name)
    if found is None:
        raise requests.not_found(f"site {name}")
    return found


def _day_links(site: str, days: Mapping[date, int]) -> dict[date, str]:
    return {day: links.day(site, day) for day in days}


def _shifted(day: date, days: int) -> date | None:
    """Return the day so many days later; ``None`` beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _due(days: Mapping[date, int], schedule: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """Return for each step of ``REVISIT_SCHEDULE`` that is a day or longer how many articles are of that age.

    Days are those of the calendar, and steps below a day are added to the next one.
    """
    today = date.today()  # noqa: DTZ011 - the zone makes no difference in what is shown
    found, youngest = [], -1
    for age, pause in schedule:
        oldest = int(age // 86_400)
        if oldest < 1:
            continue
        count = sum(count for day, count in days.items() if youngest < (today - day).days <= oldest)
        found.append({"days": oldest, "pause": pause, "articles": count})
        youngest = oldest
    return found
