"""Rows of categories, of their list pages, and of articles in categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import hash_bytes, url_key
from pipelines.storage.schema.recordset import recordset, send

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Listing, Navigation

CATEGORIES = text("SELECT name, category_id, url, position FROM crawl.category WHERE site_id = :site_id")
# Without a position: a category that is known from a list page only.
WRITE = text(f"""
    INSERT INTO crawl.category AS c (site_id, name, url, position, is_feed, first_seen_at, last_seen_at)
    SELECT :site_id, name, url, position, is_feed, seen_at, seen_at
    FROM {recordset(models.Category, "name url position is_feed", seen_at=models.Category.last_seen_at)}
    ORDER BY name
    ON CONFLICT (site_id, name) DO UPDATE SET
        url = EXCLUDED.url, position = EXCLUDED.position, last_seen_at = EXCLUDED.last_seen_at
    WHERE EXCLUDED.position IS NOT NULL AND EXCLUDED.last_seen_at >= c.last_seen_at
      AND (c.url, c.position, c.last_seen_at)
          IS DISTINCT FROM (EXCLUDED.url, EXCLUDED.position, EXCLUDED.last_seen_at)
    RETURNING name, xmax = 0 AS is_new
""")
_LIST_PAGE = "category_id page url_key url etag last_modified raw_hash known_share"
LISTINGS = text(f"""
    INSERT INTO crawl.listing AS l
        (category_id, page, url_key, url, etag, last_modified, raw_hash, last_fetched_at, known_share)
    SELECT category_id, page, url_key, url, etag, last_modified, raw_hash, fetched_at, known_share
    FROM {recordset(models.Listing, _LIST_PAGE, fetched_at=models.Listing.last_fetched_at)}
    ORDER BY url_key
    ON CONFLICT (url_key) DO UPDATE SET
        category_id = EXCLUDED.category_id, page = EXCLUDED.page, etag = EXCLUDED.etag,
        last_modified = EXCLUDED.last_modified, raw_hash = EXCLUDED.raw_hash,
        last_fetched_at = EXCLUDED.last_fetched_at, known_share = EXCLUDED.known_share
    WHERE l.last_fetched_at < EXCLUDED.last_fetched_at
""")
# The next run may stop at entries that were seen before this time.
CATCH_UP = text(f"""
    UPDATE crawl.category c SET caught_up_at = r.at
    FROM {recordset(models.Category, "category_id", at=models.Category.caught_up_at)}
    WHERE c.category_id = r.category_id AND (c.caught_up_at IS NULL OR c.caught_up_at < r.at)
""")
# What an unordered list shows first is no sign of what later pages hold.
NEVER_CAUGHT_UP = text(f"""
    UPDATE crawl.category c SET caught_up_at = NULL
    FROM {recordset(models.Category, "category_id")} WHERE c.category_id = r.category_id AND c.caught_up_at IS NOT NULL
""")
MISSING = text(f"""
    SELECT DISTINCT r.article_id
    FROM {recordset(models.ArticleCategory, "article_id category_id")}
    WHERE NOT EXISTS (
        SELECT FROM crawl.article_category c WHERE c.article_id = r.article_id AND c.category_id = r.category_id
    )
""")
# A title that one list shows anew is no change if another list showed it before.
_PLACE = "article_id category_id position shown_hash"
PLACE = text(f"""
    INSERT INTO crawl.article_category AS c
        (article_id, category_id, position, shown_hash, first_seen_at, last_seen_at)
    SELECT article_id, category_id, position, shown_hash, seen_at, seen_at
    FROM {recordset(models.ArticleCategory, _PLACE, seen_at=models.ArticleCategory.last_seen_at)}
    ORDER BY article_id, category_id
    ON CONFLICT (article_id, category_id) DO UPDATE SET
        position = coalesce(EXCLUDED.position, c.position),
        shown_hash = coalesce(EXCLUDED.shown_hash, c.shown_hash),
        shown_at = CASE WHEN c.shown_hash <> EXCLUDED.shown_hash THEN coalesce(
            (SELECT min(coalesce(other.shown_at, other.first_seen_at)) FROM crawl.article_category other
             WHERE other.article_id = c.article_id AND other.shown_hash = EXCLUDED.shown_hash),
            EXCLUDED.last_seen_at) ELSE c.shown_at END,
        last_seen_at = EXCLUDED.last_seen_at
    WHERE EXCLUDED.last_seen_at >= c.last_seen_at
      AND (c.position, c.shown_hash, c.last_seen_at)
          IS DISTINCT FROM (coalesce(EXCLUDED.position, c.position), coalesce(EXCLUDED.shown_hash, c.shown_hash),
                            EXCLUDED.last_seen_at)
    RETURNING article_id, category_id, xmax = 0 AS is_new
""")

Place = dict[str, Any]
"""Row of an article in a category: article_id, category_id, position, shown_hash, seen_at."""


def write(
    connection: Connection, run: RunKey, navigations: Iterable[Navigation], listings: Iterable[Listing]
) -> tuple[dict[str, int], dict[str, bool]]:
    """Write categories. Return the ids of all of the site's by name, and of those written whether they are new."""
    known = _by_name(connection, run)
    met = {
        listing.category: _row(
            listing.category, listing.fetch.url, None, listing.fetch.fetched_at, is_feed=listing.fetch.kind == "feed"
        )
        for listing in listings
        if listing.category not in known
    }
    for navigation in navigations:
        for category in navigation.categories:
            met[category.name] = _row(category.name, category.url, category.position, navigation.fetch.fetched_at)
    # Being seen again is no change.
    written = {
        row.name: row.is_new
        for row in send(connection, WRITE, met.values(), site_id=run.site_id)
        if row.is_new or any(known[row.name][key] != met[row.name][key] for key in ("url", "position"))
    }
    if met.keys() - known:
        known = _by_name(connection, run)
    return {name: row["category_id"] for name, row in known.items()}, written


def write_listings(
    connection: Connection, listings: Sequence[tuple[Listing, float | None]], ids: dict[str, int]
) -> None:
    """Write the list pages, each with the share of its entries that were known before."""
    latest = {
        listing.fetch.url: {
            "category_id": ids[listing.category],
            "page": listing.page,
            "url_key": url_key(listing.fetch.url),
            "url": listing.fetch.url,
            "etag": listing.fetch.etag,
            "last_modified": listing.fetch.last_modified,
            "raw_hash": hash_bytes(listing.fetch.raw_hash),
            "fetched_at": listing.fetch.fetched_at,
            "known_share": known_share,
        }
        for listing, known_share in listings
    }
    send(connection, LISTINGS, latest.values())


def catch_up(connection: Connection, ends: Iterable[tuple[str, datetime]], ids: dict[str, int]) -> None:
    """Set when the walks of categories were completed."""
    ended = {ids[name]: at for name, at in sorted(ends, key=lambda end: end[1]) if name in ids}
    send(connection, CATCH_UP, [{"category_id": known, "at": at} for known, at in sorted(ended.items())])


def forget_ends(connection: Connection, names: Iterable[str], ids: dict[str, int]) -> None:
    """Clear when the walks of these categories were completed, so that known entries do not end the next ones."""
    send(connection, NEVER_CAUGHT_UP, [{"category_id": ids[name]} for name in sorted(names) if name in ids])


def newly_placed(connection: Connection, places: Iterable[Place]) -> set[int]:
    """Return the ids of articles that get a category that they do not have yet."""
    return {row.article_id for row in send(connection, MISSING, places)}


def place(connection: Connection, places: Iterable[Place]) -> set[tuple[int, int]]:
    """Write which article was seen in which category. Return the new (article, category) pairs of ids."""
    latest: dict[tuple[int, int], Place] = {}
    for found in places:
        key = (found["article_id"], found["category_id"])
        if key not in latest or latest[key]["position"] is None:
            latest[key] = found
    rows = send(connection, PLACE, latest.values())
    return {(row.article_id, row.category_id) for row in rows if row.is_new}


def _by_name(connection: Connection, run: RunKey) -> dict[str, RowMapping]:
    """Return the site's categories by name."""
    rows = connection.execute(CATEGORIES, {"site_id": run.site_id}).mappings()
    return {row["name"]: row for row in rows}


def _row(name: str, url: str, position: int | None, seen_at: datetime, *, is_feed: bool = False) -> dict[str, Any]:
    return {"name": name, "url": url, "position": position, "seen_at": seen_at, "is_feed": is_feed}
