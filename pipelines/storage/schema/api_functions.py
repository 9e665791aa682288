"""Functions of the schemas: those that consumers call in ``api``, and those behind tables and views.

Consumers' functions run with the owner's rights, on bounded input, under the caller's ``statement_timeout``.
"""

from __future__ import annotations

CHANNEL = "smartdaily_change"
"""On which the database notifies consumers of changes; without a payload: a consumer reads the feed from its cursor."""

LONGEST_QUERY = 100
"""Characters of a query of ``api.search``."""

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
    SELECT coalesce(array_agg(DISTINCT ((code * 65599 + next) & 2147483647)::int), '{}')
    FROM unnest(words) AS word, LATERAL (
        SELECT ascii(letter)::bigint AS code, lead(ascii(letter)) OVER (ORDER BY at) AS next
        FROM string_to_table(word, NULL) WITH ORDINALITY AS letters(letter, at)
    ) AS neighbours WHERE next IS NOT NULL
$$
"""
SEARCHED = 500
"""Latest articles that may match, of which ``api.search`` returns the best."""

# The planner cannot know how rare the pairs of a query are, so it is kept from a sequential scan. Of frequent pairs the latest articles
# are met soon in the order of time, of rare ones all are found by their index: what is frequent shows in a sample of the latest
# articles. It may be so in the latest ones only, and so the way back is bounded.
_SEARCH = f"""
CREATE FUNCTION api.search(query text, most integer DEFAULT 20, of_latest integer DEFAULT {SEARCHED})
RETURNS TABLE (article_id bigint, title text, published_on date, url text, snippet text, rank double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off SET work_mem = '64MB'
AS $$
#variable_conflict use_column
DECLARE
    words text[];
    wanted int[];
    bound integer := greatest(least(of_latest, {SEARCHED}), 0);
    newest bigint[];
BEGIN
    -- Each word is looked for in every text that may contain it.
    IF length(query) > {LONGEST_QUERY} THEN
        RAISE invalid_parameter_value USING MESSAGE = 'the query has ' || length(query) || ' characters, at most {LONGEST_QUERY} are looked for';
    END IF;
    words := ARRAY(
        SELECT DISTINCT word
        FROM unnest(string_to_array(regexp_replace(lower(normalize(query, NFKC)), '[[:space:]]+', ' ', 'g'), ' ')) AS word
        WHERE word <> ''
    );
    wanted := crawl.search_pairs(words);
    IF cardinality(wanted) = 0 THEN
        RETURN;
    END IF;
    IF 15 <= (SELECT count(*) FROM (
        SELECT s.pairs FROM crawl.article_search s ORDER BY s.published_on DESC NULLS LAST, s.article_id DESC LIMIT 1000
    ) AS sample WHERE sample.pairs @> wanted) THEN
        newest := ARRAY(
            SELECT latest.article_id FROM (
                SELECT s.article_id, s.published_on, s.pairs FROM crawl.article_search s
                ORDER BY s.published_on DESC NULLS LAST, s.article_id DESC LIMIT 30000
            ) AS latest
            WHERE latest.pairs @> wanted ORDER BY latest.published_on DESC NULLS LAST, latest.article_id DESC LIMIT bound
        );
    END IF;
    IF coalesce(cardinality(newest), 0) < bound THEN
        newest := ARRAY(
            SELECT s.article_id FROM crawl.article_search s WHERE s.pairs @> wanted
            ORDER BY s.published_on DESC NULLS LAST, s.article_id DESC LIMIT bound
        );
    END IF;
    RETURN QUERY
    WITH read AS MATERIALIZED (
        SELECT a.article_id, a.title, a.published_on, a.url, a.body,
               lower(normalize(coalesce(a.title, ''), NFKC)) AS plain_title,
               lower(normalize(coalesce(a.body, ''), NFKC)) AS plain_body
        FROM unnest(newest) AS n (article_id) JOIN crawl.article a USING (article_id)
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
        LIMIT greatest(least(most, {SEARCHED}), 0)
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
# The planner cannot know how many articles a category has: of few all are sorted, of many the newest are met soon. Its order keeps
# the look at the members from another index.
_NEWEST = """
CREATE FUNCTION api.newest(category text, most integer DEFAULT 20, of_site text DEFAULT NULL)
RETURNS TABLE (article_id bigint, site text, url text, title text, published_on date, published_at timestamptz, source text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    ids bigint[] := ARRAY(
        SELECT c.category_id FROM crawl.category c JOIN crawl.site s USING (site_id)
        WHERE c.name = newest.category AND (of_site IS NULL OR s.name = of_site)
    );
    members bigint[] := ARRAY(SELECT ac.article_id FROM crawl.article_category ac WHERE ac.category_id = ANY (ids)
                               ORDER BY ac.category_id LIMIT 3001);
    found bigint[];
BEGIN
    IF cardinality(members) <= 3000 THEN
        found := ARRAY(
            SELECT a.article_id FROM crawl.article a
            WHERE a.article_id = ANY (members) AND a.state = 'fetched' AND a.published_on IS NOT NULL
            ORDER BY a.published_on DESC, a.article_id DESC LIMIT greatest(least(most, 500), 0)
        );
    ELSE
        found := ARRAY(
            SELECT a.article_id FROM crawl.article a
            WHERE a.state = 'fetched' AND a.published_on IS NOT NULL AND (
                SELECT true FROM crawl.article_category ac
                WHERE ac.article_id = a.article_id AND ac.category_id = ANY (ids) LIMIT 1
            )
            ORDER BY a.published_on DESC, a.article_id DESC LIMIT greatest(least(most, 500), 0)
        );
    END IF;
    RETURN QUERY
    SELECT a.article_id, s.name, a.url, a.title, a.published_on, a.published_at, a.source
    FROM unnest(found) WITH ORDINALITY AS f (article_id, place)
    JOIN crawl.article a USING (article_id) JOIN crawl.site s USING (site_id)
    ORDER BY f.place;
END
$$
"""
# By the index alone, which the planner would not choose for a site that it knows nothing of.
_ARTICLES_BY_DAY = """
CREATE FUNCTION api.articles_by_day(of_site text, most integer DEFAULT 30)
RETURNS TABLE (day date, articles bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    wanted bigint := (SELECT s.site_id FROM crawl.site s WHERE s.name = of_site);
    newest date := (SELECT max(a.published_on) FROM crawl.article a WHERE a.site_id = wanted);
BEGIN
    RETURN QUERY
    SELECT a.published_on, count(*) FROM crawl.article a
    WHERE a.site_id = wanted AND a.published_on BETWEEN newest - least(most, 400) + 1 AND newest
    GROUP BY a.published_on ORDER BY a.published_on DESC;
END
$$
"""
_BACKLOG = """
CREATE FUNCTION api.backlog(of_site text)
RETURNS TABLE (unread bigint, missing bigint, held bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT count(*) FROM (
                SELECT FROM crawl.article a WHERE a.site_id = s.site_id AND a.last_fetched_at IS NULL LIMIT 10000
            ) AS unread),
           (SELECT count(*) FROM (
                SELECT FROM crawl.article a
                WHERE a.site_id = s.site_id AND a.missing_since IS NOT NULL AND a.state <> 'gone' LIMIT 10000
            ) AS missing),
           (SELECT count(*) FROM (
                SELECT FROM crawl.held_page h JOIN crawl.article a USING (article_id) WHERE a.site_id = s.site_id LIMIT 10000
            ) AS held)
    FROM crawl.site s WHERE s.name = of_site
$$
"""
# Site by site, as the index on the date begins with the site. The index on an article's teasers has their pages in order, from which
# PostgreSQL 16 and newer count distinct ones without sorting.
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
_FIND_ARTICLE = """
CREATE FUNCTION api.find_article(url_key bytea) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT u.article_id FROM crawl.article_url u WHERE u.url_key = $1
$$
"""
_TEXT_LAG = """
CREATE FUNCTION api.text_lag()
RETURNS TABLE (waiting bigint, failed bigint, cut bigint, first_failed bigint, reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT count(*) FROM crawl.text_queue), count(*) FILTER (WHERE NOT is_cut), count(*) FILTER (WHERE is_cut),
           min(article_id) FILTER (WHERE NOT is_cut), (array_agg(f.reason ORDER BY article_id) FILTER (WHERE NOT is_cut))[1]
    FROM crawl.text_fault f
$$
"""
# The latest run and the newest articles of each site by an index; of a view joined with the sites all rows would be sorted. A run that was
# refused tells nothing about its site. The time between publication and storage is that of the last two days' articles.
_SITE_STATUS = """
CREATE FUNCTION api.site_status()
RETURNS TABLE (site text, is_running boolean, latest_run bigint, started_at timestamptz, ended_run bigint, healthy_at timestamptz,
               newest_at timestamptz, recent bigint, late_half double precision, late_most double precision, dead_letters bigint)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.name, api.is_running(s.name), latest.run_id, latest.started_at, ended.run_id, healthy.finished_at,
           fresh.newest_at, fresh.recent, fresh.late[1], fresh.late[2], dead.letters
    FROM crawl.site s
    LEFT JOIN LATERAL (
        SELECT r.run_id, r.started_at FROM crawl.crawl_run r
        WHERE r.site_id = s.site_id AND r.verdict IS DISTINCT FROM 'refused' AND r.arguments ->> 'mode' IS DISTINCT FROM 'reread' ORDER BY r.run_id DESC LIMIT 1
    ) AS latest ON true
    LEFT JOIN LATERAL (
        SELECT r.run_id FROM crawl.crawl_run r
        WHERE r.site_id = s.site_id AND r.verdict <> 'refused' AND r.arguments ->> 'mode' IS DISTINCT FROM 'reread' ORDER BY r.run_id DESC LIMIT 1
    ) AS ended ON true
    LEFT JOIN LATERAL (
        SELECT r.finished_at FROM crawl.crawl_run r
        WHERE r.site_id = s.site_id AND r.verdict = 'healthy' AND r.arguments ->> 'mode' IS DISTINCT FROM 'reread' ORDER BY r.run_id DESC LIMIT 1
    ) AS healthy ON true
    CROSS JOIN LATERAL (
        SELECT max(n.at) AS newest_at, count(v.fetched_at) AS recent,
               percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY greatest(extract(epoch FROM v.fetched_at - n.at)::float8, 0))
               FILTER (WHERE v.fetched_at IS NOT NULL) AS late
        FROM (
            SELECT a.article_id, a.published_at, coalesce(a.published_at, a.published_on::timestamp AT TIME ZONE s.timezone) AS at
            FROM crawl.article a
            WHERE a.site_id = s.site_id AND a.published_on IS NOT NULL AND a.state = 'fetched'
            ORDER BY a.published_on DESC LIMIT 1000
        ) AS n
        LEFT JOIN crawl.article_revision v
        ON v.article_id = n.article_id AND v.revision = 1 AND n.published_at > now() - interval '2 days'
    ) AS fresh
    CROSS JOIN LATERAL (
        SELECT count(*) AS letters FROM crawl.dead_letter d JOIN crawl.crawl_run r USING (run_id) WHERE r.site_id = s.site_id
    ) AS dead
    ORDER BY s.name
$$
"""
_SCHEMA_VERSION = """
CREATE FUNCTION api.schema_version() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT version_num FROM crawl.alembic_version
$$
"""

BEHIND = (_STAMP, _IS_CONNECTED, _LOCK_IDENTITY)
"""Behind tables; no view needs them."""
FOR_CONSUMERS = (
    _SEARCH_PAIRS,
    _SEARCH,
    _NEWEST,
    _ARTICLES_BY_DAY,
    _BACKLOG,
    _MOST_RECOMMENDED,
    _NEIGHBOURHOOD,
    _FEED_EPOCH,
    _FEED_LAG,
    _FIND_ARTICLE,
    _IS_RUNNING,
    _SITE_STATUS,
    _TEXT_LAG,
    _SCHEMA_VERSION,
)
