"""Edges between articles: which page shows a teaser of which article."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema import models
from pipelines.storage.schema.recordset import as_json, recordset, send
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from pipelines.storage.write.addresses import Addresses
    from pipelines.storage.write.contents import LockedArticle
    from smartdaily_crawler.items import Article

Key = tuple[int, int, str]
"""Ids of the page's article and of the target, and the block."""
KEY = ("from_article_id", "to_article_id", "block")
SHOWN = ("position", "title", "summary", "published_on", "image_url")
"""Columns with the names of an item's fields."""
Edge = dict[str, Any]

# Every edge that is still shown is written at each fetch of its page: that is what last_seen_at means. A title that one page shows
# anew is no change of the target if its own page has it, or another page showed it before.
WRITE = f"""
    INSERT INTO crawl.article_teaser AS t
        ({", ".join((*KEY, *SHOWN))}, first_seen_at, last_seen_at)
    SELECT {", ".join((*KEY, *SHOWN))}, seen_at, seen_at
    FROM {recordset(models.ArticleTeaser, (*KEY, *SHOWN), seen_at=models.ArticleTeaser.last_seen_at)}
    ORDER BY from_article_id, to_article_id, block
    ON CONFLICT (from_article_id, to_article_id, block) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in SHOWN)},
        shown_at = CASE
            WHEN (t.title, t.published_on) IS DISTINCT FROM (EXCLUDED.title, EXCLUDED.published_on)
             AND NOT EXISTS (
                SELECT FROM crawl.article target
                WHERE target.article_id = t.to_article_id AND starts_with(target.title, rtrim(EXCLUDED.title, '….'))
                  AND coalesce(EXCLUDED.published_on = target.published_on, true)
             ) THEN coalesce(
                (SELECT min(coalesce(other.shown_at, other.first_seen_at)) FROM crawl.article_teaser other
                 WHERE other.to_article_id = t.to_article_id
                   AND (other.title, other.published_on) IS NOT DISTINCT FROM (EXCLUDED.title, EXCLUDED.published_on)),
                EXCLUDED.last_seen_at)
            ELSE t.shown_at END,
        last_seen_at = EXCLUDED.last_seen_at, removed_at = NULL
    WHERE ({", ".join(f"t.{name}" for name in SHOWN)}, t.last_seen_at, t.removed_at)
        IS DISTINCT FROM
          ({", ".join(f"EXCLUDED.{name}" for name in SHOWN)}, EXCLUDED.last_seen_at, NULL)
"""
# All edges of a first page are new; handing each back to be counted took a fifth of the statement's time.
SHOW_FIRST = text(WRITE)
SHOW = text(f"""
    WITH written AS ({WRITE} RETURNING t.from_article_id, t.xmax = 0 AS is_new)
    SELECT from_article_id, count(*) AS edges FROM written WHERE is_new GROUP BY from_article_id
""")
# What a page shows is looked up in a hash: nested under its page it was read again for each edge, which took as long as
# writing them.
REMOVE = text(f"""
    WITH shown AS MATERIALIZED (
        SELECT from_article_id, to_article_id, block
        FROM {recordset(models.ArticleTeaser, KEY, of="shown")}
    )
    UPDATE crawl.article_teaser t SET removed_at = r.seen_at
    FROM {recordset(models.ArticleTeaser, "", article_id=models.ArticleTeaser.from_article_id, seen_at=models.ArticleTeaser.last_seen_at)}
    WHERE t.from_article_id = r.article_id AND t.removed_at IS NULL
      AND NOT EXISTS (
          SELECT FROM shown s
          WHERE s.from_article_id = t.from_article_id AND s.to_article_id = t.to_article_id AND s.block = t.block
      )
    RETURNING t.from_article_id
""")
UPDATE_SIGHTINGS = text(f"""
    UPDATE crawl.article_teaser t SET last_seen_at = r.at
    FROM {recordset(models.ArticleTeaser, "", article_id=models.ArticleTeaser.from_article_id, at=models.ArticleTeaser.last_seen_at)}
    WHERE t.from_article_id = r.article_id AND t.removed_at IS NULL AND t.last_seen_at < r.at
""")


def update_sightings(connection: Connection, pages: Iterable[tuple[int, datetime]]) -> None:
    """Refresh ``last_seen_at`` of the teasers on pages that did not change."""
    send(connection, UPDATE_SIGHTINGS, [{"article_id": article_id, "at": at} for article_id, at in pages])


def store(
    connection: Connection, locked_articles: Iterable[LockedArticle], addresses: Addresses
) -> dict[int, Counter[str]]:
    """Write the edges of the articles' pages. Return what changed, by article."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    first: list[Edge] = []
    edges: dict[Key, Edge] = {}
    still_shown: list[Key] = []
    pages = []
    for locked in locked_articles:
        shown: dict[Key, Edge] = {}
        for page in locked.pages:
            shown = _edges(locked, page, addresses)
            edges |= shown
        if locked.is_first_page:
            first += [edges.pop(key) for key in shown]
            counts[locked.article_id][Stat.TEASER_NEW] += len(shown)
        else:
            still_shown += shown
            pages.append({"article_id": locked.article_id, "seen_at": locked.last_fetched_at})
    send(connection, SHOW_FIRST, first)
    for row in send(connection, SHOW, edges.values()):
        counts[row.from_article_id][Stat.TEASER_NEW] += row.edges
    keys = [dict(zip(KEY, key, strict=True)) for key in still_shown]
    for row in send(connection, REMOVE, pages, shown=as_json(keys)):
        counts[row.from_article_id][Stat.TEASER_REMOVED] += 1
    return counts


def mark_removed(connection: Connection, gone: Iterable[tuple[int, datetime]]) -> Counter[int]:
    """Mark all teasers on gone pages as removed. Return their number by article."""
    pages = [{"article_id": article_id, "seen_at": at} for article_id, at in gone]
    return Counter(row.from_article_id for row in send(connection, REMOVE, pages, shown="[]"))


def _edges(locked: LockedArticle, page: Article, addresses: Addresses) -> dict[Key, Edge]:
    """Return the first edge to each target in each block; none from an article to itself."""
    edges: dict[Key, Edge] = {}
    for teaser in page.teasers:
        target = addresses[teaser.url].article_id
        if target != locked.article_id:
            edge = {
                "from_article_id": locked.article_id,
                "to_article_id": target,
                "block": teaser.block,
                **{name: getattr(teaser, name) for name in SHOWN},
                "seen_at": page.fetch.fetched_at,
            }
            edges.setdefault((locked.article_id, target, teaser.block), edge)
    return edges
