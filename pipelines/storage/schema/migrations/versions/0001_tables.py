"""The tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from pipelines.storage.schema.models import XID8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "article_url",
    "article_teaser",
    "article_revision",
    "article_category",
    "listing",
    "dead_letter",
    "crawl_outcome",
    "article",
    "crawl_run",
    "category",
    "site",
)
"""In the order that their foreign keys let them go."""


def upgrade() -> None:
    op.create_table(
        "site",
        sa.Column("site_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Key"),
        sa.Column("name", sa.Text(), nullable=False, comment="Short name, unique"),
        sa.Column(
            "base_url", sa.Text(), nullable=False, comment="Address of the home page at the latest run"
        ),
        sa.Column(
            "timezone", sa.Text(), nullable=False, comment="IANA name of the zone its pages print times in"
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("site_pkey")),
        sa.UniqueConstraint("name", name=op.f("site_name_key")),
        schema="crawl",
        comment="A news site",
    )
    op.create_table(
        "category",
        sa.Column("category_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Key"),
        sa.Column("site_id", sa.BigInteger(), nullable=False, comment="Whose category"),
        sa.Column("name", sa.Text(), nullable=False, comment="As the navigation prints it"),
        sa.Column("url", sa.Text(), nullable=False, comment="Address of its first list page"),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=True,
            comment="1-based place in the navigation; NULL until the navigation showed it",
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="First sighting"),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Latest sighting in the navigation",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["crawl.site.site_id"], name=op.f("category_site_id_fkey")),
        sa.PrimaryKeyConstraint("category_id", name=op.f("category_pkey")),
        sa.UniqueConstraint("site_id", "name", name=op.f("category_site_id_name_key")),
        schema="crawl",
        comment="A category of a site's navigation",
    )
    op.create_table(
        "crawl_run",
        sa.Column("run_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Key"),
        sa.Column("site_id", sa.BigInteger(), nullable=False, comment="Site crawled"),
        sa.Column("spider", sa.Text(), nullable=False, comment="Name of the spider"),
        sa.Column("job", sa.Text(), nullable=True, comment="scrapyd's id of the job, NULL outside scrapyd"),
        sa.Column("version", sa.Text(), nullable=False, comment="Version of the crawler"),
        sa.Column(
            "arguments",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The spider's arguments",
        ),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), nullable=False, comment="Start, by the database's clock"
        ),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="End; NULL while it runs, or if it was killed",
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why the spider closed"),
        sa.Column(
            "verdict", sa.Text(), nullable=True, comment="How the run went: healthy, degraded or failed"
        ),
        sa.Column(
            "stats",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="The crawler's counters at the end",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["crawl.site.site_id"], name=op.f("crawl_run_site_id_fkey")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("crawl_run_pkey")),
        schema="crawl",
        comment="One run of a spider",
    )
    op.create_table(
        "article",
        sa.Column("article_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Key"),
        sa.Column("site_id", sa.BigInteger(), nullable=False, comment="Site it was found on"),
        sa.Column("url_key", sa.LargeBinary(), nullable=False, comment="sha256 of url"),
        sa.Column("url", sa.Text(), nullable=False, comment="Canonical address, the article's identity"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="discovered: known from a link only; fetched; gone: removed from the site",
        ),
        sa.Column("title", sa.Text(), nullable=True, comment="Heading; while discovered, the link's text"),
        sa.Column("published_on", sa.Date(), nullable=True, comment="Date of publication in the site's zone"),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Time of publication; NULL where the page prints only a date",
        ),
        sa.Column(
            "source", sa.Text(), nullable=True, comment="Name of the source as printed, without its label"
        ),
        sa.Column(
            "author", sa.Text(), nullable=True, comment="Name of the author as printed, without its label"
        ),
        sa.Column(
            "editor", sa.Text(), nullable=True, comment="Name of the editor as printed, without its label"
        ),
        sa.Column("summary", sa.Text(), nullable=True, comment="The page's own summary, else a listing's"),
        sa.Column("body", sa.Text(), nullable=True, comment="Paragraphs joined by a blank line, plain text"),
        sa.Column(
            "images",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Pictures in the body: [{url, caption}]",
        ),
        sa.Column(
            "image_url", sa.Text(), nullable=True, comment="The first picture of the body, else a listing's"
        ),
        sa.Column(
            "content_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="sha256 of title, body, source, author, editor, published; decides about a revision",
        ),
        sa.Column(
            "text_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="sha256 of title and body; equal ones are duplicates",
        ),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=True, comment="sha256 of the response's bytes"),
        sa.Column("etag", sa.Text(), nullable=True, comment="Validator as the server sent it"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Validator as the server sent it"),
        sa.Column(
            "revision",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Number of the latest revision, 0 before the first fetch",
        ),
        sa.Column(
            "duplicate_of",
            sa.BigInteger(),
            nullable=True,
            comment="The earliest article with the same text, if this is not it",
        ),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="First sighting, as a link or a page",
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Latest sighting; sightings as a link count once a run",
        ),
        sa.Column(
            "last_fetched_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Latest answer of its page, 304 included",
        ),
        sa.Column(
            "last_changed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Fetch that made the latest revision",
        ),
        sa.Column(
            "next_check_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When to fetch it again; NULL: not planned",
        ),
        sa.Column(
            "missing_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="First 404 since it last answered",
        ),
        sa.Column("missing_run_id", sa.BigInteger(), nullable=True, comment="Run that met the first 404"),
        sa.Column(
            "change_xid", XID8(), nullable=False, comment="Transaction of the latest change, for the feed"
        ),
        sa.Column(
            "change_seq",
            sa.BigInteger(),
            nullable=False,
            comment="Order of the latest change within its transaction",
        ),
        sa.CheckConstraint("state IN ('discovered', 'fetched', 'gone')", name=op.f("article_state_check")),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["crawl.article.article_id"], name=op.f("article_duplicate_of_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["missing_run_id"], ["crawl.crawl_run.run_id"], name=op.f("article_missing_run_id_fkey")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["crawl.site.site_id"], name=op.f("article_site_id_fkey")),
        sa.PrimaryKeyConstraint("article_id", name=op.f("article_pkey")),
        sa.UniqueConstraint("change_xid", "change_seq", name=op.f("article_change_xid_change_seq_key")),
        sa.UniqueConstraint("url_key", name=op.f("article_url_key_key")),
        schema="crawl",
        comment="An article: known from a link, fetched, or gone from the site",
    )
    op.create_index(
        op.f("article_duplicate_of_idx"),
        "article",
        ["duplicate_of"],
        unique=False,
        schema="crawl",
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    op.create_index(
        op.f("article_site_id_published_on_idx"),
        "article",
        ["site_id", "published_on"],
        unique=False,
        schema="crawl",
    )
    op.create_index(
        op.f("article_text_hash_idx"),
        "article",
        ["text_hash"],
        unique=False,
        schema="crawl",
        postgresql_where=sa.text("text_hash IS NOT NULL"),
    )
    op.create_table(
        "crawl_outcome",
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Which run"),
        sa.Column("url_key", sa.LargeBinary(), nullable=False, comment="sha256 of url"),
        sa.Column("url", sa.Text(), nullable=False, comment="Canonical form of the requested address"),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="What was expected there: home, listing, article, part"
        ),
        sa.Column("outcome", sa.Text(), nullable=False, comment="How it ended"),
        sa.Column("http_status", sa.Integer(), nullable=True, comment="NULL where no answer came"),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="Short and stable, such as no_body or http_404"
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="Requests made, retries included"),
        sa.Column("elapsed_ms", sa.Integer(), nullable=True, comment="Duration of the last attempt"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it ended"),
        sa.CheckConstraint(
            "kind IN ('home', 'listing', 'article', 'part')", name=op.f("crawl_outcome_kind_check")
        ),
        sa.CheckConstraint(
            "outcome IN ('stored', 'unchanged', 'not_modified', 'duplicate', 'gone', 'rejected', 'failed', 'skipped')",
            name=op.f("crawl_outcome_outcome_check"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["crawl.crawl_run.run_id"], name=op.f("crawl_outcome_run_id_fkey")
        ),
        sa.PrimaryKeyConstraint("run_id", "url_key", name=op.f("crawl_outcome_pkey")),
        schema="crawl",
        comment="The one end of a requested address in a run",
    )
    op.create_table(
        "dead_letter",
        sa.Column(
            "dead_letter_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Key"
        ),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Which run"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When it was refused"),
        sa.Column("url", sa.Text(), nullable=False, comment="Address that was requested"),
        sa.Column("reason", sa.Text(), nullable=False, comment="What the database said"),
        sa.Column(
            "payload",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The item: {type, fields}",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["crawl.crawl_run.run_id"], name=op.f("dead_letter_run_id_fkey")),
        sa.PrimaryKeyConstraint("dead_letter_id", name=op.f("dead_letter_pkey")),
        schema="crawl",
        comment="An item that the database refused, kept for repair",
    )
    op.create_index(op.f("dead_letter_run_id_idx"), "dead_letter", ["run_id"], unique=False, schema="crawl")
    op.create_table(
        "listing",
        sa.Column("listing_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Key"),
        sa.Column("category_id", sa.BigInteger(), nullable=False, comment="Its category"),
        sa.Column("page", sa.Integer(), nullable=False, comment="1-based number within the category"),
        sa.Column("url_key", sa.LargeBinary(), nullable=False, comment="sha256 of url"),
        sa.Column("url", sa.Text(), nullable=False, comment="Canonical address"),
        sa.Column("etag", sa.Text(), nullable=True, comment="Validator as the server sent it"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Validator as the server sent it"),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=True, comment="sha256 of the response's bytes"),
        sa.Column("last_fetched_at", sa.DateTime(timezone=True), nullable=False, comment="Latest fetch"),
        sa.Column(
            "known_share",
            sa.Double(),
            nullable=True,
            comment="Share of the latest fetch's entries that were known before it, 0 to 1; NULL without entries",
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["crawl.category.category_id"], name=op.f("listing_category_id_fkey")
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("listing_pkey")),
        sa.UniqueConstraint("url_key", name=op.f("listing_url_key_key")),
        schema="crawl",
        comment="One list page of a category",
    )
    op.create_index(op.f("listing_category_id_idx"), "listing", ["category_id"], unique=False, schema="crawl")
    op.create_table(
        "article_category",
        sa.Column("article_id", sa.BigInteger(), nullable=False, comment="Which article"),
        sa.Column("category_id", sa.BigInteger(), nullable=False, comment="In which category"),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=True,
            comment="1-based over the category's pages at the latest sighting; NULL if known from a breadcrumb only",
        ),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="First sighting there"
        ),
        sa.Column(
            "last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="Latest sighting there"
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["crawl.article.article_id"], name=op.f("article_category_article_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["crawl.category.category_id"], name=op.f("article_category_category_id_fkey")
        ),
        sa.PrimaryKeyConstraint("article_id", "category_id", name=op.f("article_category_pkey")),
        schema="crawl",
        comment="An article seen in a category",
    )
    op.create_index(
        op.f("article_category_category_id_idx"),
        "article_category",
        ["category_id"],
        unique=False,
        schema="crawl",
    )
    op.create_table(
        "article_revision",
        sa.Column("article_id", sa.BigInteger(), nullable=False, comment="Whose revision"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="1-based, without gaps"),
        sa.Column(
            "changed_fields",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Which of title, body, source, author, editor, published differ from the one before; empty in the first",
        ),
        sa.Column("title", sa.Text(), nullable=True, comment="As in article"),
        sa.Column("published_on", sa.Date(), nullable=True, comment="As in article"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True, comment="As in article"),
        sa.Column("source", sa.Text(), nullable=True, comment="As in article"),
        sa.Column("author", sa.Text(), nullable=True, comment="As in article"),
        sa.Column("editor", sa.Text(), nullable=True, comment="As in article"),
        sa.Column("summary", sa.Text(), nullable=True, comment="The page's own"),
        sa.Column("body", sa.Text(), nullable=True, comment="As in article"),
        sa.Column("images", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="As in article"),
        sa.Column(
            "published_raw",
            sa.Text(),
            nullable=True,
            comment="What published_on and published_at were read from",
        ),
        sa.Column(
            "source_raw", sa.Text(), nullable=True, comment="What source was read from, label included"
        ),
        sa.Column(
            "author_raw", sa.Text(), nullable=True, comment="What author was read from, label included"
        ),
        sa.Column(
            "editor_raw", sa.Text(), nullable=True, comment="What editor was read from, label included"
        ),
        sa.Column(
            "provenance",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Field: selector, structure or meta",
        ),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False, comment="As in article"),
        sa.Column(
            "parser_version", sa.Text(), nullable=False, comment="Version of the code that read the page"
        ),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Which run"),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False, comment="When the page answered"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["crawl.article.article_id"], name=op.f("article_revision_article_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["crawl.crawl_run.run_id"], name=op.f("article_revision_run_id_fkey")
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", name=op.f("article_revision_pkey")),
        schema="crawl",
        comment="What an article said, once for each time that changed",
    )
    op.create_index(
        op.f("article_revision_run_id_idx"), "article_revision", ["run_id"], unique=False, schema="crawl"
    )
    op.create_table(
        "article_teaser",
        sa.Column("from_article_id", sa.BigInteger(), nullable=False, comment="Whose page shows it"),
        sa.Column("to_article_id", sa.BigInteger(), nullable=False, comment="Which article it leads to"),
        sa.Column(
            "block", sa.Text(), nullable=False, comment="Which repeated block of the page: teasers or ranking"
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="1-based within its block"),
        sa.Column("title", sa.Text(), nullable=False, comment="As the teaser prints it"),
        sa.Column(
            "summary", sa.Text(), nullable=True, comment="As the teaser prints it, with … where it is cut"
        ),
        sa.Column("published_on", sa.Date(), nullable=True, comment="As the teaser prints it"),
        sa.Column("image_url", sa.Text(), nullable=True, comment="The teaser's picture"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="First sighting on that page"
        ),
        sa.Column(
            "last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="Latest sighting on that page"
        ),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="First fetch of the page without it; NULL while it is shown",
        ),
        sa.ForeignKeyConstraint(
            ["from_article_id"],
            ["crawl.article.article_id"],
            name=op.f("article_teaser_from_article_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["to_article_id"], ["crawl.article.article_id"], name=op.f("article_teaser_to_article_id_fkey")
        ),
        sa.PrimaryKeyConstraint(
            "from_article_id", "to_article_id", "block", name=op.f("article_teaser_pkey")
        ),
        schema="crawl",
        comment="A teaser on an article's page: an edge between two articles",
    )
    op.create_index(
        op.f("article_teaser_to_article_id_idx"),
        "article_teaser",
        ["to_article_id"],
        unique=False,
        schema="crawl",
    )
    op.create_table(
        "article_url",
        sa.Column("url_key", sa.LargeBinary(), nullable=False, comment="sha256 of url"),
        sa.Column("article_id", sa.BigInteger(), nullable=False, comment="Where it leads"),
        sa.Column("url", sa.Text(), nullable=False, comment="Canonical form of the address"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="identity: the article's own; else how it was met: requested, final, canonical, mobile",
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="First sighting"),
        sa.CheckConstraint(
            "kind IN ('identity', 'requested', 'final', 'canonical', 'mobile')",
            name=op.f("article_url_kind_check"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["crawl.article.article_id"],
            name=op.f("article_url_article_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("url_key", name=op.f("article_url_pkey")),
        schema="crawl",
        comment="Every address that leads to an article, its own included: who is first here is who exists",
    )
    op.create_index(
        op.f("article_url_article_id_idx"), "article_url", ["article_id"], unique=False, schema="crawl"
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema="crawl")
