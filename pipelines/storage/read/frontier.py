"""What earlier runs know of a page: asked before it is fetched, and answered from one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.schema import models
from pipelines.storage.schema.hashes import shown_hash, url_key
from pipelines.storage.schema.recordset import as_json, recordset
from smartdaily_crawler.crawl.frontier import CrawlState, ListingState, Validators

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Teaser

Step = tuple[float, float]
"""Up to which age of an article, and after how long it is due again; seconds."""

# The age is told by the site's clock, for it printed the date; how long ago we looked is told by ours. An article whose
# age no step covers is not due any more. A first 404 is looked into by the next run.
_DUE = """
    (a.last_fetched_at IS NULL
     OR (a.missing_run_id <> :run_id AND a.state <> 'gone')
     OR now() - a.last_fetched_at >= (
         SELECT make_interval(secs => step.pause)
         FROM unnest(CAST(:ages AS float8[]), CAST(:pauses AS float8[])) AS step(age, pause)
         WHERE step.age >= extract(epoch FROM CASE
             WHEN a.published_at IS NOT NULL THEN CAST(:now AS timestamptz) - a.published_at
             WHEN a.published_on IS NOT NULL
                 THEN CAST(:now AS timestamptz) - (a.published_on + 1)::timestamp AT TIME ZONE s.timezone
             ELSE now() - a.first_seen_at END)
         ORDER BY step.age LIMIT 1
     ))
"""
_STANDING = """
    coalesce(a.read_at, a.url) AS url, a.state, a.etag, a.last_modified, a.raw_hash,
    v.article_id IS NOT NULL AS is_comparable
"""
# What another version of the parser read has to be read again; so has what was gone, for its teasers went with it.
_REVISION = """
    LEFT JOIN crawl.article_revision v ON v.article_id = a.article_id AND v.revision = a.revision
         AND v.parser_version = :parser_version AND a.state <> 'gone'
"""

_SETTLED = """
    EXISTS (
        SELECT FROM crawl.article_url u JOIN crawl.crawl_outcome o ON o.run_id = :run_id AND o.url_key = u.url_key
        WHERE u.article_id = a.article_id
    )
"""
# What a list showed anew in a run that did not get to the page.
_OWED = """
    EXISTS (
        SELECT FROM crawl.article_category shown
        WHERE shown.article_id = a.article_id AND shown.shown_at > a.last_fetched_at
    )
"""

LIST_PAGE = text("""
    SELECT l.etag, l.last_modified, l.raw_hash FROM crawl.listing l JOIN crawl.category c USING (category_id)
    WHERE l.url_key = :url_key AND l.last_fetched_at <= c.caught_up_at
""")
CAUGHT_UP = text("""
    SELECT category_id, caught_up_at FROM crawl.category WHERE site_id = :site_id AND name = :category
""")
ENTRIES = text(f"""
    SELECT r.place, {_STANDING},
           a.state = 'gone' OR p.shown_hash <> r.shown_hash OR {_DUE} OR {_OWED} AS is_due,
           coalesce(a.state <> 'gone' AND p.first_seen_at <= :caught_up_at AND p.shown_hash = r.shown_hash, false)
               AS is_known_unchanged
    FROM {recordset(models.ArticleCategory, "shown_hash", url_key=models.ArticleUrl.url_key, place="int")}
    JOIN crawl.article_url u USING (url_key)
    JOIN crawl.article a USING (article_id)
    JOIN crawl.site s USING (site_id)
    LEFT JOIN crawl.article_category p ON p.article_id = a.article_id AND p.category_id = :category_id
    {_REVISION}
""")
# A gone article may be linked for ever by pages that nobody edits.
ARTICLES = text(f"""
    SELECT r.place, {_STANDING}, a.state <> 'gone' AND ({_DUE} OR {_OWED}) AS is_due, false AS is_known_unchanged
    FROM {recordset(models.ArticleUrl, "url_key", place="int")}
    JOIN crawl.article_url u USING (url_key)
    JOIN crawl.article a USING (article_id)
    JOIN crawl.site s USING (site_id)
    {_REVISION}
""")
# The candidates come from an index each; the old and settled bulk of the table is not looked at.
DUE = text(f"""
    WITH owed AS (
        SELECT article_id FROM crawl.category c JOIN crawl.article_category p USING (category_id)
        JOIN crawl.article a USING (article_id)
        WHERE c.site_id = :site_id AND p.shown_at > a.last_fetched_at
    ), candidate AS (
        SELECT article_id FROM crawl.article WHERE site_id = :site_id AND last_fetched_at IS NULL
        UNION
        SELECT article_id FROM crawl.article
        WHERE site_id = :site_id AND missing_run_id IS NOT NULL AND state <> 'gone'
        UNION
        SELECT article_id FROM owed
        UNION
        SELECT article_id FROM crawl.article WHERE site_id = :site_id AND published_on >= :oldest
        UNION
        SELECT article_id FROM crawl.article WHERE site_id = :site_id AND published_on IS NULL
    )
    SELECT {_STANDING}, true AS is_due, false AS is_known_unchanged
    FROM candidate JOIN crawl.article a USING (article_id) JOIN crawl.site s USING (site_id)
    {_REVISION}
    WHERE a.state <> 'gone' AND ({_DUE} OR a.article_id IN (SELECT article_id FROM owed)) AND NOT {_SETTLED}
    ORDER BY a.last_fetched_at NULLS FIRST, a.article_id
    LIMIT :limit
""")
KNOWN = text(f"""
    SELECT coalesce(a.read_at, a.url) FROM crawl.article a
    WHERE a.site_id = :site_id AND a.state IN ('fetched', 'discovered') AND NOT {_SETTLED}
    ORDER BY a.state = 'discovered', a.last_fetched_at NULLS FIRST, a.article_id
    LIMIT :limit
""")


@dataclass(frozen=True)
class Look:
    """What every question about articles is asked with."""

    run: RunKey
    now: datetime
    """By the site's clock."""
    schedule: Sequence[Step]
    parser_version: str

    @property
    def values(self) -> dict[str, Any]:
        return {
            "run_id": self.run.run_id,
            "now": self.now,
            "ages": [age for age, _ in self.schedule],
            "pauses": [pause for _, pause in self.schedule],
            "parser_version": self.parser_version,
        }


def list_page(connection: Connection, url: str) -> Validators | None:
    """Of a list page whose category's walk came to its end."""
    row = connection.execute(LIST_PAGE, {"url_key": url_key(url)}).mappings().first()
    return _validators(row) if row else None


def entries(connection: Connection, look: Look, category: str, shown: Sequence[Teaser]) -> ListingState:
    place = {"site_id": look.run.site_id, "category": category}
    walked = connection.execute(CAUGHT_UP, place).mappings().first()
    rows = [
        {
            "place": place,
            "url_key": url_key(entry.url),
            "shown_hash": shown_hash(entry.title, entry.published_on),
        }
        for place, entry in enumerate(shown)
    ]
    asked = {"category_id": None, "caught_up_at": None} if walked is None else dict(walked)
    found = connection.execute(ENTRIES, {"rows": as_json(rows), **asked, **look.values})
    states = _placed([entry.url for entry in shown], found.mappings())
    return ListingState(states, was_walked=asked["caught_up_at"] is not None)


def articles(connection: Connection, look: Look, urls: Sequence[str]) -> list[CrawlState]:
    """One for each address, in their order."""
    rows = [{"place": place, "url_key": url_key(url)} for place, url in enumerate(urls)]
    found = connection.execute(ARTICLES, {"rows": as_json(rows), **look.values})
    return _placed(urls, found.mappings())


def due(connection: Connection, look: Look, limit: int) -> list[CrawlState]:
    """The site's articles that are due and have no outcome in this run yet, those unchecked for longest first."""
    oldest = look.now.timestamp() - max((age for age, _ in look.schedule), default=0)
    values = {
        "site_id": look.run.site_id,
        # A day more: the date is the site's, and has no time.
        "oldest": datetime.fromtimestamp(oldest - 86_400, tz=look.now.tzinfo).date(),
        "limit": limit,
    }
    return [_standing(row) for row in connection.execute(DUE, look.values | values).mappings()]


def known(connection: Connection, run: RunKey, limit: int) -> list[CrawlState]:
    """The site's articles that have no outcome in this run yet, those unchecked for longest first; all are due."""
    wanted = {"site_id": run.site_id, "run_id": run.run_id, "limit": limit}
    return [CrawlState(url) for url in connection.scalars(KNOWN, wanted)]


def _placed(urls: Sequence[str], rows: Iterable[RowMapping]) -> list[CrawlState]:
    states = [CrawlState(url) for url in urls]
    for row in rows:
        states[row["place"]] = _standing(row)
    return states


def _standing(row: RowMapping) -> CrawlState:
    return CrawlState(
        url=row["url"],
        is_due=row["is_due"] is True,
        is_fetched=row["state"] == "fetched",
        is_known_unchanged=row["is_known_unchanged"],
        validators=_validators(row) if row["is_comparable"] else None,
    )


def _validators(row: RowMapping) -> Validators | None:
    etag, last_modified, raw_hash = row["etag"], row["last_modified"], row["raw_hash"]
    if etag is None and last_modified is None and raw_hash is None:
        return None
    return Validators(etag, last_modified, bytes(raw_hash).hex() if raw_hash is not None else None)
