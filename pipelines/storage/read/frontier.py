"""Look up pages before they are fetched: one query for all entries of a list, or all teasers of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import shown_hash, url_key
from pipelines.storage.schema.recordset import as_json, recordset
from pipelines.storage.text.notices import REMEMBERED
from smartdaily_crawler.crawl.frontier import CrawlState, ListingState, Validators
from smartdaily_crawler.reasons import CloseReason

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Teaser

Step = tuple[float, float]
"""Age up to which an article takes this step, and the pause until it is due again; seconds."""

# The age is measured by the site's clock, which also gave the date; the time since the last fetch by the database's. An
# article older than every step is not due any more. After a first 404 the next run fetches the article again; after a page that
# has nothing in common with the article, every run for a time.
_DUE = f"""
    (a.last_fetched_at IS NULL
     OR (a.missing_run_id <> :run_id AND a.state <> 'gone')
     OR a.article_id IN (SELECT article_id FROM crawl.held_page WHERE now() - held_since < interval '{REMEMBERED.days} days')
     OR now() - a.last_fetched_at >= (
         SELECT make_interval(secs => step.pause)
         FROM unnest(CAST(:ages AS float8[]), CAST(:pauses AS float8[])) AS step(age, pause)
         WHERE step.age >= extract(epoch FROM CASE
             WHEN a.published_at IS NOT NULL THEN CAST(:now AS timestamptz) - a.published_at
             WHEN a.published_on IS NOT NULL
                 THEN CAST(:now AS timestamptz) - (a.published_on + 1)::timestamp AT TIME ZONE s.timezone
             ELSE now() - a.first_seen_at END)
         ORDER BY step.age LIMIT 1
     ))
"""
# The title of a link, by which the page was read, or will be.
_LISTED_TITLE = """
    CASE a.revision WHEN 0 THEN a.title ELSE (
        SELECT a.title FROM crawl.article_revision v
        WHERE v.article_id = a.article_id AND v.revision = a.revision AND v.provenance ->> 'title' = 'list'
    ) END
"""
# An article that another parser version read has to be read again; so has a gone one, whose teasers were removed, and one that was
# missing at its URL, which may live on at an alternate one.
_STATE = f"""
    CASE WHEN a.missing_since IS NULL THEN a.url ELSE u.url END AS url, a.state, a.etag, a.last_modified, a.raw_hash, a.record,
    a.parser_version = :parser_version AND a.state <> 'gone' AND a.missing_since IS NULL AS is_comparable,
    {_LISTED_TITLE} AS listed_title
"""
# Alternate URLs of kind 'final' answered with the page itself.
_URLS = """
    JOIN crawl.article_url u ON u.article_id = a.article_id
        AND (u.url_key = a.url_key OR (u.kind = 'final' AND a.missing_since IS NOT NULL))
"""
_HAS_OUTCOME = """
    EXISTS (
        SELECT FROM crawl.article_url u JOIN crawl.crawl_outcome o ON o.run_id = :run_id AND o.url_key = u.url_key
        WHERE u.article_id = a.article_id
    )
"""
# A list or another page showed the article changed, in a run that did not fetch it.
_SHOWN_SINCE = """(
    EXISTS (
        SELECT FROM crawl.article_category shown
        WHERE shown.article_id = a.article_id AND shown.shown_at > a.last_fetched_at
    ) OR EXISTS (
        SELECT FROM crawl.article_teaser shown
        WHERE shown.to_article_id = a.article_id AND shown.shown_at > a.last_fetched_at
    )
)"""

# What failed in the run before waits until the others were asked for: it may fail for ever, and the number of requests is limited.
_FAILED_BEFORE = """
    EXISTS (
        SELECT FROM crawl.crawl_outcome o
        WHERE o.run_id = (SELECT max(run_id) FROM crawl.crawl_run WHERE site_id = :site_id AND run_id < :run_id)
          AND o.url_key = a.url_key AND o.outcome IN ('failed', 'rejected')
    )
"""

LIST_PAGE = text("""
    SELECT l.etag, l.last_modified, l.raw_hash, NULL AS record FROM crawl.listing l JOIN crawl.category c USING (category_id)
    WHERE l.url_key = :url_key AND l.last_fetched_at <= c.caught_up_at
""")
CAUGHT_UP = text("""
    SELECT category_id, caught_up_at FROM crawl.category WHERE site_id = :site_id AND name = :category
""")
ENTRIES = text(f"""
    SELECT r.place, {_STATE},
           a.state = 'gone' OR p.shown_hash <> r.shown_hash OR {_DUE} OR {_SHOWN_SINCE} AS is_due,
           coalesce(a.state <> 'gone' AND p.first_seen_at <= :caught_up_at AND p.shown_hash = r.shown_hash, false)
               AS is_known_unchanged
    FROM {recordset(models.ArticleCategory, "shown_hash", url_key=models.ArticleUrl.url_key, place="int")}
    JOIN crawl.article_url u USING (url_key)
    JOIN crawl.article a USING (article_id)
    JOIN crawl.site s USING (site_id)
    LEFT JOIN crawl.article_category p ON p.article_id = a.article_id AND p.category_id = :category_id
""")
# Old pages may link a gone article for ever.
ARTICLES = text(f"""
    SELECT r.place, {_STATE}, a.state <> 'gone' AND ({_DUE} OR {_SHOWN_SINCE}) AS is_due, false AS is_known_unchanged
    FROM {recordset(models.ArticleUrl, "url_key", place="int")}
    JOIN crawl.article_url u USING (url_key)
    JOIN crawl.article a USING (article_id)
    JOIN crawl.site s USING (site_id)
""")
# What is gone may come back: it is asked for again after a day, and each time after twice as long, for a year.
_GONE_IS_DUE = """
    (a.state = 'gone' AND now() - a.missing_since < interval '1 year'
     AND now() - a.missing_checked_at >= greatest(a.missing_checked_at - a.missing_since, interval '1 day'))
"""
# Each kind of candidate comes from an index, so that the bulk of the table is not read.
DUE = text(f"""
    WITH shown_since AS (
        SELECT article_id FROM crawl.category c JOIN crawl.article_category p USING (category_id)
        JOIN crawl.article a USING (article_id)
        WHERE c.site_id = :site_id AND p.shown_at > a.last_fetched_at
        UNION
        SELECT article_id FROM crawl.article_teaser t JOIN crawl.article a ON a.article_id = t.to_article_id
        WHERE a.site_id = :site_id AND t.shown_at > a.last_fetched_at
    ), candidate AS (
        SELECT article_id FROM crawl.article WHERE site_id = :site_id AND last_fetched_at IS NULL
        UNION
        SELECT article_id FROM crawl.article
        WHERE site_id = :site_id AND missing_since IS NOT NULL
        UNION
        SELECT article_id FROM crawl.held_page
        UNION
        SELECT article_id FROM shown_since
        UNION
        SELECT article_id FROM crawl.article WHERE site_id = :site_id AND published_on >= :oldest
        UNION
        SELECT article_id FROM crawl.article WHERE site_id = :site_id AND published_on IS NULL
    )
    SELECT {_STATE}, true AS is_due, false AS is_known_unchanged
    FROM candidate JOIN crawl.article a USING (article_id) JOIN crawl.site s USING (site_id) {_URLS}
    WHERE a.site_id = :site_id AND ({_GONE_IS_DUE} OR (a.state <> 'gone' AND ({_DUE} OR a.article_id IN (SELECT article_id FROM shown_since))))
      AND NOT {_HAS_OUTCOME}
    ORDER BY {_FAILED_BEFORE}, a.last_fetched_at NULLS FIRST, a.article_id
    LIMIT :limit
""")
KNOWN = text(f"""
    SELECT u.url, a.state, {_LISTED_TITLE} FROM crawl.article a {_URLS}
    WHERE a.site_id = :site_id AND a.state IN ('fetched', 'discovered') AND NOT {_HAS_OUTCOME}
    ORDER BY {_FAILED_BEFORE}, a.state = 'discovered', a.last_fetched_at NULLS FIRST, a.article_id
    LIMIT :limit
""")


# A run with the same arguments that did not end by itself found these, on lists or as targets of the articles there.
LEFT_BEHIND = text(f"""
    WITH earlier AS (
        SELECT r.run_id, r.reason FROM crawl.crawl_run r JOIN crawl.crawl_run this USING (site_id, arguments)
        WHERE this.run_id = :run_id AND r.run_id < :run_id
    ), unended AS (
        SELECT min(o.at) AS since FROM earlier JOIN crawl.crawl_outcome o USING (run_id)
        WHERE run_id > (SELECT coalesce(max(run_id), 0) FROM earlier WHERE reason = '{CloseReason.FINISHED}')
    )
    SELECT {_STATE}, true AS is_due, false AS is_known_unchanged
    FROM crawl.article a JOIN unended ON a.first_seen_at >= unended.since {_URLS}
    WHERE a.site_id = :site_id AND a.last_fetched_at IS NULL AND NOT {_HAS_OUTCOME} AND (
        EXISTS (SELECT FROM crawl.article_category WHERE article_id = a.article_id)
        OR (:follow_teasers AND EXISTS (
            SELECT FROM crawl.article_teaser t JOIN crawl.article_category c ON c.article_id = t.from_article_id
            WHERE t.to_article_id = a.article_id
        ))
    )
    ORDER BY a.article_id
    LIMIT :limit
""")


@dataclass(frozen=True)
class Lookup:
    """Parameters that all queries about articles share."""

    run: RunKey
    now: datetime
    """By the site's clock; timezone-aware."""
    schedule: Sequence[Step]
    parser_version: str

    @property
    def values(self) -> dict[str, Any]:
        return {
            "run_id": self.run.run_id,
            "now": self.now,
            "ages": [age for age, _ in self.schedule],
            "pauses": [pause for _, pause in self.schedule],
            "parser_version": self.parser_version,
        }


def list_page(connection: Connection, url: str) -> Validators | None:
    """Return the validators of a list page whose category was walked to its end since; ``None`` for another page."""
    row = connection.execute(LIST_PAGE, {"url_key": url_key(url)}).mappings().first()
    return _validators(row) if row else None


def entries(connection: Connection, lookup: Lookup, category: str, shown: Sequence[Teaser]) -> ListingState:
    """Return the state of each entry that a list page of the category shows, in their order."""
    names = {"site_id": lookup.run.site_id, "category": category}
    walked = connection.execute(CAUGHT_UP, names).mappings().first()
    rows = [
        {"place": place, "url_key": url_key(entry.url), "shown_hash": shown_hash(entry.title, entry.published_on)}
        for place, entry in enumerate(shown)
    ]
    walk = {"category_id": None, "caught_up_at": None} if walked is None else dict(walked)
    found = connection.execute(ENTRIES, {"rows": as_json(rows), **walk, **lookup.values})
    states = _in_order([entry.url for entry in shown], found.mappings())
    return ListingState(states, was_walked=walk["caught_up_at"] is not None)


def articles(connection: Connection, lookup: Lookup, urls: Sequence[str]) -> list[CrawlState]:
    """Return the state of the article at each URL, in their order."""
    rows = [{"place": place, "url_key": url_key(url)} for place, url in enumerate(urls)]
    found = connection.execute(ARTICLES, {"rows": as_json(rows), **lookup.values})
    return _in_order(urls, found.mappings())


def due(connection: Connection, lookup: Lookup, limit: int) -> list[CrawlState]:
    """Return the site's due articles without an outcome in this run, those unchecked for the longest first."""
    oldest = lookup.now.timestamp() - max((age for age, _ in lookup.schedule), default=0)
    values = {
        "site_id": lookup.run.site_id,
        # A day earlier: published_on is a day in the site's zone, without a time.
        "oldest": datetime.fromtimestamp(oldest - 86_400, tz=lookup.now.tzinfo).date(),
        "limit": limit,
    }
    return [_state(row) for row in connection.execute(DUE, lookup.values | values).mappings()]


def left_behind(connection: Connection, lookup: Lookup, limit: int, *, follow_teasers: bool) -> list[CrawlState]:
    """Return the articles that runs like this one found, but did not fetch before they were killed or stopped."""
    values = {"site_id": lookup.run.site_id, "follow_teasers": follow_teasers, "limit": limit}
    return [_state(row) for row in connection.execute(LEFT_BEHIND, lookup.values | values).mappings()]


def known(connection: Connection, run: RunKey, limit: int) -> list[CrawlState]:
    """Return all known articles without an outcome in this run, those unchecked for the longest first."""
    wanted = {"site_id": run.site_id, "run_id": run.run_id, "limit": limit}
    found = connection.execute(KNOWN, wanted)
    return [
        CrawlState(
            url,
            is_fetched=state == "fetched",
            listed_title=title,
            is_read_by_list=state == "fetched" and title is not None,
        )
        for url, state, title in found
    ]


def _in_order(urls: Sequence[str], rows: Iterable[RowMapping]) -> list[CrawlState]:
    states = [CrawlState(url) for url in urls]
    for row in rows:
        states[row["place"]] = _state(row)
    return states


def _state(row: RowMapping) -> CrawlState:
    return CrawlState(
        url=row["url"],
        is_due=row["is_due"] is True,
        is_fetched=row["state"] == "fetched",
        is_known_unchanged=row["is_known_unchanged"],
        validators=_validators(row) if row["is_comparable"] else None,
        listed_title=row["listed_title"],
        is_read_by_list=row["state"] == "fetched" and row["listed_title"] is not None,
    )


def _validators(row: RowMapping) -> Validators | None:
    etag, last_modified, raw_hash = row["etag"], row["last_modified"], row["raw_hash"]
    if etag is None and last_modified is None and raw_hash is None:
        return None
    return Validators(etag, last_modified, bytes(raw_hash).hex() if raw_hash is not None else None, row["record"])
