"""The index behind ``api.search``: each text as the set of its pairs of neighbouring characters.

Chinese is written without spaces, so a word of two characters is the shortest that a search has to find, and a pair of
characters the smallest useful key. The pairs of a longer word give candidates, whose texts the function then reads.
"""

from __future__ import annotations

from itertools import repeat
from operator import add, and_, mul
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema import models
from pipelines.storage.schema.recordset import recordset, send
from pipelines.storage.text.minhash import MOST_MARKS, has_heap, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

# Arrays are sent as PostgreSQL's own text form: as JSON they take three times as long to read.
INDEX = text(f"""
    INSERT INTO crawl.article_search AS s (article_id, published_on, pairs)
    SELECT article_id, published_on, CAST(pairs AS int[])
    FROM {recordset(models.ArticleSearch, "article_id published_on", pairs="text")}
    ORDER BY article_id
    ON CONFLICT (article_id) DO UPDATE SET published_on = EXCLUDED.published_on, pairs = EXCLUDED.pairs
    WHERE (s.published_on, s.pairs) IS DISTINCT FROM (EXCLUDED.published_on, EXCLUDED.pairs)
""")
FORGET = text("DELETE FROM crawl.article_search WHERE article_id = ANY(:ids)")


def index(connection: Connection, texts: Sequence[Row[Any]]) -> None:
    """Store the index entries of these articles (``article_id``, ``published_on``, ``title``, ``body``)."""
    send(
        connection,
        INDEX,
        [
            {
                "article_id": row.article_id,
                "published_on": row.published_on,
                "pairs": as_array(pairs(f"{row.title or ''}\n{row.body or ''}")),
            }
            for row in texts
        ],
    )


def forget(connection: Connection, ids: list[int]) -> None:
    """Delete the entries of articles that have no text any more."""
    connection.execute(FORGET, {"ids": ids})


def pairs(searchable: str) -> set[int]:
    """Return the codes of all pairs of characters without a space between them, normalised in width and case.

    Raise ``ValueError`` for a text that a search could not normalise in time.

    ``crawl.search_pairs`` computes the same codes for a query.

    >>> pairs("5G 手机") == pairs("５ｇ\\n手机"), len(pairs("5G 手机"))
    (True, 2)
    """
    if has_heap(searchable):
        raise ValueError(f"more than {MOST_MARKS} combining characters in a row")
    codes: set[int] = set()
    for word in normalise(searchable).split():
        # (one * 65_599 + other) & 0x7FFFFFFF, without a step of the interpreter for each pair.
        chars = list(map(ord, word))
        codes.update(map(and_, map(add, map(mul, chars, repeat(65_599)), chars[1:]), repeat(0x7FFFFFFF)))
    return codes


def as_array(codes: Iterable[int]) -> str:
    """Return the codes, sorted, in PostgreSQL's text form of an array.

    >>> as_array({3, 1})
    '{1,3}'
    """
    return f"{{{','.join(map(str, sorted(codes)))}}}"
