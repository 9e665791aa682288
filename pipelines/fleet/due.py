"""When a site is due, and which sites may not be crawled at the same time."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from pipelines.run import polls
from smartdaily_crawler.sites.site_address import SiteAddress

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from pipelines.storage.database import Database
    from pipelines.storage.fleet.sites import ScheduledSite

JITTER = 0.05
"""Share of the interval by which a start is moved, at most: sites that were added together drift apart."""


def next_start(database: Database, site: ScheduledSite, now: datetime, settings: BaseSettings) -> datetime:
    """Return when the next run of a site may start.

    The only place where that is decided; asked at the start of a run, which is *now* then, and at its end. The time does not depend on the
    machine that asks. A run that took longer than the interval is followed by the next one at once.

    A site with ``poll=due`` starts when its plan says so, ``POLL_SHORTEST`` seconds after its latest start at the earliest: a run that
    polled nothing, as its site was down, leaves all lists due. Its ``every`` is not asked. Blocks then, and may raise StorageError.

    :param settings: those of runs, with ``POLL_SHORTEST``, ``POLL_LONGEST`` and ``POLL_BUDGET``.
    """
    if site.by_rate:
        earliest = (site.started_at or now) + timedelta(seconds=polls.bounds_of(settings).shortest)
        return max(earliest, polls.next_start(database, site.site, settings), now)
    return start_by_interval(site, now)


def start_by_interval(site: ScheduledSite, now: datetime) -> datetime:
    """Return when the next run of a site may start that is crawled at an interval, as ``next_start`` does."""
    base = site.started_at or now
    digest = sha256(f"{site.site} {base.isoformat()}".encode()).digest()
    moved = JITTER * (2 * int.from_bytes(digest[:4]) / 2**32 - 1)
    return max(base + timedelta(seconds=site.every * (1 + moved)), now)


def host_of(url: str) -> str:
    """Return the name that sites share which may not be crawled at the same time: that of their host.

    Another port of a private host is another service, as for the walk.

    >>> host_of("https://www.news.example:8443/tech/"), host_of("http://127.0.0.1:8765/")
    ('news.example', '127.0.0.1:8765')
    """
    address = SiteAddress(url)
    return address.name if address.is_private else address.base
