"""Read sites: their articles by day, lists, and what the next run requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, RowMapping

MOST_LISTS = 100

SITES = text("SELECT site, base_url, timezone FROM api.site WHERE site > :after ORDER BY site LIMIT :most")
SITE = text("SELECT site, base_url, timezone FROM api.site WHERE site = :site")
DAYS = text("""
    SELECT wanted.site, d.day, d.articles
    FROM unnest(CAST(:sites AS text[])) AS wanted(site) CROSS JOIN LATERAL api.articles_by_day(wanted.site, :most) AS d
""")
LATEST_RUNS = text("""
    SELECT r.run_id FROM unnest(CAST(:sites AS text[])) AS wanted(site) CROSS JOIN LATERAL (
        SELECT run_id FROM api.run WHERE site = wanted.site ORDER BY run_id DESC LIMIT :most
    ) AS r
""")
LISTS = text("""
    SELECT name, url, caught_up_at, last_seen_at FROM api.category
    WHERE site = :site ORDER BY position NULLS LAST, name LIMIT :most
""")
BACKLOG = text("SELECT unread, missing, held FROM api.backlog(:site)")
OF_DAY = text("""
    SELECT article_id, site, url, state, title, published_on, published_at, source FROM api.article
    WHERE site = :site AND published_on = :day AND article_id < :before
    ORDER BY article_id DESC LIMIT :most
""")
OF_CATEGORY = text("SELECT * FROM api.newest(:category, :most, :site)")


@dataclass(frozen=True, slots=True)
class Site:
    """A row of ``api.site``."""

    site: str
    base_url: str
    timezone: str
    """IANA name."""


def sites(connection: Connection, after: str, most: int) -> list[Site]:
    """Return the sites whose names come after this one, in alphabetical order; ``""`` is before all."""
    return [Site(*row) for row in connection.execute(SITES, {"after": after, "most": most})]


def find_site(connection: Connection, name: str) -> Site | None:
    row = connection.execute(SITE, {"site": name}).one_or_none()
    return Site(*row) if row else None


def articles_by_day(connection: Connection, names: Sequence[str], most: int) -> dict[str, dict[date, int]]:
    """Return for each site the number of its articles by day of publication, in the *most* days up to its newest article."""
    found: dict[str, dict[date, int]] = {name: {} for name in names}
    for site, day, articles in connection.execute(DAYS, {"sites": list(names), "most": most}):
        found[site][day] = articles
    return found


def latest_run_ids(connection: Connection, names: Collection[str], most: int) -> list[int]:
    """Return the ids of the latest *most* runs of each site, in no order."""
    return list(connection.scalars(LATEST_RUNS, {"sites": list(names), "most": most}))


def lists(connection: Connection, site: str) -> list[RowMapping]:
    """Return the categories of a site, in the order of its navigation."""
    return list(connection.execute(LISTS, {"site": site, "most": MOST_LISTS}).mappings())


def backlog(connection: Connection, site: str) -> dict[str, int]:
    """Return ``unread``, ``missing`` and ``held`` as in ``api.backlog``."""
    return dict(connection.execute(BACKLOG, {"site": site}).mappings().one())


def of_day(connection: Connection, site: str, day: date, before: int, most: int) -> list[RowMapping]:
    """Return the articles published on a day whose ids are below *before*, the greatest id first."""
    values: dict[str, Any] = {"site": site, "day": day, "before": before, "most": most}
    return list(connection.execute(OF_DAY, values).mappings())


def of_category(connection: Connection, site: str, category: str, most: int) -> list[RowMapping]:
    """Return the newest articles of a category."""
    return list(connection.execute(OF_CATEGORY, {"site": site, "category": category, "most": most}).mappings())
