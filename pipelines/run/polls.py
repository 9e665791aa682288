"""The plan by which a site's lists are polled as often as they publish."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.settings import BaseSettings

from pipelines.polling.plan import Bounds, Plan, find_price
from pipelines.polling.rates import estimate, histories
from pipelines.storage.database import Database
from pipelines.storage.db.retry import query
from pipelines.storage.read import publishing
from pipelines.storage.read.publishing import Seen
from smartdaily_crawler.crawl.frontier import DueLists


def bounds_of(settings: BaseSettings) -> Bounds:
    return Bounds(
        budget=settings.getint("POLL_BUDGET"),
        shortest=settings.getfloat("POLL_SHORTEST"),
        longest=max(settings.getfloat("POLL_LONGEST"), settings.getfloat("POLL_SHORTEST")),
    )


def next_start(database: Database, site: str, settings: BaseSettings) -> datetime:
    """Return when the next run of a site should start, with ``poll=due``; the past or now if it is due.

    Blocks. Raise StorageError where the database does not answer for ``STORAGE_PATIENCE`` seconds.

    :param site: its name, as ``api.site`` has it; one that no run has read is due.
    """
    patience = settings.getfloat("STORAGE_PATIENCE")
    seen = query(database.engine, lambda connection: publishing.read(connection, site), patience=patience)
    return datetime.fromtimestamp(make_plan(seen, bounds_of(settings)).next_start(seen.now), UTC)


def due_lists(seen: Seen, bounds: Bounds) -> DueLists:
    """Return which lists a run reads that starts now."""
    due = make_plan(seen, bounds).due(seen.now)
    is_old = seen.navigated is None or seen.now - seen.navigated >= bounds.longest
    # A run without a list would request nothing.
    return DueLists(categories=seen.categories, due=due, with_home=is_old or not due)


def make_plan(seen: Seen, bounds: Bounds) -> Plan:
    rates = estimate(histories(seen.polled, seen.since, seen.sightings), seen.now)
    return Plan(bounds, rates, seen.polled, find_price(rates, bounds, seen.now), seen.spent)
