"""Decide at the end of a run which articles are gone from the site.

One 404 may be an accident, so an article is gone if two runs did not find it, or if the server answers 410. Many at once are
more likely an outage: then nothing is marked, and the next run asks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import LargeBinary, text

from pipelines.storage.db.locks import lock_identity
from pipelines.storage.write import moves, teasers
from smartdaily_crawler.cleaning.urls import kind_of_move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from pipelines.storage.schema.run_key import RunKey

LEAST, SHARE = 10, 0.8
"""Missing articles, and their share of the articles that the run asked for, from which they are not believed: a site that removes its
archive still shows new articles."""
LEAST_LISTED, SHARE_LISTED = 5, 0.2
"""The same of the articles that a list page of the run still shows: lists and pages contradict each other."""

# Lists and outcomes are dated by the crawler's clock, the start of a run by the database's.
_IS_LISTED = """EXISTS (
    SELECT FROM crawl.article_category c
    WHERE c.article_id = a.article_id AND c.position IS NOT NULL
      AND c.last_seen_at >= (SELECT min(at) FROM crawl.crawl_outcome WHERE run_id = :run_id)
)"""
ASKED = text(f"""
    SELECT count(*) AS asked,
           count(*) FILTER (WHERE is_missing) AS missing,
           count(*) FILTER (WHERE is_listed) AS listed,
           count(*) FILTER (WHERE is_missing AND is_listed) AS listed_missing
    FROM (
        SELECT o.outcome = 'gone' AS is_missing, {_IS_LISTED} AS is_listed
        FROM crawl.crawl_outcome o
        JOIN crawl.article a USING (url_key)
        WHERE o.run_id = :run_id AND o.kind = 'article' AND a.state = 'fetched'
          AND o.outcome IN ('stored', 'unchanged', 'not_modified', 'gone')
    ) AS answer
""")
FORGET = text("""
    UPDATE crawl.article SET missing_since = NULL, missing_run_id = NULL, missing_checked_at = NULL
    WHERE missing_run_id = :run_id AND state = 'fetched'
""")
GONE = text("""
    UPDATE crawl.article a SET state = 'gone'
    FROM crawl.crawl_outcome o
    WHERE o.run_id = :run_id AND o.outcome = 'gone' AND o.url_key = a.url_key AND a.state <> 'gone'
      AND a.missing_run_id IS NOT NULL AND (a.missing_run_id <> :run_id OR o.http_status = 410)
    RETURNING a.article_id, o.at
""")


# The text of a missing article was first read at another URL after it had last answered at its own, and no list shows it there.
MOVED = text(f"""
    SELECT a.article_id, a.url, a.text_hash, min(n.article_id) AS at_id, min(n.url) AS at_url,
           bool_and(a.missing_run_id <> :run_id OR o.http_status = 410) AS is_certain
    FROM crawl.crawl_outcome o
    JOIN crawl.article a USING (url_key)
    JOIN crawl.article n ON n.text_hash = a.text_hash AND n.site_id = a.site_id AND n.article_id <> a.article_id
    JOIN crawl.article_revision v ON v.article_id = n.article_id AND v.revision = 1 AND v.fetched_at > a.last_fetched_at
    WHERE o.run_id = :run_id AND o.outcome = 'gone' AND a.state = 'fetched' AND n.state = 'fetched' AND n.missing_since IS NULL
      AND NOT {_IS_LISTED}
    GROUP BY a.article_id
    HAVING count(*) = 1
""").columns(text_hash=LargeBinary)


class Disappearance(NamedTuple):
    """What the end of a run marked."""

    gone: int = 0
    """Articles."""
    removed_teasers: int = 0
    disbelieved: int = 0
    """Missing articles that were too many to be believed; then nothing is marked."""
    moved: tuple[str, ...] = ()
    """Of each article that was missing at its URL and read at another one, the ``urls.kind_of_move``."""


def mark_gone(connection: Connection, run: RunKey) -> Disappearance:
    """Mark the articles that are gone, and the teasers on their pages as removed; move those that have another URL."""
    found = connection.execute(ASKED, {"run_id": run.run_id}).one()
    elsewhere = connection.execute(MOVED, {"run_id": run.run_id}).all()
    if _is_outage(found.missing - len(elsewhere), found.asked, LEAST, SHARE) or _is_outage(
        found.listed_missing, found.listed, LEAST_LISTED, SHARE_LISTED
    ):
        connection.execute(FORGET, {"run_id": run.run_id})
        return Disappearance(disbelieved=found.missing)
    moved = _move(connection, run, [row for row in elsewhere if row.is_certain])
    gone = [(row.article_id, row.at) for row in connection.execute(GONE, {"run_id": run.run_id})]
    return Disappearance(len(gone), teasers.mark_removed(connection, gone).total(), moved=moved)


def _move(connection: Connection, run: RunKey, articles: Sequence[Row[Any]]) -> tuple[str, ...]:
    if not articles:
        return ()
    lock_identity(connection, run.site_id, alone=True)
    kinds: dict[int, str] = {}
    for row in articles:
        if row.at_id not in kinds:
            moves.join(connection, row.at_id, row.article_id, takes_url=True)
            kinds[row.at_id] = kind_of_move(row.url, row.at_url)
    return tuple(kinds.values())


def _is_outage(missing: int, asked: int, least: int, share: float) -> bool:
    return missing >= least and missing > share * asked
