"""Full-text search for Chinese, without an extension."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As pipelines.storage.text.search.pairs makes them of a text.
PAIRS = """
CREATE FUNCTION crawl.search_pairs(words text[]) RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(DISTINCT (
        (ascii(substr(word, at, 1))::bigint * 65599 + ascii(substr(word, at + 1, 1))) & 2147483647
    )::int), '{}')
    FROM unnest(words) AS word, generate_series(1, length(word) - 1) AS at
$$
"""
# The planner cannot know how rare the pairs of a query are. Rows are found by the index, and only the newest are read.
SEARCH = """
CREATE FUNCTION api.search(query text, most integer DEFAULT 20)
RETURNS TABLE (article_id bigint, title text, published_on date, url text, snippet text, rank double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off SET work_mem = '64MB'
AS $$
#variable_conflict use_column
DECLARE
    words text[] := (
        SELECT array_agg(DISTINCT word)
        FROM unnest(string_to_array(regexp_replace(lower(normalize(query, NFKC)), '[[:space:]]+', ' ', 'g'), ' ')) AS word
        WHERE word <> ''
    );
    wanted int[] := crawl.search_pairs(words);
BEGIN
    IF cardinality(wanted) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH newest AS MATERIALIZED (
        SELECT s.article_id FROM crawl.article_search s WHERE s.pairs @> wanted
        ORDER BY s.published_on DESC NULLS LAST, s.article_id DESC LIMIT 500
    ), read AS MATERIALIZED (
        SELECT a.article_id, a.title, a.published_on, a.url, a.body,
               lower(normalize(coalesce(a.title, ''), NFKC)) AS plain_title,
               lower(normalize(coalesce(a.body, ''), NFKC)) AS plain_body
        FROM newest JOIN crawl.article a USING (article_id)
        WHERE a.state = 'fetched' AND a.duplicate_of IS NULL
    ), ranked AS (
        SELECT r.*, w.rank, w.first_at
        FROM read r CROSS JOIN LATERAL (
            SELECT sum(ln(1 + said.times) + 3 * said.in_title::int) AS rank,
                   bool_and(said.times > 0 OR said.in_title) AS has_all,
                   coalesce(min(nullif(said.at, 0)), 1) AS first_at
            FROM unnest(words) AS word CROSS JOIN LATERAL (
                SELECT (length(r.plain_body) - length(replace(r.plain_body, word, '')))::float8 / length(word) AS times,
                       strpos(r.plain_title, word) > 0 AS in_title,
                       strpos(lower(r.body), word) AS at
            ) AS said
        ) AS w
        WHERE w.has_all
        ORDER BY w.rank DESC, r.published_on DESC NULLS LAST, r.article_id DESC
        LIMIT greatest(least(most, 500), 0)
    )
    SELECT r.article_id, r.title, r.published_on, r.url,
           CASE WHEN r.first_at > 25 THEN '…' ELSE '' END
           || regexp_replace(substr(r.body, greatest(r.first_at - 24, 1), 80), '[[:space:]]+', ' ', 'g')
           || CASE WHEN length(r.body) >= greatest(r.first_at - 24, 1) + 80 THEN '…' ELSE '' END,
           r.rank::float8
    FROM ranked r
    ORDER BY r.rank DESC, r.published_on DESC NULLS LAST, r.article_id DESC;
END
$$
"""
COMMENT = "Articles that hold every word of the query, the best first"
WAIT = """
    INSERT INTO crawl.text_queue (article_id)
    SELECT article_id FROM crawl.article WHERE revision > 0
    EXCEPT SELECT article_id FROM crawl.text_queue
"""


def upgrade() -> None:
    op.create_table(
        "article_search",
        sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Whose text"),
        sa.Column("published_on", sa.Date(), nullable=True, comment="As in article"),
        sa.Column(
            "pairs",
            postgresql.ARRAY(sa.Integer()),
            nullable=False,
            comment="Codes of the pairs of neighbouring characters in title and body",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["crawl.article.article_id"],
            name=op.f("article_search_article_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("article_search_pkey")),
        schema="crawl",
        comment="What api.search looks in",
    )
    # The index answers; the pairs are never read, and hashes do not compress.
    op.execute("ALTER TABLE crawl.article_search ALTER COLUMN pairs SET STORAGE EXTERNAL")
    op.create_index(
        op.f("article_search_pairs_idx"),
        "article_search",
        ["pairs"],
        schema="crawl",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": "1024"},
    )
    op.execute(PAIRS)
    op.execute(SEARCH)
    op.execute(f"COMMENT ON FUNCTION api.search IS '{COMMENT}'")
    op.execute(WAIT)


def downgrade() -> None:
    op.execute("DROP FUNCTION api.search")
    op.execute("DROP FUNCTION crawl.search_pairs")
    op.drop_table("article_search", schema="crawl")
