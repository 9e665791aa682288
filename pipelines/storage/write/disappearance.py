"""Decide at the end of a run which articles are gone from the site.

One 404 may be an accident, so an article is gone if two runs did not find it, or if the server answers 410. Many at once are
more likely an outage: then nothing is marked, and the next run asks again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from pipelines.storage.write import teasers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.storage.schema.run_key import RunKey

LEAST, SHARE = 10, 0.5
"""Missing articles, and their share of the known ones that the run asked for, above which they are not believed."""
LEAST_LISTED, SHARE_LISTED = 5, 0.2
"""The same for articles that a list page of the run still shows: lists and pages contradict each other."""

# Lists are dated by the crawler's clock, runs by the database's.
MISSING = text("""
    SELECT count(*) AS asked, count(*) FILTER (WHERE is_missing) AS missing,
           count(*) FILTER (WHERE is_missing AND EXISTS (
               SELECT FROM crawl.article_category c
               WHERE c.article_id = known.article_id AND c.position IS NOT NULL
                 AND c.last_seen_at >= CAST(:started_at AS timestamptz) - interval '5 minutes'
           )) AS listed
    FROM (
        SELECT a.article_id, o.outcome = 'gone' AS is_missing
        FROM crawl.crawl_outcome o
        JOIN crawl.article a USING (url_key)
        JOIN crawl.article_revision v ON v.article_id = a.article_id AND v.revision = 1 AND v.run_id <> :run_id
        WHERE o.run_id = :run_id AND o.kind = 'article' AND a.state = 'fetched'
          AND o.outcome IN ('stored', 'unchanged', 'not_modified', 'gone')
    ) AS known
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


class Disappearance(NamedTuple):
    """What the end of a run marked."""

    gone: int = 0
    """Articles."""
    removed_teasers: int = 0
    disbelieved: int = 0
    """Missing articles that were too many to be believed; then nothing is marked."""


def mark_gone(connection: Connection, run: RunKey) -> Disappearance:
    """Mark the articles that are gone, and the teasers on their pages as removed."""
    counts = connection.execute(MISSING, {"run_id": run.run_id, "started_at": run.started_at}).one()
    if _is_outage(counts.missing, counts.asked, LEAST, SHARE) or _is_outage(
        counts.listed, counts.asked, LEAST_LISTED, SHARE_LISTED
    ):
        connection.execute(FORGET, {"run_id": run.run_id})
        return Disappearance(disbelieved=counts.missing)
    gone = [(row.article_id, row.at) for row in connection.execute(GONE, {"run_id": run.run_id})]
    return Disappearance(len(gone), teasers.mark_removed(connection, gone).total())


def _is_outage(missing: int, asked: int, least: int, share: float) -> bool:
    return missing >= least and missing > share * asked
