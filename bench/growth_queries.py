"""Time each query by which a crawl learns from the database what is known and due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine

from bench.harness import timed
from bench.storage_filling import CATEGORY, NOW, SITE, TEASERS, new_run, page
from pipelines.run.schedule import parse_schedule
from pipelines.storage.read import frontier
from pipelines.storage.read.frontier import Lookup
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Outcome, Teaser
from smartdaily_crawler.settings import REVISIT_LIMIT, REVISIT_SCHEDULE

ENTRIES = 20
TIMES = 5
Query = Callable[[Connection, Lookup], Any]


def _urls(count: int) -> list[str]:
    return [f"{SITE}/old/{47 * number}.html" for number in range(count)]


def _entries(connection: Connection, lookup: Lookup) -> Any:
    shown = [
        Teaser(url=url, position=place, title=url, published_on=NOW.date()) for place, url in enumerate(_urls(ENTRIES))
    ]
    return frontier.entries(connection, lookup, CATEGORY, shown)


QUERIES: dict[str, Query] = {
    "validators of a list page": lambda connection, _: frontier.list_page(connection, f"{SITE}/1.html"),
    f"{ENTRIES} entries of a list": _entries,
    f"{TEASERS} teasers of an article": lambda connection, lookup: frontier.articles(
        connection, lookup, _urls(TEASERS)
    ),
    "`due`, after an incremental walk": lambda connection, lookup: frontier.due(connection, lookup, REVISIT_LIMIT),
    "`known`, after a full walk": lambda connection, lookup: frontier.known(connection, lookup.run, REVISIT_LIMIT),
    "`left_behind`, after a partial walk": lambda connection, lookup: frontier.left_behind(
        connection, lookup, REVISIT_LIMIT, follow_teasers=True
    ),
}


def measure_queries(engine: Engine) -> dict[str, float]:
    """Return the median milliseconds of each query by its name, in a run after one that was stopped."""
    stopped = new_run(engine)
    failed = Outcome(fetch=page("failed", []).fetch, outcome="failed", reason="timeout")
    write(engine, stopped, [failed])
    lookup = Lookup(new_run(engine), datetime.now(UTC), parse_schedule(REVISIT_SCHEDULE), "0")
    found = {}
    for name, query in QUERIES.items():
        with engine.connect() as connection:
            query(connection, lookup)  # reads pages from the disk, and plans
            spent = [timed(partial(query, connection, lookup)) for _ in range(TIMES)]
        found[name] = 1000 * median(spent)
    return found
