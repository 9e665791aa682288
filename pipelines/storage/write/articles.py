"""Rows of articles: inserted for links, updated by sightings and by outcomes without a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import url_key
from pipelines.storage.schema.recordset import recordset, send

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import Connection

    from pipelines.storage.schema.run_key import RunKey
    from pipelines.storage.write.addresses import Known
    from smartdaily_crawler.items import Fetch

_LINK = "article_id title published_on summary image_url"
DISCOVER = text(f"""
    INSERT INTO crawl.article (article_id, site_id, url_key, url, state, title, published_on, summary, image_url,
                               first_seen_at, last_seen_at)
    SELECT article_id, :site_id, url_key, url, 'discovered', title, published_on, summary, image_url, seen_at, seen_at
    FROM {recordset(models.Article, f"url_key url {_LINK}", seen_at=models.Article.last_seen_at)}
    ORDER BY article_id
""")
UPDATE_SIGHTINGS = text(f"""
    UPDATE crawl.article a SET
        title = CASE a.state WHEN 'discovered' THEN coalesce(a.title, r.title) ELSE a.title END,
        published_on = CASE a.state WHEN 'discovered' THEN coalesce(a.published_on, r.published_on)
                                    ELSE a.published_on END,
        summary = coalesce(a.summary, r.summary),
        image_url = coalesce(a.image_url, r.image_url),
        last_seen_at = greatest(a.last_seen_at, r.seen_at)
    FROM {recordset(models.Article, _LINK, seen_at=models.Article.last_seen_at)}
    WHERE a.article_id = r.article_id
""")
# A new category of an article is a change in the feed: the trigger stamps a row whose change_seq is written.
RESTAMP = text(f"""
    UPDATE crawl.article a SET change_seq = 0
    FROM {recordset(models.Article, "article_id")}
    WHERE a.article_id = r.article_id AND a.change_xid IS DISTINCT FROM pg_current_xact_id()
""")
ANSWERED = text(f"""
    UPDATE crawl.article a SET
        last_fetched_at = r.at, missing_since = NULL, missing_run_id = NULL, missing_checked_at = NULL,
        record = CASE a.revision WHEN 0 THEN r.record ELSE a.record END
    FROM {recordset(models.Article, "article_id record", at=models.Article.last_fetched_at)}
    JOIN crawl.article before USING (article_id)
    WHERE a.article_id = r.article_id AND (a.last_fetched_at IS NULL OR a.last_fetched_at < r.at)
    RETURNING a.article_id, before.state = 'discovered' AND before.last_fetched_at IS NOT NULL AS was_none
""")
NOT_MODIFIED = text(f"""
    UPDATE crawl.article a SET
        state = 'fetched',
        last_seen_at = greatest(a.last_seen_at, r.at),
        last_fetched_at = r.at,
        missing_since = NULL,
        missing_run_id = NULL,
        missing_checked_at = NULL,
        record = coalesce(r.record, a.record)
    FROM {recordset(models.Article, "article_id record", at=models.Article.last_fetched_at)}
    WHERE a.article_id = r.article_id AND a.last_fetched_at < r.at
""")
# A first 404 may be an accident of the site's: what is gone is decided at the end of the run.
MISSING = text(f"""
    UPDATE crawl.article a SET
        missing_since = coalesce(a.missing_since, r.at),
        missing_run_id = coalesce(a.missing_run_id, :run_id),
        missing_checked_at = r.at
    FROM {recordset(models.Article, "article_id", at=models.Article.missing_since)}
    JOIN crawl.article before USING (article_id)
    WHERE a.article_id = r.article_id AND (a.last_fetched_at IS NULL OR a.last_fetched_at <= r.at)
      AND (a.missing_checked_at IS NULL OR a.missing_checked_at < r.at)
    RETURNING a.article_id, before.missing_since IS NULL AS is_first
""")


@dataclass(slots=True)
class Sighting:
    """What the links to an article show, merged over a batch."""

    seen_at: datetime
    title: str | None = None
    published_on: date | None = None
    summary: str | None = None
    """From list pages only: the summary of a teaser is stored with the teaser."""
    image_url: str | None = None

    def add(self, other: Sighting) -> None:
        self.seen_at = max(self.seen_at, other.seen_at)
        self.title = self.title or other.title
        self.published_on = self.published_on or other.published_on
        self.summary = self.summary or other.summary
        self.image_url = self.image_url or other.image_url

    def is_news_about(self, article: Known, run: RunKey) -> bool:
        """Return whether the row would change. A sighting counts once a run, or hot articles would be written all day."""
        fills_title = article.state == "discovered" and (
            (self.title and not article.has_title) or (self.published_on and not article.has_date)
        )
        fills_rest = (self.summary and not article.has_summary) or (self.image_url and not article.has_image)
        seen_anew = article.last_seen_at < min(run.started_at, self.seen_at)
        return bool(fills_title or fills_rest or seen_anew)


def discover(connection: Connection, run: RunKey, articles: Iterable[Known], links: dict[int, Sighting]) -> None:
    """Insert the rows of articles that are known from links."""
    rows = []
    for article in articles:
        link = links.get(article.article_id) or Sighting(seen_at=article.last_seen_at)
        rows.append({**_link(article, link), "url": article.identity, "url_key": url_key(article.identity)})
    send(connection, DISCOVER, rows, site_id=run.site_id)


def update_sightings(connection: Connection, links: Iterable[tuple[Known, Sighting]]) -> None:
    """Fill absent fields of known articles from links, and refresh ``last_seen_at``."""
    send(connection, UPDATE_SIGHTINGS, [_link(article, link) for article, link in links])


def restamp(connection: Connection, article_ids: Iterable[int]) -> None:
    """Make the articles appear in the feed again."""
    send(connection, RESTAMP, [{"article_id": article_id} for article_id in article_ids])


def _link(article: Known, link: Sighting) -> dict[str, Any]:
    return {
        "article_id": article.article_id,
        "title": link.title,
        "published_on": link.published_on,
        "summary": link.summary,
        "image_url": link.image_url,
        "seen_at": link.seen_at,
    }


def mark_unmodified(connection: Connection, ends: Iterable[tuple[int, Fetch]]) -> None:
    """Set ``last_fetched_at`` and ``last_seen_at`` of articles whose pages did not change."""
    send(connection, NOT_MODIFIED, _moments(ends))


def note_answers(connection: Connection, ends: Iterable[tuple[int, Fetch]]) -> set[int]:
    """Set ``last_fetched_at`` for outcomes that tell nothing of the article. Return the ids of articles that never had a page."""
    return {row.article_id for row in send(connection, ANSWERED, _moments(ends)) if row.was_none}


def _moments(ends: Iterable[tuple[int, Fetch]]) -> list[dict[str, Any]]:
    return [{"article_id": article_id, "at": fetch.fetched_at, "record": fetch.record} for article_id, fetch in ends]


def mark_missing(connection: Connection, run: RunKey, checks: Iterable[tuple[int, datetime]]) -> set[int]:
    """Mark articles whose pages were not found. Return the ids of those that were not marked before."""
    rows = {article_id: {"article_id": article_id, "at": at} for article_id, at in checks}
    marked = send(connection, MISSING, rows.values(), run_id=run.run_id)
    return {row.article_id for row in marked if row.is_first}
