"""Read an article and what is known of it, and search for articles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.read.revisions import LARGEST_ID
from pipelines.storage.schema.article_content import RAW
from pipelines.storage.schema.hashes import url_key

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

MOST = 100
"""Rows of each kind that are read of an article; there may be any number of teasers that lead to it."""

ARTICLE = text(
    "SELECT a.*, s.timezone FROM api.article a JOIN api.site s USING (site) WHERE a.article_id = :article_id"
)
LATEST = text(f"""
    SELECT provenance, parser_version, run_id, fetched_at, {", ".join(RAW)} FROM api.revision
    WHERE article_id = :article_id ORDER BY revision DESC LIMIT 1
""")
REVISIONS = text("""
    SELECT revision, changed_fields, fetched_at, run_id, parser_version FROM api.revision
    WHERE article_id = :article_id ORDER BY revision DESC LIMIT :most
""")
# A page may show an article in two blocks.
OUT = text("""
    SELECT t.to_article_id AS article_id, t.block, t.position, t.title, t.published_on, t.first_seen_at, t.removed_at,
           a.title AS own_title, a.state
    FROM api.teaser t JOIN api.article a ON a.article_id = t.to_article_id
    WHERE t.from_article_id = :article_id ORDER BY t.removed_at IS NOT NULL, t.block <> 'teasers', t.position LIMIT :most
""")
# Bounded before it is joined and sorted: a front-page story is recommended by thousands.
IN = text("""
    SELECT t.article_id, t.block, t.position, t.title, t.first_seen_at, t.removed_at,
           a.title AS own_title, a.published_on, a.state
    FROM (
        SELECT from_article_id AS article_id, block, position, title, first_seen_at, removed_at FROM api.teaser
        WHERE to_article_id = :article_id LIMIT :most
    ) AS t JOIN api.article a USING (article_id)
    ORDER BY t.removed_at IS NOT NULL, t.block <> 'teasers', a.published_on DESC NULLS LAST, t.article_id
""")
CATEGORIES = text("""
    SELECT category, position, first_seen_at, last_seen_at FROM api.article_category
    WHERE article_id = :article_id ORDER BY first_seen_at, category LIMIT :most
""")
ALIASES = text(
    "SELECT url, kind, first_seen_at FROM api.alias WHERE article_id = :article_id ORDER BY first_seen_at LIMIT :most"
)
IMAGES = text("""
    SELECT url, caption, outcome, reason, path, width, height FROM api.image
    WHERE article_id = :article_id ORDER BY position LIMIT :most
""")
DUPLICATES = text("""
    SELECT other.article_id, d.kind, d.similarity, d.is_later, other.title, other.url, other.site, other.published_on
    FROM (
        (SELECT duplicate_of AS article_id, kind, similarity, false AS is_later FROM api.duplicate
         WHERE article_id = :article_id LIMIT :most)
        UNION ALL
        (SELECT article_id, kind, similarity, true FROM api.duplicate WHERE duplicate_of = :article_id LIMIT :most)
    ) AS d JOIN api.article other USING (article_id)
    ORDER BY d.similarity DESC, other.article_id LIMIT :most
""")
BY_KEY = text("SELECT api.find_article(:url_key)")
OF_LATEST = 200
"""Latest articles with the words, of which a search shows the best: more take longer than a page may."""
SEARCH = text("SELECT article_id, title, published_on, url, snippet, rank FROM api.search(:query, :most, :of_latest)")


@dataclass(frozen=True, slots=True)
class Known:
    """An article with all that is known of it; lists are bounded by ``MOST``."""

    article: RowMapping
    latest: RowMapping | None
    """Of the latest revision: provenance, and the strings that fields were read from; ``None`` if it was never fetched."""
    revisions: list[RowMapping]
    out: list[RowMapping]
    """Teasers on its page, those removed since at the end."""
    into: list[RowMapping]
    """Teasers that lead to it, likewise."""
    categories: list[RowMapping]
    aliases: list[RowMapping]
    images: list[RowMapping]
    duplicates: list[RowMapping]


def find_article(connection: Connection, article_id: int) -> Known | None:
    if article_id > LARGEST_ID:
        return None
    values = {"article_id": article_id, "most": MOST}
    article = connection.execute(ARTICLE, values).mappings().one_or_none()
    if article is None:
        return None
    latest = connection.execute(LATEST, values).mappings().one_or_none()
    statements = (REVISIONS, OUT, IN, CATEGORIES, ALIASES, IMAGES, DUPLICATES)
    return Known(article, latest, *(list(connection.execute(each, values).mappings()) for each in statements))


def id_of(connection: Connection, url: str) -> int | None:
    """Return the id of the article at a canonical URL, one of its others included."""
    found: int | None = connection.scalar(BY_KEY, {"url_key": url_key(url)})
    return found


def search(connection: Connection, query: str, most: int) -> list[RowMapping]:
    """Return articles that have all words of the query, of at most ``LONGEST_QUERY`` characters, the best first."""
    return list(connection.execute(SEARCH, {"query": query, "most": most, "of_latest": OF_LATEST}).mappings())
