"""Near-duplicates: signatures that make alike bodies meet, the pairs found, and the queue of texts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EXACT = """
    SELECT article_id, duplicate_of, 'exact'::text AS kind, 1::double precision AS similarity
    FROM crawl.article WHERE duplicate_of IS NOT NULL
"""
# What is near an exact duplicate is near its original too: one link says it.
NEAR = """
    SELECT n.article_id, n.duplicate_of, 'near'::text AS kind, n.similarity
    FROM crawl.near_duplicate n
    JOIN crawl.article a ON a.article_id = n.article_id
    JOIN crawl.article o ON o.article_id = n.duplicate_of
    WHERE a.duplicate_of IS NULL AND o.duplicate_of IS NULL
"""
WAIT = "INSERT INTO crawl.text_queue (article_id) SELECT article_id FROM crawl.article WHERE body IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "article_signature",
        sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Whose body"),
        sa.Column(
            "bands",
            postgresql.ARRAY(sa.Integer()),
            nullable=False,
            comment="24 hashes, each of 4 values; alike bodies share one",
        ),
        sa.Column(
            "signature",
            sa.LargeBinary(),
            nullable=False,
            comment="The lowest 8 bits of the 96 values; the share of equal ones estimates the similarity",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["crawl.article.article_id"],
            name=op.f("article_signature_article_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("article_signature_pkey")),
        schema="crawl",
        comment="The MinHash of an article's body, by which near-duplicates meet; bodies under 200 letters have none",
    )
    op.create_index(
        op.f("article_signature_bands_idx"),
        "article_signature",
        ["bands"],
        schema="crawl",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "near_duplicate",
        sa.Column("article_id", sa.BigInteger(), nullable=False, comment="The later one"),
        sa.Column(
            "duplicate_of",
            sa.BigInteger(),
            nullable=False,
            comment="The earlier one, in the order of published_on, published_at, article_id",
        ),
        sa.Column(
            "similarity",
            sa.Float(),
            nullable=False,
            comment="Jaccard's, of the runs of five letters: 0.5 to 1",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["crawl.article.article_id"],
            name=op.f("near_duplicate_article_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of"],
            ["crawl.article.article_id"],
            name=op.f("near_duplicate_duplicate_of_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "duplicate_of", name=op.f("near_duplicate_pkey")),
        schema="crawl",
        comment="A pair of articles whose bodies have half of their runs of five letters in common, or more",
    )
    op.create_index(
        op.f("near_duplicate_duplicate_of_idx"), "near_duplicate", ["duplicate_of"], schema="crawl"
    )
    op.create_table(
        "text_queue",
        sa.Column(
            "text_queue_id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="Key; rows are only added and removed, so nobody waits",
        ),
        sa.Column(
            "article_id", sa.BigInteger(), nullable=False, comment="Whose text; may come more than once"
        ),
        sa.PrimaryKeyConstraint("text_queue_id", name=op.f("text_queue_pkey")),
        schema="crawl",
        comment="Articles whose text was written and is yet to be compared and made searchable; the writer does so after each batch",
    )
    op.execute(WAIT)
    op.execute(f"CREATE OR REPLACE VIEW api.duplicate AS {EXACT} UNION ALL {NEAR}")
    op.execute("COMMENT ON VIEW api.duplicate IS 'Articles whose text, or most of it, an earlier one has'")


def downgrade() -> None:
    op.execute(f"CREATE OR REPLACE VIEW api.duplicate AS {EXACT}")
    op.execute("COMMENT ON VIEW api.duplicate IS 'Articles whose text another, earlier one has'")
    for table in ("text_queue", "near_duplicate", "article_signature"):
        op.drop_table(table, schema="crawl")
