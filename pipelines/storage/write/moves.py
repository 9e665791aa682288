"""Articles that move: two rows turn out to be one article, or a whole site has another host.

The later row of an article gives what it has to the earlier one. An article that was only discovered is deleted. One that was fetched
under its new URL, before it showed that it had moved there, stays as ``gone``, so that the readers of the feed learn of it. All of this
needs the exclusive identity lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import LargeBinary, text

from pipelines.storage.db.errors import StorageError, one_line
from pipelines.storage.db.locks import lock_identity
from pipelines.storage.db.site_lock import SiteLock
from pipelines.storage.schema import models
from pipelines.storage.schema.article_content import CHANGES, COLUMNS, OF_PAGE, RAW, VALIDATORS
from pipelines.storage.schema.hashes import url_key
from pipelines.storage.schema.recordset import as_json, recordset, send
from smartdaily_crawler.cleaning.urls import page_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Engine, Row, TextClause

# Aliases of one article may have the same page or category: one row is made of them, the latest.
_PAIRS = recordset(models.Article, "", alias=models.Article.article_id, target=models.Article.article_id)
HAND_OVER_LINKS: Sequence[TextClause] = [
    text(f"""
        UPDATE crawl.article_url u SET article_id = r.target, kind = replace(u.kind, 'identity', 'requested')
        FROM {_PAIRS} WHERE u.article_id = r.alias
    """),
    text(f"""
        INSERT INTO crawl.article_teaser AS t
        SELECT DISTINCT ON (s.from_article_id, r.target, s.block)
               s.from_article_id, r.target, s.block, s.position, s.title, s.summary, s.published_on, s.image_url,
               min(s.first_seen_at) OVER same, max(s.last_seen_at) OVER same,
               CASE WHEN bool_and(s.removed_at IS NOT NULL) OVER same THEN max(s.removed_at) OVER same END
        FROM {_PAIRS} JOIN crawl.article_teaser s ON s.to_article_id = r.alias AND s.from_article_id <> r.target
        WINDOW same AS (PARTITION BY s.from_article_id, r.target, s.block)
        ORDER BY s.from_article_id, r.target, s.block, s.last_seen_at DESC, r.alias
        ON CONFLICT (from_article_id, to_article_id, block) DO UPDATE SET
            first_seen_at = least(t.first_seen_at, EXCLUDED.first_seen_at),
            last_seen_at = greatest(t.last_seen_at, EXCLUDED.last_seen_at),
            removed_at = CASE
                WHEN t.removed_at IS NOT NULL AND EXCLUDED.removed_at IS NOT NULL
                THEN greatest(t.removed_at, EXCLUDED.removed_at)
            END
    """),
    text(f"DELETE FROM crawl.article_teaser t USING {_PAIRS} WHERE t.to_article_id = r.alias"),
    text(f"""
        INSERT INTO crawl.article_category AS c
            (article_id, category_id, position, shown_hash, first_seen_at, last_seen_at)
        SELECT DISTINCT ON (r.target, s.category_id)
               r.target, s.category_id, s.position, s.shown_hash,
               min(s.first_seen_at) OVER same, max(s.last_seen_at) OVER same
        FROM {_PAIRS} JOIN crawl.article_category s ON s.article_id = r.alias
        WINDOW same AS (PARTITION BY r.target, s.category_id)
        ORDER BY r.target, s.category_id, s.position IS NULL, s.last_seen_at DESC, r.alias
        ON CONFLICT (article_id, category_id) DO UPDATE SET
            position = coalesce(c.position, EXCLUDED.position),
            shown_hash = coalesce(c.shown_hash, EXCLUDED.shown_hash),
            first_seen_at = least(c.first_seen_at, EXCLUDED.first_seen_at),
            last_seen_at = greatest(c.last_seen_at, EXCLUDED.last_seen_at)
    """),
    text(f"DELETE FROM crawl.article_category c USING {_PAIRS} WHERE c.article_id = r.alias"),
    # change_seq: consumers read the target's categories from the feed.
    text(f"""
        UPDATE crawl.article t SET
            change_seq = 0,
            title = coalesce(t.title, a.title),
            published_on = CASE WHEN t.state = 'discovered' THEN coalesce(t.published_on, a.published_on)
                                ELSE t.published_on END,
            summary = coalesce(t.summary, a.summary),
            image_url = coalesce(t.image_url, a.image_url),
            first_seen_at = least(t.first_seen_at, a.first_seen_at),
            last_seen_at = greatest(t.last_seen_at, a.last_seen_at)
        FROM (
            SELECT r.target, min(s.first_seen_at) AS first_seen_at, max(s.last_seen_at) AS last_seen_at,
                   {
        ", ".join(
            f"(array_agg(s.{name} ORDER BY r.alias) FILTER (WHERE s.{name} IS NOT NULL))[1] AS {name}"
            for name in ("title", "published_on", "summary", "image_url")
        )
    }
            FROM {_PAIRS} JOIN crawl.article s ON s.article_id = r.alias GROUP BY r.target
        ) AS a WHERE t.article_id = a.target
    """),
]
"""URLs, categories, and the teasers of other pages."""
DELETE = text(f"DELETE FROM crawl.article a USING {_PAIRS} WHERE a.article_id = r.alias")

_KEPT = ("summary", "image_url", "claimed_key")
"""Columns that are not simply those of the later page."""
_FILLED = [name for name in (*COLUMNS, *OF_PAGE, "last_fetched_at") if name not in _KEPT]
_CONTENT = [", ".join(f"{row}.{name}" for name in CHANGES) for row in "tv"]
_CHANGED = ", ".join(
    f"CASE WHEN ({old}) IS DISTINCT FROM ({new}) THEN '{field}' END"
    for field in dict.fromkeys(CHANGES.values())
    for names in [[name for name, change in CHANGES.items() if change == field]]
    for old, new in [[", ".join(f"{row}.{name}" for name in names) for row in "tv"]]
)
# The later page is a revision of the article, if it differs, and its teasers are those of the article.
GIVE_PAGE = [
    text(f"""
        WITH revised AS (
            INSERT INTO crawl.article_revision (
                article_id, revision, changed_fields, {", ".join((*COLUMNS, *RAW))},
                provenance, content_hash, parser_version, run_id, fetched_at, record, reread_at
            )
            SELECT t.article_id, t.revision + 1, array_remove(ARRAY[{_CHANGED}], NULL),
                   {", ".join(f"v.{name}" for name in (*COLUMNS, *RAW))},
                   v.provenance, v.content_hash, v.parser_version, v.run_id, v.fetched_at,
                   v.record, v.reread_at
            FROM crawl.article t, crawl.article a JOIN crawl.article_revision v USING (article_id, revision)
            WHERE t.article_id = :target AND a.article_id = :alias
              AND ({_CONTENT[0]}) IS DISTINCT FROM ({_CONTENT[1]})
            RETURNING revision, fetched_at
        )
        UPDATE crawl.article t SET
            state = 'fetched', missing_since = NULL, missing_run_id = NULL, missing_checked_at = NULL,
            {", ".join(f"{name} = a.{name}" for name in _FILLED)},
            image_url = coalesce(a.image_url, t.image_url),
            revision = coalesce((SELECT revision FROM revised), t.revision),
            last_changed_at = coalesce((SELECT fetched_at FROM revised), t.last_changed_at)
        FROM crawl.article a WHERE t.article_id = :target AND a.article_id = :alias
    """),
    text("""
        UPDATE crawl.article_teaser t SET removed_at = a.last_fetched_at
        FROM crawl.article a
        WHERE a.article_id = :alias AND t.from_article_id = :target AND t.removed_at IS NULL AND NOT EXISTS (
            SELECT FROM crawl.article_teaser s
            WHERE s.from_article_id = :alias AND s.to_article_id = t.to_article_id AND s.block = t.block
        )
    """),
    text("""
        INSERT INTO crawl.article_teaser AS t
        SELECT :target, to_article_id, block, position, title, summary, published_on, image_url, first_seen_at,
               last_seen_at, removed_at
        FROM crawl.article_teaser WHERE from_article_id = :alias AND to_article_id <> :target
        ON CONFLICT (from_article_id, to_article_id, block) DO UPDATE SET
            position = EXCLUDED.position, title = EXCLUDED.title, summary = EXCLUDED.summary,
            published_on = EXCLUDED.published_on, image_url = EXCLUDED.image_url,
            last_seen_at = EXCLUDED.last_seen_at, removed_at = EXCLUDED.removed_at
    """),
    text("INSERT INTO crawl.text_queue (article_id) VALUES (:target)"),
]
# The text queue links those anew that pointed to it. Its url_key has to be nobody's, as the URL is the article's now, and may be another one's later.
END = [
    text("DELETE FROM crawl.article_teaser WHERE from_article_id = :alias"),
    text("DELETE FROM crawl.article_signature WHERE article_id = :alias"),
    text("DELETE FROM crawl.article_search WHERE article_id = :alias"),
    text("DELETE FROM crawl.near_duplicate WHERE :alias IN (article_id, duplicate_of)"),
    text("DELETE FROM crawl.held_page WHERE article_id = :alias"),
    text("INSERT INTO crawl.text_queue (article_id) VALUES (:alias)"),
    text("""
        UPDATE crawl.article SET
            state = 'gone', duplicate_of = :target, text_hash = NULL, claimed_key = NULL, url = :url,
            url_key = sha256(convert_to('joined ' || article_id, 'UTF8')),
            missing_since = NULL, missing_run_id = NULL, missing_checked_at = NULL
        WHERE article_id = :alias
    """),
]
RENAME = text(f"""
    WITH renamed AS (
        UPDATE crawl.article_url u SET
            kind = CASE WHEN u.url_key = r.url_key THEN 'identity' ELSE 'requested' END,
            url = CASE WHEN u.url_key = r.url_key THEN r.url ELSE u.url END
        FROM {recordset(models.Article, "article_id url url_key")}
        WHERE u.article_id = r.article_id AND (u.kind = 'identity' OR u.url_key = r.url_key)
    )
    UPDATE crawl.article a SET url = r.url, url_key = r.url_key, claimed_key = NULL
    FROM {recordset(models.Article, "article_id url url_key")}
    WHERE a.article_id = r.article_id
""")
ROW = text("""
    SELECT url, last_fetched_at, content_hash, text_hash FROM crawl.article WHERE article_id = :article_id FOR UPDATE
""").columns(content_hash=LargeBinary, text_hash=LargeBinary)


SITE = text("SELECT site_id FROM crawl.site WHERE name = :name")
# Without the rows of articles that were joined to others: their keys are nobody's.
URLS = text("""
    SELECT a.article_id, a.url FROM crawl.article a JOIN crawl.article_url USING (article_id, url_key)
    WHERE a.site_id = :site_id ORDER BY a.article_id
""")
READDRESS = text(f"""
    WITH r AS (SELECT * FROM {recordset(models.Article, "article_id url url_key")}),
    taken AS (
        INSERT INTO crawl.article_url AS u (url_key, article_id, url, kind, first_seen_at)
        SELECT url_key, article_id, url, 'identity', now() FROM r ORDER BY url_key
        ON CONFLICT (url_key) DO UPDATE SET url = EXCLUDED.url, kind = 'identity' WHERE u.article_id = EXCLUDED.article_id
        RETURNING article_id, url_key
    ), former AS (
        UPDATE crawl.article_url u SET kind = 'requested' FROM taken t
        WHERE u.article_id = t.article_id AND u.kind = 'identity' AND u.url_key <> t.url_key
    )
    UPDATE crawl.article a SET url = r.url, url_key = r.url_key, claimed_key = NULL
    FROM r JOIN taken USING (article_id) WHERE a.article_id = r.article_id
""")
# On the list of sites it keeps what its operator chose; where the new one is on the list too, both stay.
RENAME_SCHEDULED = text("""
    UPDATE crawl.scheduled_site SET site = :new, url = :url, name = CASE WHEN name = site THEN :new ELSE name END
    WHERE site = :old AND NOT EXISTS (SELECT FROM crawl.scheduled_site WHERE :new IN (site, name))
""")
RENAME_SITE = text("UPDATE crawl.site SET name = :name, base_url = :url WHERE site_id = :site_id")
CHUNK = 10_000
"""URLs sent in one statement."""


FORGET_VALIDATORS = text(f"""
    UPDATE crawl.article SET {", ".join(f"{name} = NULL" for name in VALIDATORS)} WHERE article_id = :target
""")


class SiteMove(NamedTuple):
    """Numbers of articles."""

    moved: int
    kept: int
    """Their new URL is known as that of another article."""


class Joined(NamedTuple):
    """Content of an article after it was joined."""

    content_hash: bytes
    text_hash: bytes | None


def merge(connection: Connection, targets: Mapping[int, int]) -> None:
    """Give the URLs and edges of discovered articles to others, and delete their rows.

    :param targets: id of the article that takes over, by the id of the alias.
    """
    for statement in (*HAND_OVER_LINKS, DELETE):
        send(connection, statement, _pairs(targets))


def _pairs(targets: Mapping[int, int]) -> list[dict[str, int]]:
    return [{"alias": alias, "target": target} for alias, target in sorted(targets.items())]


def rename(connection: Connection, urls: Mapping[int, str]) -> None:
    """Give articles, by id, another URL that is theirs already; their former URLs become aliases."""
    send(connection, RENAME, [{"article_id": each, "url": url, "url_key": url_key(url)} for each, url in urls.items()])


def join(connection: Connection, alias: int, target: int, *, takes_url: bool) -> Joined:
    """Give the URLs, links and, if it is later, the page of a fetched article to another one; its row becomes ``gone``.

    :param takes_url: the page answers at the URL of *alias* now.
    """
    ids = {"alias": alias, "target": target}
    old = connection.execute(ROW, {"article_id": target}).one()
    new = connection.execute(ROW, {"article_id": alias}).one()
    is_later = old.last_fetched_at is None or new.last_fetched_at > old.last_fetched_at
    for statement in HAND_OVER_LINKS:
        send(connection, statement, _pairs({alias: target}))
    for statement in GIVE_PAGE if is_later else ():
        connection.execute(statement, ids)
    for statement in END:
        connection.execute(statement, ids | {"url": old.url if takes_url else new.url})
    if takes_url:
        rename(connection, {target: new.url})
        if not is_later:
            connection.execute(FORGET_VALIDATORS, ids)
    shown = new if is_later else old
    return Joined(shown.content_hash, shown.text_hash)


def move_site(engine: Engine, site: str, old_url: str, new_site: str, new_url: str) -> SiteMove:
    """Give a site and its articles another host, in one transaction; their former URLs become aliases.

    Articles at a further host of the site, such as a mobile one, keep their URLs. Raise ``StorageError`` if there is no such site, if it
    has no article at the old host, if the new site is known already, or if a run of the site is under way.

    :param site: name of the site, and *new_site* its new one, as ``SiteAddress`` names them.
    :param old_url: canonical URL of the home page, and *new_url* the new one.
    """
    lock = SiteLock(engine, site)
    lock.take()
    try:
        with one_line(), engine.begin() as connection:
            site_id = connection.scalar(SITE, {"name": site})
            if site_id is None:
                raise StorageError(f"there is no site {site} in the database")
            lock_identity(connection, site_id, alone=True)
            if connection.scalar(SITE, {"name": new_site}):
                raise StorageError(f"the site {new_site} is in the database already: its articles are others")
            connection.execute(RENAME_SITE, {"site_id": site_id, "name": new_site, "url": new_url})
            connection.execute(RENAME_SCHEDULED, {"old": site, "new": new_site, "url": new_url})
            host = page_name(old_url)
            rows = connection.execute(URLS, {"site_id": site_id}).all()
            there = [row for row in rows if page_name(row.url).split("/", 1)[0] == host]
            if rows and not there:
                raise StorageError(f"no article of {site} is at {host}: name the URL of the host at which they are")
            chunks = (there[at : at + CHUNK] for at in range(0, len(there), CHUNK))
            moved = sum(_readdress(connection, chunk, new_url) for chunk in chunks)
            return SiteMove(moved, len(there) - moved)
    finally:
        lock.release()


def _readdress(connection: Connection, rows: Sequence[Row[Any]], url: str) -> int:
    home = urlsplit(url)
    moved = []
    for row in rows:
        there = urlsplit(row.url)._replace(scheme=home.scheme, netloc=home.netloc).geturl()
        moved.append({"article_id": row.article_id, "url": there, "url_key": url_key(there)})
    return connection.execute(READDRESS, {"rows": as_json(moved)}).rowcount
