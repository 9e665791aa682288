"""Read whole tables as a consumer, batch by batch, in one snapshot: through schema ``api`` only, so that a read-only role suffices."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import text

from pipelines.storage.read.feed import AFTER, CHANGES, Cursor, Feed, reading
from pipelines.storage.schema.api import ARTICLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, TextClause

BATCH = 500
"""Rows of a batch: few enough that a batch of long texts has some megabytes."""

Kind = Literal["int64", "int32", "float64", "bool", "string", "strings", "date", "time", "json"]
"""``time`` is an instant, ``strings`` a list of texts, ``json`` anything that JSON can hold."""
KINDS: dict[Any, Kind] = {
    16: "bool",
    20: "int64",
    23: "int32",
    25: "string",
    701: "float64",
    1009: "strings",
    1082: "date",
    1184: "time",
    3802: "json",
}
"""By the key of the type in ``pg_type``, which is the same in every database."""

_AFTER = f"{{}}.article_id IN (SELECT c.article_id FROM api.article_change c WHERE {AFTER})"
_SEEN = "greatest(t.last_seen_at, t.removed_at) >= {since}"
_EDGE = "SELECT FROM api.teaser t JOIN api.site s USING (site) WHERE {condition} AND t.{end}_article_id = a.article_id"


@dataclass(frozen=True, slots=True)
class Query:
    select: str
    """With ``{condition}``. Each row ends with the time zone of its site."""
    site: str
    since: str | None = None
    """Condition on ``{since}``; ``None``: the rows have no time."""
    after: str | None = None
    """Condition on a cursor of the feed; ``None``: changes of the rows are not in the feed."""
    otherwise: str = "true"
    """Condition where there is none on a time."""


QUERIES = {
    "articles": Query(
        """
        SELECT a.*, s.timezone FROM api.article a JOIN api.site s USING (site) WHERE {condition} ORDER BY a.article_id
        """,
        site="a.site = :site",
        since="coalesce(a.published_at, CAST(a.published_on AS timestamp) AT TIME ZONE s.timezone, a.first_seen_at) >= {since}",
        after=_AFTER.format("a"),
    ),
    "teasers": Query(
        """
        SELECT t.*, s.timezone FROM api.teaser t JOIN api.site s USING (site)
        WHERE {condition} ORDER BY t.from_article_id, t.to_article_id, t.block
        """,
        site="t.site = :site",
        since=_SEEN,
    ),
    "revisions": Query(
        """
        SELECT r.*, a.site, a.url, s.timezone
        FROM api.revision r JOIN api.article a USING (article_id) JOIN api.site s USING (site)
        WHERE {condition} ORDER BY r.article_id, r.revision
        """,
        site="a.site = :site",
        since="r.fetched_at >= {since}",
        after=_AFTER.format("r"),
    ),
    "changes": Query(
        CHANGES.format(
            columns=", ".join(
                ["concat_ws('-', api.feed_epoch(), c.change_xid, c.change_seq) AS cursor", *(f"c.{n}" for n in ARTICLE)]
            ),
            condition="{condition}",
        ),
        site="c.site = :site",
        after=AFTER,
    ),
    "nodes": Query(
        f"""
        SELECT a.article_id, a.site, a.url, a.state, a.title, a.published_on, s.timezone
        FROM api.article a JOIN api.site s USING (site)
        WHERE EXISTS ({_EDGE.replace("{end}", "from")}) OR EXISTS ({_EDGE.replace("{end}", "to")})
        ORDER BY a.article_id
        """,
        site="t.site = :site",
        since=_SEEN,
        otherwise="t.removed_at IS NULL",
    ),
    "edges": Query(
        """
        SELECT t.from_article_id AS source, t.to_article_id AS target, t.block, t.position, t.first_seen_at, t.last_seen_at,
               t.removed_at, s.timezone
        FROM api.teaser t JOIN api.site s USING (site)
        WHERE {condition} ORDER BY t.from_article_id, t.to_article_id, t.block
        """,
        site="t.site = :site",
        since=_SEEN,
        otherwise="t.removed_at IS NULL",
    ),
}
LATEST = text("""
    SELECT CAST(change_xid AS text), change_seq FROM api.article_change ORDER BY change_xid DESC, change_seq DESC LIMIT 1
""")
CATEGORIES = text("SELECT DISTINCT name FROM api.category ORDER BY name")
CATEGORY = text("""
    SELECT c.site, c.url, c.last_seen_at, s.timezone FROM api.category c JOIN api.site s USING (site)
    WHERE c.name = :category AND (CAST(:site AS text) IS NULL OR c.site = :site) ORDER BY c.site
""")
NEWEST = text("""
    SELECT a.*, s.timezone
    FROM api.newest(:category, :most, :site) n JOIN api.article a USING (article_id) JOIN api.site s ON s.site = a.site
    ORDER BY a.published_on DESC, a.article_id DESC
""")


@dataclass(frozen=True, slots=True)
class Selection:
    site: str | None = None
    since: datetime | None = None
    """Without a zone it is taken in that of each row's site."""
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind


class Rows:
    """The rows of a query, in batches. Each row has one value more than there are columns: the time zone of its site."""

    def __init__(self, connection: Connection, name: str, selection: Selection) -> None:
        """Begin to read one of ``QUERIES``, named only once in a transaction."""
        self._connection = connection
        self._fetch = f"FETCH FORWARD {{}} FROM {name}"
        self.count = 0
        """Rows read so far."""
        query, values = _statement(QUERIES[name], selection)
        # Each FETCH has statement_timeout for itself, so the rows must not wait to be sorted.
        connection.execute(text("SET LOCAL cursor_tuple_fraction = 0.0001"))
        connection.execute(text(f"DECLARE {name} NO SCROLL CURSOR FOR {query}"), values)
        described = connection.exec_driver_sql(self._fetch.format(0)).cursor
        self.columns = [Column(name, KINDS[kind]) for name, kind, *_ in described.description[:-1]]

    def __iter__(self) -> Iterator[Sequence[Any]]:
        while batch := self._connection.exec_driver_sql(self._fetch.format(BATCH)).all():
            self.count += len(batch)
            yield batch


class Snapshot:
    """One state of the database."""

    def __init__(self, connection: Connection, beginning: Cursor) -> None:
        self._connection = connection
        self._beginning = beginning

    def rows(self, name: str, selection: Selection) -> Rows:
        """Return the rows of one of ``QUERIES``, to be read once."""
        return Rows(self._connection, name, selection)

    def cursor(self) -> Cursor:
        """Return the cursor after which come the changes that the snapshot does not see."""
        found = self._connection.execute(LATEST).one_or_none()
        return Cursor(self._beginning.epoch, int(found[0]), found[1]) if found else self._beginning

    def categories(self) -> list[str]:
        """Return the names of the categories of all sites, in alphabetical order."""
        return list(self._connection.scalars(CATEGORIES))

    def category_pages(self, category: str, site: str | None) -> list[dict[str, Any]]:
        """Return ``site``, ``url``, ``last_seen_at`` and ``timezone`` of the category on each site that has it."""
        return self._mappings(CATEGORY, category=category, site=site)

    def newest(self, category: str, site: str | None, most: int) -> list[dict[str, Any]]:
        """Return the newest articles of a category, by the columns of ``api.article`` and ``timezone``."""
        return self._mappings(NEWEST, category=category, site=site, most=most)

    def _mappings(self, query: TextClause, **values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(query, values).mappings()]


@contextmanager
def snapshot(engine: Engine, after: Cursor | None = None) -> Iterator[Snapshot]:
    """Yield the present state. Raise StorageError, also for a cursor of another database.

    :param after: the cursor of the selections to come.
    """
    beginning = Feed(engine, after).cursor
    with reading(engine, isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        yield Snapshot(connection, beginning)


def _statement(query: Query, selection: Selection) -> tuple[str, dict[str, Any]]:
    conditions, values = [], dict[str, Any]()
    if selection.site is not None:
        conditions.append(query.site)
        values["site"] = selection.site
    if selection.since is None:
        conditions.append(query.otherwise)
    elif query.since is not None:
        zoned = (
            "CAST(:since AS timestamptz)"
            if selection.since.tzinfo
            else "CAST(:since AS timestamp) AT TIME ZONE s.timezone"
        )
        conditions.append(query.since.format(since=zoned))
        values["since"] = selection.since
    if selection.after is not None and query.after is not None:
        conditions.append(query.after)
        values |= selection.after.values
    return query.select.format(condition=" AND ".join(conditions)), values
