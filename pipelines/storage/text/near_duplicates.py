"""Find articles with similar bodies: store each pair with its similarity, the later article pointing to the earlier."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema import models
from pipelines.storage.schema.recordset import recordset, send
from pipelines.storage.text.minhash import estimate, runs, sign, similarity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection, Row

MIN_SIMILARITY = 0.5
MIN_ESTIMATE = 0.35
"""The least estimate for which bodies are compared: three standard deviations below ``MIN_SIMILARITY``."""
MOST_SHARING, MOST_COMPARED = 30, 50
"""The most articles that a text is compared with: by signature for each band and, of those with the best estimates, by
body. A phrase that thousands of pages print fills one band with them; a copy is found by the other bands."""

LONGEST = 50_000
"""Characters of a text that are compared and indexed: a page with more is a book, or made to do harm."""

# Whoever deletes an article or changes its URL holds its row, and puts it into the queue again where it has to be compared.
BODIES = text(f"""
    SELECT article_id, left(body, {LONGEST}) AS body, text_hash FROM crawl.article
    WHERE article_id = ANY(:ids) ORDER BY article_id FOR KEY SHARE SKIP LOCKED
""")
SIGN = text(f"""
    INSERT INTO crawl.article_signature AS s (article_id, bands, signature)
    SELECT article_id, bands, signature
    FROM {recordset(models.ArticleSignature, "article_id bands signature")}
    ORDER BY article_id
    ON CONFLICT (article_id) DO UPDATE SET bands = EXCLUDED.bands, signature = EXCLUDED.signature
    WHERE (s.bands, s.signature) IS DISTINCT FROM (EXCLUDED.bands, EXCLUDED.signature)
""")
UNSIGN = text("DELETE FROM crawl.article_signature WHERE article_id = ANY(:ids)")
# OFFSET 0: without it the planner walks another index and filters for matches.
SHARING = text(f"""
    SELECT DISTINCT r.article_id, other.article_id AS other_id, other.signature
    FROM {recordset(models.ArticleSignature, "article_id bands")}
    CROSS JOIN unnest(r.bands) AS band
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT s.article_id, s.signature FROM crawl.article_signature s WHERE s.bands @> ARRAY[band] OFFSET 0
        ) AS sharing
        LIMIT :most
    ) AS other
    WHERE other.article_id <> r.article_id
""")
UNLINK = text("""
    WITH former AS (
        SELECT article_id, duplicate_of FROM crawl.near_duplicate
        WHERE article_id = ANY(:ids) OR duplicate_of = ANY(:ids) FOR UPDATE SKIP LOCKED
    )
    DELETE FROM crawl.near_duplicate n USING former f
    WHERE (n.article_id, n.duplicate_of) = (f.article_id, f.duplicate_of)
""")
LINK = text(f"""
    INSERT INTO crawl.near_duplicate (article_id, duplicate_of, similarity)
    SELECT CASE WHEN one_is_later THEN one ELSE other END, CASE WHEN one_is_later THEN other ELSE one END, similarity
    FROM (
        SELECT r.one, r.other, r.similarity,
               (coalesce(a.published_on, 'infinity'), coalesce(a.published_at, 'infinity'), a.article_id)
               > (coalesce(b.published_on, 'infinity'), coalesce(b.published_at, 'infinity'), b.article_id)
               AS one_is_later
        FROM {recordset(models.NearDuplicate, "similarity", one=models.Article.article_id, other=models.Article.article_id)}
        JOIN crawl.article a ON a.article_id = r.one
        JOIN crawl.article b ON b.article_id = r.other
    ) AS pair
""")


def update(connection: Connection, texts: Sequence[Row[Any]]) -> None:
    """Update the signatures and pairs of these articles from their texts (``article_id``, ``body``)."""
    signatures = _sign(connection, texts)
    pairs = _compare(connection, _candidates(connection, signatures))
    connection.execute(UNLINK, {"ids": [row.article_id for row in texts]})
    rows = [{"one": one, "other": other, "similarity": share} for (one, other), share in sorted(pairs.items())]
    send(connection, LINK, rows)


def forget(connection: Connection, ids: list[int]) -> None:
    """Delete the signatures and pairs of articles that have no text any more."""
    for statement in (UNSIGN, UNLINK):
        connection.execute(statement, {"ids": ids})


def _sign(connection: Connection, texts: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Store the articles' signatures, and return their rows. Delete that of an article whose text became too short."""
    made = {row.article_id: sign(row.body) for row in texts}
    rows = [
        {"article_id": article_id, "bands": signature.bands, "signature": signature.values}
        for article_id, signature in made.items()
        if signature
    ]
    send(connection, SIGN, rows)
    if short := [article_id for article_id, signature in made.items() if not signature]:
        connection.execute(UNSIGN, {"ids": short})
    return rows


def _candidates(connection: Connection, signatures: list[dict[str, Any]]) -> set[tuple[int, int]]:
    """Return the pairs of ids whose bodies have to be compared, the lower id first."""
    own = {row["article_id"]: row["signature"] for row in signatures}
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for row in send(connection, SHARING, signatures, most=MOST_SHARING):
        share = estimate(own[row.article_id], bytes(row.signature))
        if share >= MIN_ESTIMATE:
            found[row.article_id].append((-share, row.other_id))
    return {
        (min(article_id, other), max(article_id, other))
        for article_id, others in found.items()
        for _, other in sorted(others)[:MOST_COMPARED]
    }


def _compare(connection: Connection, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """Return the pairs that are similar enough, without exact duplicates (equal title and body)."""
    if not pairs:
        return {}
    articles = _articles(connection, {article_id for pair in pairs for article_id in pair})
    shares = {
        (one, other): similarity(articles[one][0], articles[other][0])
        for one, other in pairs
        if one in articles and other in articles and articles[one][1] != articles[other][1]
    }
    return {pair: share for pair, share in shares.items() if share >= MIN_SIMILARITY}


def _articles(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[set[str], bytes | None]]:
    rows = connection.execute(BODIES, {"ids": sorted(ids)})
    return {row.article_id: (runs(row.body or ""), row.text_hash and bytes(row.text_hash)) for row in rows}
