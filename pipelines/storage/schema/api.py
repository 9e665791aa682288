"""Schema ``api``, what consumers read: its views and functions, the change feed behind it, and the reader's role.

The views' columns are the consumers' contract: columns are added, never renamed, moved or retyped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from pipelines.storage.schema.article_content import COLUMNS, RAW
from pipelines.storage.schema.channel import CHANNEL
from pipelines.storage.schema.models import Article, ArticleRevision

logger = logging.getLogger(__name__)

READER = "smartdaily_reader"

ARTICLE = (
    *("article_id", "site", "url", "state", "revision", "duplicate_of", "image_url", "categories"),
    *("first_seen_at", "last_seen_at", "last_changed_at"),
    *COLUMNS,
)
"""Columns of ``api.article``; new ones go to the end."""
SIGHTINGS = ("first_seen_at", "last_seen_at")
"""Not in the feed: they change with each run that sees the article."""

_ELSEWHERE = {
    "site": "s.name AS site",
    "categories": """ARRAY(
        SELECT c.name FROM crawl.article_category ac JOIN crawl.category c USING (category_id)
        WHERE ac.article_id = a.article_id ORDER BY c.position, c.name
    ) AS categories""",
}
# The writer sets change_seq when an article's categories change, so that the trigger stamps the article.
FEED = [*(name for name in ARTICLE if name not in ("article_id", *SIGHTINGS, *_ELSEWHERE)), "change_seq"]
"""Columns of ``crawl.article`` of which a new value is a change in the feed."""
_REVISION = (
    *("article_id", "revision", "changed_fields", "provenance", "parser_version", "run_id", "fetched_at"),
    *(*RAW, *COLUMNS),
)

VIEWS = {
    "site": """
        SELECT name AS site, base_url, timezone FROM crawl.site
    """,
    "category": """
        SELECT s.name AS site, c.name, c.url, c.position, c.first_seen_at, c.last_seen_at
        FROM crawl.category c JOIN crawl.site s USING (site_id)
    """,
    "article": f"""
        SELECT {", ".join(_ELSEWHERE.get(name, f"a.{name}") for name in ARTICLE)}
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
    "revision": f"""
        SELECT {", ".join(_REVISION)} FROM crawl.article_revision
    """,
    "duplicate": """
        SELECT article_id, duplicate_of, 'exact'::text AS kind, 1::double precision AS similarity
        FROM crawl.article WHERE duplicate_of IS NOT NULL
        UNION ALL
        -- A near-duplicate of an exact duplicate is one of its original too, which suffices.
        SELECT n.article_id, n.duplicate_of, 'near'::text AS kind, n.similarity
        FROM crawl.near_duplicate n
        JOIN crawl.article a ON a.article_id = n.article_id
        JOIN crawl.article o ON o.article_id = n.duplicate_of
        WHERE a.duplicate_of IS NULL AND o.duplicate_of IS NULL
    """,
    "orphan": """
        SELECT a.article_id, s.name AS site, a.url, a.state, a.title, a.published_on, a.first_seen_at
        FROM crawl.article a JOIN crawl.site s USING (site_id)
        WHERE a.state <> 'gone' AND NOT EXISTS (
            SELECT FROM crawl.article_teaser t WHERE t.to_article_id = a.article_id AND t.removed_at IS NULL
        )
    """,
    # An open transaction may still commit changes older than those already visible.
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
        SELECT run_id, url, kind, outcome, http_status, reason, attempts, elapsed_ms, at, renderer
        FROM crawl.crawl_outcome
    """,
}

_STAMP = f"""
CREATE FUNCTION crawl.stamp_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.change_xid := pg_current_xact_id();
    NEW.change_seq := nextval('crawl.change_seq');
    -- Equal notifications of one transaction arrive as one.
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN NEW;
END
$$
"""
_ON_INSERT = """
CREATE TRIGGER stamp_insert BEFORE INSERT ON crawl.article
FOR EACH ROW EXECUTE FUNCTION crawl.stamp_change()
"""
_ON_UPDATE = f"""
CREATE TRIGGER stamp_update BEFORE UPDATE ON crawl.article
FOR EACH ROW WHEN (
    ({", ".join(f"OLD.{name}" for name in FEED)})
    IS DISTINCT FROM
    ({", ".join(f"NEW.{name}" for name in FEED)})
) EXECUTE FUNCTION crawl.stamp_change()
"""
# The status of sessions is cached by transaction, and the caller may have waited since. Asked by its owner, or a member of that role:
# others see no start of a session, and then the process decides.
_IS_CONNECTED = """
CREATE FUNCTION crawl.is_connected(process integer, since timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN EXISTS (
        SELECT FROM pg_stat_get_activity(process) a JOIN pg_database d ON d.oid = a.datid
        WHERE d.datname = current_database() AND coalesce(a.backend_start, since) = since
    );
END
$$
"""
_IS_RUNNING = """
CREATE FUNCTION api.is_running(site text) RETURNS boolean LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM crawl.lease l WHERE l.name = site AND crawl.is_connected(l.process, l.connected_at))
$$
"""
# Rows of sites are locked, in the order of their keys, as no other role can. A writer passes the gate (FOR SHARE, given back at once)
# before it shares them, so that those who come later wait for one that merges and cannot keep it waiting. Sites with the same last two
# labels may link to the same URLs, as news.example and tech.news.example.
_LOCK_IDENTITY = """
CREATE FUNCTION crawl.lock_identity(of bigint, alone boolean) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sites bigint[] := ARRAY(
        SELECT o.site_id FROM crawl.site s JOIN crawl.site o
        ON coalesce(substring(o.name FROM '[^.]+[.][^.]+$'), o.name) = coalesce(substring(s.name FROM '[^.]+[.][^.]+$'), s.name)
        WHERE s.site_id = of
    );
BEGIN
    IF alone THEN
        PERFORM FROM crawl.site WHERE site_id = ANY (sites) ORDER BY site_id FOR NO KEY UPDATE;
        PERFORM FROM crawl.site WHERE site_id = ANY (sites) ORDER BY site_id FOR UPDATE;
        RETURN;
    END IF;
    BEGIN
        PERFORM FROM crawl.site WHERE site_id = ANY (sites) ORDER BY site_id FOR SHARE;
        RAISE EXCEPTION USING ERRCODE = 'SD001';
    EXCEPTION WHEN SQLSTATE 'SD001' THEN
        NULL;
    END;
    PERFORM FROM crawl.site WHERE site_id = ANY (sites) ORDER BY site_id FOR KEY SHARE;
END
$$
"""
# The same codes as pipelines.storage.text.search.pairs.
_SEARCH_PAIRS = """
CREATE FUNCTION crawl.search_pairs(words text[]) RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(DISTINCT (
        (ascii(substr(word, at, 1))::bigint * 65599 + ascii(substr(word, at + 1, 1))) & 2147483647
    )::int), '{}')
    FROM unnest(words) AS word, generate_series(1, length(word) - 1) AS at
$$
"""
# The planner cannot know how rare the pairs of a query are, so it is kept from a sequential scan.
_SEARCH = """
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
            SELECT sum(ln(1 + found.times) + 3 * found.in_title::int) AS rank,
                   bool_and(found.times > 0 OR found.in_title) AS has_all,
                   coalesce(min(nullif(found.at, 0)), 1) AS first_at
            FROM unnest(words) AS word CROSS JOIN LATERAL (
                SELECT (length(r.plain_body) - length(replace(r.plain_body, word, '')))::float8 / length(word) AS times,
                       strpos(r.plain_title, word) > 0 AS in_title,
                       strpos(lower(r.body), word) AS at
            ) AS found
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
# Site by site, as the index on the date begins with the site.
_MOST_RECOMMENDED = """
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
# An article has one row in walk for each distance at which it is reached, so that a cycle ends at the depth.
_NEIGHBOURHOOD = """
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
# Transaction ids start anew in another cluster, a restored database may lack changes that were read, and a promoted standby
# may lack the last transactions. A cursor from before is invalid there.
_FEED_EPOCH = """
CREATE FUNCTION api.feed_epoch() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT left(encode(sha256(convert_to(
        concat_ws(' ', s.system_identifier, d.oid, c.timeline_id), 'UTF8')), 'hex'), 12)
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()
$$
"""
_FEED_LAG = """
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
    "VIEW api.site": "Sites",
    "VIEW api.category": "Categories in the navigation of the sites",
    "VIEW api.article": "Articles, including those known from a link only (discovered) and those removed from the site (gone)",
    "VIEW api.teaser": "Teasers on article pages, one row per article, target and block; removed_at is NULL while the page shows the teaser",
    "VIEW api.revision": "One row per revision of an article",
    "VIEW api.duplicate": "Pairs of articles with equal or similar texts",
    "VIEW api.article_change": "Change feed: read the rows after your cursor, ordered by (change_xid, change_seq)",
    "VIEW api.run": "Runs of the crawler",
    "VIEW api.outcome": "One row per URL requested in a run, with its outcome",
    "FUNCTION api.most_recommended": "Articles published in these days that are targets of teasers, by the number of pages that show them, descending",
    "VIEW api.orphan": "Articles that are the target of no teaser shown now",
    "FUNCTION api.neighbourhood": "Articles reached from an article by teasers in up to depth steps, 5 at most",
    "FUNCTION api.feed_epoch": "Epoch of the change feed; a cursor of another epoch is invalid: read from the beginning",
    "FUNCTION api.feed_lag": "Number of changes that the feed holds back, and the oldest open transaction, which may be the cause; foreign_stamps: number of changes from a restored dump, which scrapy db upgrade stamps anew",
    "FUNCTION api.is_running": "Whether a run of the site is under way; an open row in api.run without one is that of a killed run",
    "FUNCTION api.search": "Articles that contain every word of the query, by rank descending",
}
MEANINGS = {
    "arguments": "The spider's arguments",
    "article_id": "Id of the article; never changes",
    "at": "Time of the outcome",
    "attempts": "Number of requests, retries included",
    "base_url": "URL of the home page at the latest run",
    "block": "List of the page that contains the teaser: teasers, or ranking for a hot list",
    "categories": "Names of the categories in whose lists or breadcrumb it was seen",
    "change_seq": "Order of the latest change within its transaction; the second half of the cursor",
    "change_xid": "Transaction of the latest change; the first half of the cursor",
    "duplicate_of": "Id of the earlier article",
    "elapsed_ms": "Duration of the last attempt in milliseconds",
    "fetched_at": "Time of the response",
    "finished_at": "End of the run; NULL while it runs, or if it was killed",
    "first_seen_at": "First sighting",
    "from_article_id": "Article whose page shows the teaser",
    "from_url": "URL of that article",
    "http_status": "HTTP status; NULL without a response",
    "image_url": "First picture of the body, else the picture on a list page",
    "job": "scrapyd's id of the job, NULL outside scrapyd",
    "kind": "Kind of page that was expected: home, listing, article, or part of an article",
    "last_changed_at": "Time of the fetch of the latest revision",
    "last_seen_at": "Latest sighting",
    "name": "Name in the navigation",
    "outcome": "Outcome: stored, unchanged, not_modified, duplicate, gone, rejected, failed, skipped",
    "position": "1-based position in the navigation; NULL until the category was seen there",
    "reason": "Reason of the outcome, short and stable, such as no_body or http_404; NULL without one",
    "removed_at": "First fetch of the page without it; NULL while it is shown",
    "revision": "Number of the revision, from 1; 0 before the first fetch",
    "run_id": "Id of the run",
    "similarity": "1 for exact; for near the share of common sequences of five characters, 0.5 to 1",
    "site": "Name of the site",
    "spider": "Name of the spider",
    "started_at": "Start of the run",
    "state": "discovered: known from a link only; fetched; gone: removed from the site",
    "stats": "The crawler's counters at the end",
    "timezone": "IANA name of the time zone of the times printed on its pages",
    "to_article_id": "Article that the teaser links to",
    "to_url": "URL of that article",
    "url": "Canonical URL of the article",
    "verdict": "Verdict on the run: healthy, degraded, stopped, incomplete, failed; refused: another run of the site was under way; NULL while it runs",
    "version": "Version of the crawler",
    "renderer": "Renderer: splash or playwright; NULL for plain HTTP",
}
"""Comments of the columns with this name in all views; the models have those of an article's fields."""
_MODELS = {**ArticleRevision.__table__.columns, **Article.__table__.columns}
COLUMNS_OF = {
    "article.duplicate_of": "Id of the earliest article with the same title and body; NULL for that one itself",
    "article_change.duplicate_of": "Id of the earliest article with the same title and body; NULL for that one itself",
    "category.url": "URL of its first list page",
    "duplicate.article_id": "Id of the later article",
    "duplicate.kind": "exact: title and body are equal; near: the bodies are similar",
    "outcome.url": "Canonical form of the requested URL",
    "run.reason": "Reason why the spider closed",
    "teaser.image_url": "URL of the teaser's picture",
    "teaser.position": "1-based position in its block",
    "teaser.published_on": "Date as printed in the teaser",
    "teaser.summary": "Summary as printed in the teaser, with its … where it is cut",
    "teaser.title": "Title as printed in the teaser",
}
"""Comments of single columns, instead of those above."""
_FOUND = text("""
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = CAST('api' AS regnamespace) AND c.relkind = 'v' AND a.attnum > 0 AND NOT a.attisdropped
""")


def statements() -> Iterator[str]:
    """Yield the DDL of the feed, the views and the functions; the tables must exist."""
    yield "CREATE SEQUENCE crawl.change_seq"
    yield from (_STAMP, _ON_INSERT, _ON_UPDATE, _IS_CONNECTED, _LOCK_IDENTITY)
    yield "INSERT INTO crawl.lease (name) VALUES ('text queue')"
    # Only the index is read, and hashes do not compress.
    yield "ALTER TABLE crawl.article_search ALTER COLUMN pairs SET STORAGE EXTERNAL"
    yield "CREATE SCHEMA api"
    yield from (f"CREATE VIEW api.{name} AS {query}" for name, query in VIEWS.items())
    yield from (_SEARCH_PAIRS, _SEARCH, _MOST_RECOMMENDED, _NEIGHBOURHOOD, _FEED_EPOCH, _FEED_LAG, _IS_RUNNING)
    yield from (f"COMMENT ON {name} IS {_quoted(comment)}" for name, comment in COMMENTS.items())


def create(connection: Connection) -> None:
    """Create the schema with its comments, and grant its views to the reader's role."""
    for statement in statements():
        connection.exec_driver_sql(statement)
    for view, column in connection.execute(_FOUND).all():
        comment = COLUMNS_OF.get(f"{view}.{column}") or MEANINGS.get(column) or _MODELS[column].comment
        connection.exec_driver_sql(f"COMMENT ON COLUMN api.{view}.{column} IS {_quoted(comment)}")
    if _reader_exists(connection):
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA api TO {READER}")
        connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA api TO {READER}")


def drop(connection: Connection) -> None:
    """Drop what ``create`` made, except what is dropped with the tables. The role stays, as it belongs to the whole cluster."""
    connection.exec_driver_sql("DROP SCHEMA api CASCADE")
    connection.exec_driver_sql("DROP FUNCTION crawl.search_pairs, crawl.lock_identity, crawl.is_connected")
    connection.exec_driver_sql("DROP FUNCTION crawl.stamp_change CASCADE")
    connection.exec_driver_sql("DROP SEQUENCE crawl.change_seq")


def _quoted(comment: str) -> str:
    return "'" + comment.replace("'", "''") + "'"


def _reader_exists(connection: Connection) -> bool:
    """Create the role unless it exists; log a warning and return false without the right to. Not every user of a managed server has it."""
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
        logger.warning(
            "The role %s could not be created (%s): create it, grant it USAGE on schema api and SELECT on its views",
            READER,
            reason,
        )
        return False
    return True
