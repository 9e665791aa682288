"""The change feed: who changes an article stamps it, and wakes whoever listens."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STAMP = """
CREATE FUNCTION crawl.stamp_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.change_xid := pg_current_xact_id();
    NEW.change_seq := nextval('crawl.change_seq');
    -- Equal notifications of one transaction arrive as one.
    PERFORM pg_notify('smartdaily_change', '');
    RETURN NEW;
END
$$
"""
ON_INSERT = """
CREATE TRIGGER stamp_insert BEFORE INSERT ON crawl.article
FOR EACH ROW EXECUTE FUNCTION crawl.stamp_change()
"""
# Sightings, validators and plans are no news. Where an article's categories change, the writer sets change_seq to
# have the article stamped.
ON_UPDATE = """
CREATE TRIGGER stamp_update BEFORE UPDATE ON crawl.article
FOR EACH ROW WHEN (
    (OLD.url, OLD.state, OLD.title, OLD.published_on, OLD.published_at, OLD.source, OLD.author, OLD.editor,
     OLD.summary, OLD.body, OLD.images, OLD.image_url, OLD.revision, OLD.duplicate_of, OLD.change_seq)
    IS DISTINCT FROM
    (NEW.url, NEW.state, NEW.title, NEW.published_on, NEW.published_at, NEW.source, NEW.author, NEW.editor,
     NEW.summary, NEW.body, NEW.images, NEW.image_url, NEW.revision, NEW.duplicate_of, NEW.change_seq)
) EXECUTE FUNCTION crawl.stamp_change()
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE crawl.change_seq")
    op.execute(STAMP)
    op.execute(ON_INSERT)
    op.execute(ON_UPDATE)


def downgrade() -> None:
    op.execute("DROP TRIGGER stamp_update ON crawl.article")
    op.execute("DROP TRIGGER stamp_insert ON crawl.article")
    op.execute("DROP FUNCTION crawl.stamp_change")
    op.execute("DROP SEQUENCE crawl.change_seq")
