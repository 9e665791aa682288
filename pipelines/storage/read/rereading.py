"""Which articles can be read again from the archive, and what a run that did so has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema.article_content import CHANGES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from pipelines.storage.schema.run_key import RunKey

MODE = "reread"
"""Argument ``mode`` of such a run."""
SITES = text(f"""
    SELECT s.site_id, s.name, s.base_url, r.spider, r.arguments
    FROM crawl.site s CROSS JOIN LATERAL (
        SELECT spider, arguments FROM crawl.crawl_run r
        WHERE r.site_id = s.site_id AND r.verdict IS DISTINCT FROM 'refused' AND r.arguments ->> 'mode' <> '{MODE}'
        ORDER BY run_id DESC LIMIT 1
    ) AS r
    WHERE :site IS NULL OR s.name = :site
    ORDER BY s.name
""")
LIST_PAGES = text("""
    SELECT l.url FROM crawl.listing l JOIN crawl.category c USING (category_id) WHERE c.site_id = :site_id
""")
_WITHIN = """
    FROM crawl.article a JOIN crawl.site s USING (site_id)
    WHERE site_id = :site_id AND a.last_fetched_at IS NOT NULL
      AND (CAST(:since AS date) IS NULL OR (a.last_fetched_at AT TIME ZONE s.timezone)::date >= :since)
      AND (CAST(:until AS date) IS NULL OR (a.last_fetched_at AT TIME ZONE s.timezone)::date <= :until)
      AND (CAST(:parser_version AS text) IS NULL OR a.parser_version IS DISTINCT FROM :parser_version)
"""
# What is missing or gone keeps that state: its page tells nothing of today.
_THERE = "a.state <> 'gone' AND a.missing_since IS NULL"
ARCHIVED = text(f"""
    SELECT a.article_id, a.url, a.record, a.last_fetched_at {_WITHIN}
      AND {_THERE} AND a.record IS NOT NULL AND a.article_id > :after
    ORDER BY a.article_id LIMIT :limit
""")
LEFT_OUT = text(f"""
    SELECT count(*) FILTER (WHERE NOT ({_THERE})) AS gone,
           count(*) FILTER (WHERE {_THERE} AND a.record IS NULL AND a.state = 'fetched') AS not_archived
    {_WITHIN}
""")
_PAIRS = ", ".join(f"o.{name} AS old_{name}, v.{name} AS new_{name}" for name in CHANGES)
REVISED = text(f"""
    SELECT a.url, v.changed_fields, {_PAIRS}
    FROM crawl.article_revision v JOIN crawl.article a USING (article_id)
    LEFT JOIN crawl.article_revision o ON o.article_id = v.article_id AND o.revision = v.revision - 1
    WHERE v.run_id = :run_id ORDER BY v.article_id
""")


@dataclass(frozen=True, slots=True)
class ArchivedSite:
    """A site, with the spider and the arguments of its latest crawl."""

    site_id: int
    name: str
    base_url: str
    spider: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Archived:
    """An article whose page, the one that it was read from, is in the archive."""

    article_id: int
    url: str
    record: str
    last_fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles to read again."""

    site_id: int
    since: date | None = None
    until: date | None = None
    """First and last day, in the site's zone, on which the page answered last; ``None``: any."""
    parser_version: str | None = None
    """Leave out what this version has read; ``None``: nothing."""

    @property
    def values(self) -> dict[str, Any]:
        return {
            "site_id": self.site_id,
            "since": self.since,
            "until": self.until,
            "parser_version": self.parser_version,
        }


@dataclass(frozen=True, slots=True)
class Revised:
    """A revision that a run has made."""

    url: str
    changes: dict[str, tuple[Any, Any]]
    """By field of ``changed_fields``: the old and the new value; empty for the first revision of an article."""


def sites(connection: Connection, name: str | None = None) -> list[ArchivedSite]:
    """Return the sites that were crawled, or the one of this name."""
    return [ArchivedSite(**row) for row in connection.execute(SITES, {"site": name}).mappings()]


def list_pages(connection: Connection, site_id: int) -> list[str]:
    """Return the URLs of the site's list pages."""
    return list(connection.scalars(LIST_PAGES, {"site_id": site_id}))


def archived(connection: Connection, selection: Selection, *, after: int, limit: int) -> list[Archived]:
    """Return the selected articles with an id above *after*, by their ids."""
    page = selection.values | {"after": after, "limit": limit}
    return [Archived(**row) for row in connection.execute(ARCHIVED, page).mappings()]


def left_out(connection: Connection, selection: Selection) -> dict[str, int]:
    """Return how many selected articles cannot be read again: ``gone`` ones, and those that are ``not_archived``."""
    return {
        name: count for name, count in connection.execute(LEFT_OUT, selection.values).mappings().one().items() if count
    }


def revised(connection: Connection, run: RunKey) -> Sequence[Revised]:
    """Return the revisions that a run has made."""
    rows = connection.execute(REVISED, {"run_id": run.run_id}).mappings()
    names = {field: name for name, field in reversed(CHANGES.items())}
    return [
        Revised(
            row["url"],
            {field: (row[f"old_{names[field]}"], row[f"new_{names[field]}"]) for field in row["changed_fields"]},
        )
        for row in rows
    ]
