"""The graph of teasers, as consumers ask for it."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Site by site, for that is how the index on the date begins.
MOST_RECOMMENDED = """
CREATE FUNCTION api.most_recommended(from_day date, to_day date)
RETURNS TABLE (article_id bigint, site text, url text, title text, published_on date, recommended_by bigint,
               ever_recommended_by bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.article_id, s.name, a.url, a.title, a.published_on, t.now, t.ever
    FROM crawl.site s
    JOIN crawl.article a ON a.site_id = s.site_id AND a.published_on BETWEEN from_day AND to_day
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT e.from_article_id) FILTER (WHERE e.removed_at IS NULL) AS now,
               count(DISTINCT e.from_article_id) AS ever
        FROM crawl.article_teaser e WHERE e.to_article_id = a.article_id
    ) AS t
    WHERE t.ever > 0
    ORDER BY t.now DESC, t.ever DESC, a.published_on DESC, a.article_id
$$
"""
ORPHAN = """
CREATE VIEW api.orphan AS
    SELECT a.article_id, s.name AS site, a.url, a.state, a.title, a.published_on, a.first_seen_at
    FROM crawl.article a JOIN crawl.site s USING (site_id)
    WHERE a.state <> 'gone' AND NOT EXISTS (
        SELECT FROM crawl.article_teaser t WHERE t.to_article_id = a.article_id AND t.removed_at IS NULL
    )
"""
# An article comes once for each distance at which it is met, so that a circle ends with the depth.
NEIGHBOURHOOD = """
CREATE FUNCTION api.neighbourhood(article_id bigint, depth integer DEFAULT 1)
RETURNS TABLE (article_id bigint, distance integer, site text, url text, state text, title text, published_on date)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE walk AS (
        SELECT $1 AS article_id, 0 AS distance
        UNION
        SELECT t.to_article_id, w.distance + 1
        FROM walk w JOIN crawl.article_teaser t ON t.from_article_id = w.article_id AND t.removed_at IS NULL
        WHERE w.distance < least($2, 5)
    )
    SELECT a.article_id, w.distance, s.name, a.url, a.state, a.title, a.published_on
    FROM (SELECT w.article_id, min(w.distance) AS distance FROM walk w GROUP BY w.article_id) AS w
    JOIN crawl.article a ON a.article_id = w.article_id
    JOIN crawl.site s ON s.site_id = a.site_id
    ORDER BY w.distance, a.article_id
$$
"""
COMMENTS = {
    "FUNCTION api.most_recommended": "The articles published in these days that teasers lead to, those of the most pages first",
    "VIEW api.orphan": "Articles that no teaser leads to now",
    "FUNCTION api.neighbourhood": "The articles that teasers lead to from an article, in up to depth steps, 5 at most",
}
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'smartdaily_reader') THEN
        GRANT SELECT ON api.orphan TO smartdaily_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    for statement in (MOST_RECOMMENDED, ORPHAN, NEIGHBOURHOOD):
        op.execute(statement)
    for name, comment in COMMENTS.items():
        op.execute(f"COMMENT ON {name} IS '{comment}'")
    op.execute(GRANT)


def downgrade() -> None:
    op.execute("DROP FUNCTION api.neighbourhood")
    op.execute("DROP VIEW api.orphan")
    op.execute("DROP FUNCTION api.most_recommended")
