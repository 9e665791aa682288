"""Read the articles of a week that teasers lead to most, and the teasers between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, RowMapping

MOST_COUNTED = 3000
"""Articles whose teasers are counted: the time for them must not grow with the number of articles published in a week."""

COUNTS = text("""
    SELECT published_on, count(*) FROM api.article
    WHERE site = :site AND published_on BETWEEN :since AND :until GROUP BY published_on
""")
# A day too many would be counted in vain, so each day is asked for by itself.
RECOMMENDED = text("""
    SELECT m.article_id, m.title, m.published_on, m.recommended_by
    FROM api.most_recommended(:day, :day) AS m WHERE m.site = :site ORDER BY m.recommended_by DESC, m.article_id LIMIT :most
""")
# A hot list is the same on all pages.
TEASERS = text("""
    SELECT from_article_id, to_article_id FROM api.teaser
    WHERE block = 'teasers' AND from_article_id = ANY(:ids) AND to_article_id = ANY(:ids) AND removed_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class Week:
    """The days of a week, and of each the articles recommended most."""

    days: dict[date, list[RowMapping]]
    """From the earliest to the latest; no articles for a day that was left out."""
    left_out: list[date]
    """Days that are not counted, as there are too many articles."""
    edges: list[tuple[int, int]]
    """Pairs of articles shown, the first of which recommends the second now, otherwise than in a hot list."""


def week(connection: Connection, site: str, until: date, most_of_day: int) -> Week:
    """Return the seven days up to *until*."""
    wanted = [until - timedelta(days=back) for back in range(7)]
    found = connection.execute(COUNTS, {"site": site, "since": wanted[-1], "until": until})
    counts: dict[date, int] = {row[0]: row[1] for row in found}
    days: dict[date, list[RowMapping]] = {}
    left_out: list[date] = []
    counted = 0
    for day in wanted:
        counted += counts.get(day, 0)
        days[day] = []
        if counted > MOST_COUNTED:
            left_out.append(day)
        elif counts.get(day):
            days[day] = list(
                connection.execute(RECOMMENDED, {"site": site, "day": day, "most": most_of_day}).mappings()
            )
    ids = [row["article_id"] for rows in days.values() for row in rows]
    return Week(dict(sorted(days.items())), left_out, _edges(connection, ids))


def _edges(connection: Connection, ids: Collection[int]) -> list[tuple[int, int]]:
    return [(start, end) for start, end in connection.execute(TEASERS, {"ids": list(ids)})]
