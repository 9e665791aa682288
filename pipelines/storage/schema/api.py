"""Schema ``api``, what consumers read: its views and their comments, and the change feed behind it.

The views' columns are the consumers' contract: columns are added, never renamed, moved or retyped.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from pipelines.storage.schema.api_functions import BEHIND, FOR_CONSUMERS
from pipelines.storage.schema.article_content import COLUMNS, RAW
from pipelines.storage.schema.models import Article, ArticleRevision

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
        WHERE ac.article_id = a.article_id AND NOT c.is_feed ORDER BY c.position, c.name
    ) AS categories""",
}
# The writer sets change_seq when an article's categories change, so that the trigger stamps the article.
FEED = [*(name for name in ARTICLE if name not in ("article_id", *SIGHTINGS, *_ELSEWHERE)), "change_seq"]
"""Columns of ``crawl.article`` of which a new value is a change in the feed."""
_REVISION = (
    *("article_id", "revision", "changed_fields", "provenance", "parser_version", "run_id", "fetched_at"),
    *(*RAW, *COLUMNS, "record", "reread_at"),
)

VIEWS = {
    "site": """
        SELECT name AS site, base_url, timezone FROM crawl.site
    """,
    "scheduled_site": """
        SELECT site, name, url, every, paused_at, due_at,
               CASE WHEN paused_at IS NULL THEN greatest(extract(epoch FROM now() - due_at)::float8, 0) END AS late,
               worker, started_at, ended_at, verdict, reason
        FROM crawl.scheduled_site
    """,
    "category": """
        SELECT s.name AS site, c.name, c.url, c.position, c.first_seen_at, c.last_seen_at, c.caught_up_at
        FROM crawl.category c JOIN crawl.site s USING (site_id) WHERE NOT c.is_feed
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
        SELECT o.run_id, o.url, o.kind, o.outcome, o.http_status, o.reason, o.attempts, o.elapsed_ms, o.at, o.renderer, s.name AS site
        FROM crawl.crawl_outcome o JOIN crawl.crawl_run r USING (run_id) JOIN crawl.site s USING (site_id)
    """,
    "article_category": """
        SELECT ac.article_id, s.name AS site, c.name AS category, ac.position, ac.first_seen_at, ac.last_seen_at
        FROM crawl.article_category ac JOIN crawl.category c USING (category_id) JOIN crawl.site s USING (site_id)
        WHERE NOT c.is_feed
    """,
    "alias": """
        SELECT u.article_id, u.url, u.kind, u.first_seen_at
        FROM crawl.article_url u WHERE u.kind <> 'identity'
    """,
    "image": """
        SELECT a.article_id, i.image ->> 'url' AS url, i.position::integer AS position, i.image ->> 'caption' AS caption,
               (i.image ->> 'paragraph')::integer AS paragraph, f.outcome, f.reason, f.path,
               encode(f.checksum, 'hex') AS checksum, f.size, f.media_type, f.width, f.height, f.fetched_at
        FROM crawl.article a CROSS JOIN LATERAL jsonb_array_elements(a.images) WITH ORDINALITY AS i (image, position)
        LEFT JOIN crawl.image f ON f.url_key = sha256(convert_to(i.image ->> 'url', 'UTF8'))
    """,
}

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
COMMENTS = {
    "VIEW api.site": "Sites",
    "VIEW api.scheduled_site": "Sites on the list of scrapy sites, which workers crawl again and again, each with its latest run by a worker",
    "VIEW api.category": "Categories in the navigation of the sites",
    "VIEW api.article": "Articles, including those known from a link only (discovered) and those removed from the site (gone)",
    "VIEW api.teaser": "Teasers on article pages, one row per article, target and block; removed_at is NULL while the page shows the teaser",
    "VIEW api.revision": "One row per revision of an article",
    "VIEW api.duplicate": "Pairs of articles with equal or similar texts",
    "VIEW api.article_change": "Change feed: read the rows after your cursor, ordered by (change_xid, change_seq)",
    "VIEW api.run": "Runs of the crawler",
    "VIEW api.article_category": "Articles in the lists of their categories, and in categories that their breadcrumbs name",
    "VIEW api.alias": "Other URLs of articles",
    "VIEW api.image": "All pictures in the bodies of articles",
    "VIEW api.outcome": "One row per URL requested in a run, with its outcome",
    "FUNCTION api.most_recommended": "Articles published in these days that are targets of teasers, by the number of pages that show them, descending",
    "VIEW api.orphan": "Articles that are the target of no teaser shown now",
    "FUNCTION api.neighbourhood": "Articles reached from an article by teasers in up to depth steps, 5 at most",
    "FUNCTION api.feed_epoch": "Epoch of the change feed; a cursor of another epoch is invalid: read from the beginning",
    "FUNCTION api.feed_lag": "Number of changes that the feed holds back, and the oldest open transaction, which may be the cause; foreign_stamps: number of changes from a restored dump, which scrapy db upgrade stamps anew",
    "FUNCTION api.is_running": "Whether a run of the site is under way; an open row in api.run without one is that of a killed run",
    "FUNCTION api.site_status": "State of each site: whether a run is under way; the latest run that was not refused, and the latest that ended; the end of the latest healthy one; time of the newest of its articles; number of those published and stored in the last two days, with the median and the 95th percentile of the seconds in between; number of dead letters",
    "FUNCTION api.find_article": "Id of the article that has a URL, by the key that scrapy diff makes of the URL",
    "FUNCTION api.text_lag": "Number of texts that wait to be compared and indexed, of those that could not be, with the first article and the reason, and of those that are too long and were read by their beginning",
    "FUNCTION api.schema_version": "Revision of the schema",
    "FUNCTION api.newest": "The newest articles of a category with their date, of one site or of all, newest first; up to 500",
    "FUNCTION api.articles_by_day": "Number of a site's articles by day of publication, in the days up to its newest article, 30 or up to 400, the latest first; days without any are left out",
    "FUNCTION api.backlog": "Articles of a site that the next run requests whatever their age: not read yet, missing at the last request, held back with a page that has nothing in common with them; up to 10,000 of each are counted",
    "FUNCTION api.search": "Articles that contain every word of the query, by rank descending",
}
MEANINGS = {
    "arguments": "The spider's arguments",
    "article_id": "Id of the article; never changes",
    "at": "Time of the outcome",
    "attempts": "Number of requests, retries included",
    "base_url": "URL of the home page at the latest run",
    "caught_up_at": "End of the latest walk that read its list pages up to known entries or the end; NULL before the first",
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
    "kind": "Kind of page that was expected: home, listing, feed (or sitemap), article, or part of an article",
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
    "alias.url": "Canonical form of a URL that led to the article",
    "alias.kind": "requested: it was requested, or redirects there for good; final: its page names the article's URL as canonical",
    "article_category.category": "Name of the category",
    "article_category.position": "1-based position over all pages of the category at the latest sighting; NULL if known from a breadcrumb only",
    "article_category.first_seen_at": "First sighting in the category",
    "article_category.last_seen_at": "Latest sighting in the category",
    "image.url": "URL of the picture",
    "image.position": "1-based position in the body",
    "image.caption": "Caption as printed; NULL if there is none",
    "image.paragraph": "Number of paragraphs of the body before it; NULL if it is not known",
    "image.outcome": "Latest outcome of the picture: stored, gone, rejected, failed, skipped; NULL if it was not requested",
    "image.reason": "Reason of that, short and stable, such as not_a_picture or http_404; NULL without one",
    "image.path": "File in IMAGES_STORE, the bytes as they came; NULL if there is none, as are the next columns",
    "image.checksum": "sha256 of the file in hexadecimal digits; pictures with the same one share it",
    "image.size": "Bytes of the file",
    "image.media_type": "Type by its bytes: image/jpeg, image/png, image/gif, image/webp or image/avif",
    "image.width": "Pixels",
    "image.height": "Pixels",
    "image.fetched_at": "Time at which the file was fetched",
    "category.url": "URL of its first list page",
    "duplicate.article_id": "Id of the later article",
    "duplicate.kind": "exact: title and body are equal; near: the bodies are similar",
    "outcome.url": "Canonical form of the requested URL",
    "run.reason": "Reason why the spider closed",
    "scheduled_site.name": "Name that its operator gave it; the host if none was given",
    "scheduled_site.url": "URL of the home page",
    "scheduled_site.every": "Seconds from the start of a run to the start of the next one",
    "scheduled_site.paused_at": "Time since when it is not crawled; NULL if it is",
    "scheduled_site.due_at": "Time from which the next run may start",
    "scheduled_site.late": "Seconds since then, 0 before; NULL while it is paused",
    "scheduled_site.worker": "Worker that started the latest run; NULL before the first",
    "scheduled_site.started_at": "Start of that run",
    "scheduled_site.ended_at": "End of that run; NULL while it runs, or if its worker died",
    "scheduled_site.verdict": "Verdict on that run; failed if its process gave none",
    "scheduled_site.reason": "Why it is not healthy, one line",
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
    yield from (*BEHIND, _ON_INSERT, _ON_UPDATE)
    yield "INSERT INTO crawl.lease (name) VALUES ('text queue')"
    # Only the index is read, and hashes do not compress.
    yield "ALTER TABLE crawl.article_search ALTER COLUMN pairs SET STORAGE EXTERNAL"
    yield "CREATE SCHEMA api"
    yield from (f"CREATE VIEW api.{name} AS {query}" for name, query in VIEWS.items())
    yield from FOR_CONSUMERS
    yield from (f"COMMENT ON {name} IS {_quoted(comment)}" for name, comment in COMMENTS.items())


def create(connection: Connection) -> None:
    """Create the schema with its comments."""
    for statement in statements():
        connection.exec_driver_sql(statement)
    for view, column in connection.execute(_FOUND).all():
        comment = COLUMNS_OF.get(f"{view}.{column}") or MEANINGS.get(column) or _MODELS[column].comment
        connection.exec_driver_sql(f"COMMENT ON COLUMN api.{view}.{column} IS {_quoted(comment)}")


def drop(connection: Connection) -> None:
    """Drop what ``create`` made, except what is dropped with the tables. The role stays, as it belongs to the whole cluster."""
    connection.exec_driver_sql("DROP SCHEMA api CASCADE")
    connection.exec_driver_sql("DROP FUNCTION crawl.search_pairs, crawl.lock_identity, crawl.is_connected")
    connection.exec_driver_sql("DROP FUNCTION crawl.stamp_change CASCADE")
    connection.exec_driver_sql("DROP SEQUENCE crawl.change_seq")


def _quoted(comment: str) -> str:
    return "'" + comment.replace("'", "''") + "'"
