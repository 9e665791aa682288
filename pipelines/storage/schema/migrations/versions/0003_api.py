"""What consumers read: the views of schema api, and the role that may read nothing else."""

import logging

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

READER = "smartdaily_reader"

VIEWS = {
    "site": """
        SELECT name AS site, base_url, timezone FROM crawl.site
    """,
    "category": """
        SELECT s.name AS site, c.name, c.url, c.position, c.first_seen_at, c.last_seen_at
        FROM crawl.category c JOIN crawl.site s USING (site_id)
    """,
    "article": """
        SELECT a.article_id, s.name AS site, a.url, a.state, a.title, a.published_on, a.published_at, a.source,
               a.author, a.editor, a.summary, a.body, a.image_url,
               ARRAY(
                   SELECT c.name FROM crawl.article_category ac JOIN crawl.category c USING (category_id)
                   WHERE ac.article_id = a.article_id ORDER BY c.position, c.name
               ) AS categories,
               a.revision, a.duplicate_of, a.first_seen_at, a.last_seen_at, a.last_changed_at
        FROM crawl.article a JOIN crawl.site s USING (site_id)
    """,
    "teaser": """
        SELECT s.name AS site, t.from_article_id, f.url AS from_url, t.to_article_id, o.url AS to_url, t.block,
               t.position, t.title, t.summary, t.published_on, t.image_url, t.first_seen_at, t.last_seen_at,
               t.removed_at
        FROM crawl.article_teaser t
        JOIN crawl.article f ON f.article_id = t.from_article_id
        JOIN crawl.article o ON o.article_id = t.to_article_id
        JOIN crawl.site s ON s.site_id = f.site_id
    """,
    "revision": """
        SELECT article_id, revision, changed_fields, title, published_on, published_at, source, author, editor,
               body, published_raw, source_raw, author_raw, editor_raw, provenance, parser_version, run_id,
               fetched_at
        FROM crawl.article_revision
    """,
    "duplicate": """
        SELECT article_id, duplicate_of, 'exact'::text AS kind, 1::double precision AS similarity
        FROM crawl.article WHERE duplicate_of IS NOT NULL
    """,
    # The fence: a transaction that is still open may yet commit changes older than those already visible.
    "article_change": """
        SELECT c.change_xid, c.change_seq, a.*
        FROM api.article a JOIN crawl.article c USING (article_id)
        WHERE c.change_xid < pg_snapshot_xmin(pg_current_snapshot())
    """,
    "run": """
        SELECT r.run_id, s.name AS site, r.spider, r.job, r.version, r.arguments, r.started_at, r.finished_at,
               r.reason, r.verdict, r.stats
        FROM crawl.crawl_run r JOIN crawl.site s USING (site_id)
    """,
    "outcome": """
        SELECT run_id, url, kind, outcome, http_status, reason, attempts, elapsed_ms, at FROM crawl.crawl_outcome
    """,
}

COMMENTS = {
    "site": "The sites",
    "category": "The categories of their navigation",
    "article": "Articles, with those known from a link only (discovered) and those removed (gone)",
    "teaser": "Teasers on article pages: edges between articles; removed_at is NULL while shown",
    "revision": "What an article said, once for each time that changed",
    "duplicate": "Articles whose text another, earlier one has",
    "article_change": "The change feed: read on from the latest (change_xid, change_seq) seen, in that order",
    "run": "Runs of the crawler",
    "outcome": "The one end of each address requested in a run",
}


def upgrade() -> None:
    op.execute("CREATE SCHEMA api")
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW api.{name} AS {query}")
        op.execute(f"COMMENT ON VIEW api.{name} IS '{COMMENTS[name]}'")
    if _reader_exists():
        op.execute(f"GRANT USAGE ON SCHEMA api TO {READER}")
        op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA api TO {READER}")


def downgrade() -> None:
    op.execute("DROP SCHEMA api CASCADE")  # the role stays: it belongs to the whole cluster


def _reader_exists() -> bool:
    """Create the role unless it is there. Not every user of a managed server may."""
    connection = op.get_bind()
    present = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    if connection.scalar(present, {"name": READER}):
        return True
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE ROLE {READER} NOLOGIN"))
    except DBAPIError as error:
        # Another database of the cluster may be migrated right now.
        if connection.scalar(present, {"name": READER}):
            return True
        reason = str(error.orig).strip().splitlines()[0]
        logging.getLogger(__name__).warning(
            "The role %s could not be created (%s): create it, grant it USAGE on schema api and SELECT on its views",
            READER,
            reason,
        )
        return False
    return True
