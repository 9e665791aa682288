"""What a consumer of the change feed needs beside its rows: whether its cursor belongs here, and what holds it back."""

from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

# Transaction ids begin anew in another cluster, a restored database may lack what was read, and a promoted standby
# may lack the last transactions: there the order of before means nothing.
EPOCH = """
CREATE FUNCTION api.feed_epoch() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT left(encode(sha256(convert_to(
        concat_ws(' ', s.system_identifier, d.oid, c.timeline_id), 'UTF8')), 'hex'), 12)
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()
$$
"""
LAG = """
CREATE FUNCTION api.feed_lag()
RETURNS TABLE (waiting bigint, since timestamptz, process integer, application text, foreign_stamps bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT count(*) FROM crawl.article
            WHERE change_xid >= pg_snapshot_xmin(pg_current_snapshot())
              AND change_xid < pg_snapshot_xmax(pg_current_snapshot())),
           o.xact_start, o.pid, o.application_name,
           (SELECT count(*) FROM crawl.article WHERE change_xid >= pg_snapshot_xmax(pg_current_snapshot()))
    FROM (VALUES (1)) AS always LEFT JOIN (
        SELECT xact_start, pid, application_name FROM pg_stat_activity
        WHERE backend_xid IS NOT NULL ORDER BY age(backend_xid) DESC LIMIT 1
    ) AS o ON true
$$
"""
COMMENTS = {
    "api.feed_epoch": "What a cursor of api.article_change holds good in: another value means that all is to be read again",
    "api.feed_lag": (
        "How many committed changes the feed holds back, and the oldest transaction that may be why; foreign_stamps: "
        "changes that came with a restored dump, which scrapy db upgrade stamps anew"
    ),
}


def upgrade() -> None:
    op.execute(EPOCH)
    op.execute(LAG)
    for name, comment in COMMENTS.items():
        op.execute(f"COMMENT ON FUNCTION {name} IS '{comment}'")


def downgrade() -> None:
    op.execute("DROP FUNCTION api.feed_lag")
    op.execute("DROP FUNCTION api.feed_epoch")
