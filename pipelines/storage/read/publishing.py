"""Read when a site's lists were polled, and when they got new entries."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.polling.rates import WINDOW, Sighting, Span
from pipelines.storage.schema.hashes import url_key
from smartdaily_crawler.cleaning.urls import canonicalize

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What the navigation does not show any more is not walked.
CATEGORIES = text("""
    SELECT category_id, c.name, url, extract(epoch FROM last_seen_at)::float8 AS seen_at FROM crawl.category c JOIN crawl.site s USING (site_id)
    WHERE s.name = :site AND position IS NOT NULL AND last_seen_at = (
        SELECT max(last_seen_at) FROM crawl.category o WHERE o.site_id = c.site_id AND o.position IS NOT NULL
    )
    ORDER BY position
""")
NOW = text("SELECT extract(epoch FROM clock_timestamp())::float8")
# A list that failed was polled too: it is not tried again at once. After a killed or stopped run it is.
POLLS = text("""
    SELECT o.url_key, extract(epoch FROM o.at)::float8 AS at
    FROM crawl.site s JOIN crawl.crawl_run r USING (site_id) JOIN crawl.crawl_outcome o USING (run_id)
    WHERE s.name = :site AND r.started_at >= now() - make_interval(secs => :window) AND r.reason = 'finished'
      AND o.url_key = ANY(:keys)
    ORDER BY o.at
""")
SPENT = text("""
    SELECT extract(epoch FROM r.started_at)::float8, 1 + count(o.run_id)
    FROM crawl.site s JOIN crawl.crawl_run r USING (site_id)
    LEFT JOIN crawl.crawl_outcome o ON o.run_id = r.run_id AND (o.kind = 'home' OR o.url_key = ANY(:keys))
    WHERE s.name = :site AND r.started_at >= now() - interval '1 day' AND r.verdict IS DISTINCT FROM 'refused'
    GROUP BY r.run_id ORDER BY r.run_id
""")
# Without a hash it is known from the article's breadcrumb only.
ENTRIES = text("""
    SELECT p.article_id, p.category_id, extract(epoch FROM p.first_seen_at)::float8 AS seen_at,
           extract(epoch FROM a.published_at)::float8 AS published_at
    FROM crawl.article_category p JOIN crawl.article a USING (article_id)
    WHERE p.category_id = ANY(:ids) AND p.shown_hash IS NOT NULL
      AND p.first_seen_at >= now() - make_interval(secs => :window)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the runs of the last weeks saw of a site's lists; times in seconds since the epoch, by the database's clock."""

    now: float
    categories: dict[str, str] = field(default_factory=dict)
    """URL of the first list page by name, in the order of the navigation; empty for a site that no run has read."""
    navigated: float | None = None
    """Latest reading of the home page; ``None``: never."""
    polled: dict[str, float | None] = field(default_factory=dict)
    """Latest poll by name; ``None``: none in a run that came to its end."""
    since: dict[str, float] = field(default_factory=dict)
    """Time from which the entries are known, by name."""
    sightings: list[Sighting] = field(default_factory=list)
    spent: list[tuple[float, int]] = field(default_factory=list)
    """Start of each run of the last 24 hours, with its requests of robots.txt, the home page and first list pages."""


def read(connection: Connection, site: str) -> Seen:
    """Return what is known of a site by its name."""
    now = float(connection.scalar(NOW))
    rows = connection.execute(CATEGORIES, {"site": site}).all()
    if not rows:
        return Seen(now=now)
    keys = {row.category_id: url_key(canonicalize(row.url)) for row in rows}
    values = {"site": site, "keys": list(keys.values()), "window": WINDOW}
    polls: dict[bytes, list[float]] = {key: [] for key in keys.values()}
    for row in connection.execute(POLLS, values):
        polls[bytes(row.url_key)].append(row.at)
    names = {row.category_id: row.name for row in rows}
    sightings = []
    for row in connection.execute(ENTRIES, {"ids": list(names), "window": WINDOW}):
        span = _span(row.seen_at, row.published_at, polls[keys[row.category_id]], now - WINDOW)
        if span is not None:
            sightings.append(Sighting(row.article_id, names[row.category_id], span))
    since = {name: min(polls[keys[number]], default=now) for number, name in names.items()}
    for sighting in sightings:
        since[sighting.category] = min(since[sighting.category], sighting.span.earliest)
    return Seen(
        now=now,
        categories={row.name: row.url for row in rows},
        navigated=rows[0].seen_at,
        polled={name: max(polls[keys[number]], default=None) for number, name in names.items()},
        since=since,
        sightings=sightings,
        spent=[(row[0], row[1]) for row in connection.execute(SPENT, values)],
    )


def _span(seen: float, published: float | None, polls: list[float], oldest: float) -> Span | None:
    """Return when an entry was published: the time that its page prints, or between two polls; ``None``: before all of them."""
    # The last one before its sighting found it: further pages of a list are read after the first.
    place = bisect_right(polls, seen + 1) - 2
    before = polls[place] if place >= 0 else None
    if published is not None and max(before or 0, oldest) <= published <= seen:
        return Span(published, published)
    # A date long before: an old article that was put on the list now.
    return None if before is None else Span(before, seen)
