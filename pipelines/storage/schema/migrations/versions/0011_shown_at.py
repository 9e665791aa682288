"""What a list shows anew of an article stays owed until its page has answered, whatever becomes of the run that saw it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SHOWN_AT = "When the list showed another title or date than before; NULL: it never did"


def upgrade() -> None:
    op.add_column(
        "article_category",
        sa.Column("shown_at", sa.DateTime(timezone=True), comment=SHOWN_AT),
        schema="crawl",
    )
    op.create_index(
        "ix_article_category_shown",
        "article_category",
        ["category_id", "shown_at"],
        schema="crawl",
        postgresql_where=sa.text("shown_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_article_category_shown", "article_category", schema="crawl")
    op.drop_column("article_category", "shown_at", schema="crawl")
