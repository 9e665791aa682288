"""What the next run may rely on: where a category's walk ended, what a list showed, and which articles wait.

When an article is due follows from its age and the ladder at the time of asking, so no row has to say it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CAUGHT_UP = "End of the latest walk of its list pages that left nothing to read; NULL: none did yet"
SHOWN = "sha256 of the title and date that the list shows; NULL if known from a breadcrumb only"
FETCHED = "Latest answer of its page, whatever it was, but for failures and 404"
FETCHED_BEFORE = "Latest answer of its page, 304 included"
VERDICT = (
    "How the run went: healthy, degraded, incomplete, failed; refused: another run of the site was under way"
)
VERDICT_BEFORE = "How the run went: healthy, degraded or failed"
READ_AT = "Where its page answers, if url does not; NULL: at url"
NEXT_CHECK = "When to fetch it again; NULL: not planned"
WAITING = {
    "unfetched": "last_fetched_at IS NULL",
    "missing": "missing_run_id IS NOT NULL AND state <> 'gone'",
}


def upgrade() -> None:
    op.add_column(
        "category", sa.Column("caught_up_at", sa.DateTime(timezone=True), comment=CAUGHT_UP), schema="crawl"
    )
    op.add_column("article_category", sa.Column("shown_hash", sa.LargeBinary, comment=SHOWN), schema="crawl")
    op.add_column("article", sa.Column("read_at", sa.Text, comment=READ_AT), schema="crawl")
    op.drop_column("article", "next_check_at", schema="crawl")
    op.execute(f"COMMENT ON COLUMN crawl.article.last_fetched_at IS '{FETCHED}'")
    op.execute(f"COMMENT ON COLUMN crawl.crawl_run.verdict IS '{VERDICT}'")
    for name, condition in WAITING.items():
        op.create_index(
            f"ix_article_{name}",
            "article",
            ["site_id", "article_id"],
            schema="crawl",
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    for name in WAITING:
        op.drop_index(f"ix_article_{name}", "article", schema="crawl")
    op.execute(f"COMMENT ON COLUMN crawl.crawl_run.verdict IS '{VERDICT_BEFORE}'")
    op.execute(f"COMMENT ON COLUMN crawl.article.last_fetched_at IS '{FETCHED_BEFORE}'")
    next_check = sa.Column("next_check_at", sa.DateTime(timezone=True), comment=NEXT_CHECK)
    op.add_column("article", next_check, schema="crawl")
    op.drop_column("article", "read_at", schema="crawl")
    op.drop_column("article_category", "shown_hash", schema="crawl")
    op.drop_column("category", "caught_up_at", schema="crawl")
