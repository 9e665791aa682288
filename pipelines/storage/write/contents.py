"""Rows and revisions of articles, from the content of their pages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import LargeBinary, text

from pipelines.storage.schema import models
from pipelines.storage.schema.article_content import CHANGES, COLUMNS, DATE_FROM, OF_PAGE, RAW
from pipelines.storage.schema.hashes import hash_bytes, url_key
from pipelines.storage.schema.recordset import recordset, send
from pipelines.storage.write.outcomes import Written
from smartdaily_crawler.parsing import dates
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from pipelines.storage.schema.article_content import PageContent
    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Article as Page

# One sorted pass takes every row lock that the batch will need, so that writers cannot wait in a circle.
LOCK = text("""
    SELECT article_id, url, state, revision, content_hash, text_hash, last_fetched_at
    FROM crawl.article WHERE article_id = ANY(:ids) ORDER BY article_id FOR NO KEY UPDATE
""").columns(content_hash=LargeBinary, text_hash=LargeBinary)
CONTENT = text(f"""
    SELECT a.article_id, {", ".join(f"a.{name}" for name in CHANGES)},
           CASE a.revision WHEN 0 THEN 'list' ELSE v.provenance ->> 'published' END AS {DATE_FROM}, v.published_raw
    FROM crawl.article a LEFT JOIN crawl.article_revision v USING (article_id, revision)
    WHERE article_id = ANY(:ids)
""")
PUBLISHED = ("published_on", "published_at")
REVISION = (
    *("article_id", "revision", "changed_fields", *COLUMNS, *RAW, "provenance"),
    *("content_hash", "parser_version", "fetched_at", "record", "reread_at"),
)
REVISE = text(f"""
    INSERT INTO crawl.article_revision (run_id, {", ".join(REVISION)})
    SELECT :run_id, {", ".join(REVISION)} FROM {recordset(models.ArticleRevision, REVISION)}
    ORDER BY article_id, revision
""")
_FROM_LISTS = ("summary", "image_url")
"""Columns that keep the value of a list page if the article's page has none."""
_FROM_PAGE = (*(name for name in COLUMNS if name not in CHANGES), *OF_PAGE)
"""Columns that another page fills without a new revision."""
_FILLED = {name: f"coalesce(r.{name}, a.{name})" if name in _FROM_LISTS else f"r.{name}" for name in _FROM_PAGE}
_PAGES = recordset(models.Article, ("article_id", "revision", *_FROM_PAGE), fetched_at=models.Article.last_fetched_at)
# A text travels once, to its revision, and from there to the article's row.
FILL = text(f"""
    UPDATE crawl.article a SET
        state = 'fetched',
        {", ".join(f"{name} = v.{name}" for name in CHANGES)},
        {", ".join(f"{name} = {value}" for name, value in _FILLED.items())},
        duplicate_of = CASE WHEN r.text_hash IS NOT NULL THEN a.duplicate_of END,
        revision = r.revision,
        last_seen_at = greatest(a.last_seen_at, r.fetched_at),
        last_fetched_at = r.fetched_at,
        last_changed_at = CASE WHEN a.revision = r.revision THEN a.last_changed_at ELSE r.fetched_at END,
        missing_since = NULL,
        missing_run_id = NULL,
        missing_checked_at = NULL
    FROM {_PAGES}
    JOIN crawl.article_revision v USING (article_id, revision)
    WHERE a.article_id = r.article_id
      AND (a.state, a.last_fetched_at, {", ".join(f"a.{name}" for name in _FILLED)})
          IS DISTINCT FROM ('fetched', r.fetched_at, {", ".join(_FILLED.values())})
""")
# Every revision is queued: the date, too, decides which of two similar articles is the later one.
QUEUE = text(f"""
    INSERT INTO crawl.text_queue (article_id)
    SELECT article_id FROM {recordset(models.TextQueue, "article_id")}
""")


# Days that lay ahead when they were read, and times of days that did; relative dates hold for the day they were read on.
READ_TOO_EARLY = text(r"""
    SELECT article_id, v.revision, v.published_raw, v.fetched_at, a.published_on, s.timezone
    FROM crawl.article a JOIN crawl.article_revision v USING (article_id, revision) JOIN crawl.site s USING (site_id)
    WHERE a.site_id = :site_id AND a.published_at IS NULL AND v.published_raw ~ '\d\s?[-/.月]\s?\d' AND (
        a.published_on IS NULL
        OR a.published_on >= :since AND a.published_on >= (v.fetched_at AT TIME ZONE s.timezone)::date
           AND v.published_raw ~ '\d\s?[:：点时]'
    )
""")
READ_AGAIN = text(f"""
    WITH again AS (SELECT * FROM {recordset(models.ArticleRevision, ("article_id", "revision", *PUBLISHED))}),
    revised AS (
        UPDATE crawl.article_revision v SET published_on = r.published_on, published_at = r.published_at
        FROM again r WHERE (v.article_id, v.revision) = (r.article_id, r.revision)
    )
    UPDATE crawl.article a SET published_on = r.published_on, published_at = r.published_at
    FROM again r WHERE (a.article_id, a.revision) = (r.article_id, r.revision)
""")


@dataclass(slots=True)
class LockedArticle:
    """An article's locked row, with the pages of the batch that were applied to it."""

    article_id: int
    url: str
    state: str
    revision: int
    content_hash: bytes | None
    text_hash: bytes | None
    last_fetched_at: datetime | None
    content: Mapping[str, Any] | None = None
    """By column of ``CHANGES``, ``DATE_FROM`` and ``published_raw``; loaded only if a page may differ from it."""
    pages: list[Page] = field(default_factory=list)
    """Pages of the article that were applied; the row is filled from the last."""
    shown: PageContent | None = None
    """Content of the last of them."""
    revisions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def page(self) -> Page | None:
        return self.pages[-1] if self.pages else None

    @property
    def is_first_page(self) -> bool:
        """True if nothing of the article was stored before its one page in the batch."""
        return len(self.pages) == 1 and len(self.revisions) == self.revision


def lock(connection: Connection, article_ids: Iterable[int]) -> dict[int, LockedArticle]:
    """Return the rows, locked until the transaction ends."""
    rows = connection.execute(LOCK, {"ids": sorted(article_ids)}).mappings()
    return {row["article_id"]: LockedArticle(**row) for row in rows}


def load(connection: Connection, locked_articles: Iterable[LockedArticle]) -> None:
    """Load the stored content of these articles; without a revision it is that of a list."""
    by_id = {locked.article_id: locked for locked in locked_articles}
    if by_id:
        for row in connection.execute(CONTENT, {"ids": sorted(by_id)}).mappings():
            by_id[row["article_id"]].content = dict(row)


SAME_TIME = timedelta(seconds=10)
"""Within this time, pages of one article may be written in either order."""


def superseded(locked: LockedArticle, page: Page) -> Written | None:
    """Return the outcome of a page that does not count beside another one of the article; ``None`` for one that does."""
    # The page of an alias may lack what the article's own page shows.
    if page.url != locked.url:
        return Written("duplicate", Reason.ALTERNATE_URL)
    if locked.last_fetched_at and page.fetch.fetched_at < locked.last_fetched_at - SAME_TIME:
        return Written("unchanged", Reason.OLDER)
    return None


def apply_page(locked: LockedArticle, page: Page, shown: PageContent) -> Written:
    """Apply one page to its article. Return the outcome of the page."""
    counts: Counter[str] = Counter()
    if locked.state == "gone":
        counts[Stat.ARTICLE_BACK] += 1
    if locked.content:
        kept = shown.with_known_date(page, locked.content, locked.text_hash)
        if kept is not shown:
            # A date that was read again, as it lay ahead, is printed.
            page.provenance["published"] = locked.content[DATE_FROM] or "structure"
        shown = kept
    changed = _changed_fields(locked, shown)
    locked.content_hash, locked.text_hash = shown.content_hash, shown.text_hash
    if changed is not None:
        locked.revision += 1
        locked.revisions.append(_revision(locked, page, shown, changed))
        counts["revision"] += 1
        counts[Stat.ARTICLE_CHANGED if locked.revision > 1 else Stat.ARTICLE_NEW] += 1
        date_from = page.provenance.get("published")
        locked.content = {**shown.values, DATE_FROM: date_from, "published_raw": page.published_raw}
    locked.state = "fetched"
    locked.last_fetched_at = max(page.fetch.fetched_at, locked.last_fetched_at or page.fetch.fetched_at)
    locked.pages.append(page)
    locked.shown = shown
    return Written("unchanged" if changed is None else "stored", counts=counts)


def store(connection: Connection, run: RunKey, locked_articles: Iterable[LockedArticle]) -> None:
    """Write the rows and revisions of the articles to which pages were applied, and queue their texts."""
    filled = [locked for locked in locked_articles if locked.page]
    revisions = [revision for locked in filled for revision in locked.revisions]
    send(connection, REVISE, revisions, run_id=run.run_id)
    send(
        connection, FILL, [_row(locked, locked.page, locked.shown) for locked in filled if locked.page and locked.shown]
    )
    send(connection, QUEUE, [{"article_id": article.article_id} for article in filled if article.revisions])


READ_AGAIN_WITHIN = timedelta(days=3)
"""Most that the clock is moved on from a reading: what is ahead by more is no date of publication."""
_TIMES_SINCE = timedelta(days=60)
"""How old a known day may be for its time to be looked for again."""


def read_dates_again(connection: Connection, run: RunKey, now: datetime) -> int:
    """Read the site's printed dates that lay ahead of the clock by the clock of *now*; return how many are known thereby.

    Makes no revision, for the page did not change.
    """
    read = []
    for row in connection.execute(READ_TOO_EARLY, {"site_id": run.site_id, "since": now - _TIMES_SINCE}).mappings():
        raw, known = row["published_raw"], row["published_on"]
        if dates.is_relative(raw):
            continue
        found = dates.parse(raw, min(now, row["fetched_at"] + READ_AGAIN_WITHIN), ZoneInfo(row["timezone"]))
        if found.on is not None and (known is None or (found.at is not None and found.on == known)):
            read.append({**row, "published_on": found.on, "published_at": found.at})
    lock(connection, (row["article_id"] for row in read))
    send(connection, READ_AGAIN, [{name: row[name] for name in ("article_id", "revision", *PUBLISHED)} for row in read])
    send(connection, QUEUE, [{"article_id": row["article_id"]} for row in read])
    return len(read)


def _changed_fields(locked: LockedArticle, shown: PageContent) -> list[str] | None:
    """Return which fields differ; none in the first revision, ``None`` where there is nothing to revise."""
    if not locked.revision:
        return []
    if locked.content is None or locked.content_hash == shown.content_hash:
        return None
    # A hash may also differ because another version of the code made it.
    return shown.changes_from(locked.content) or None


def _revision(locked: LockedArticle, page: Page, shown: PageContent, changed: list[str]) -> dict[str, Any]:
    return {
        "article_id": locked.article_id,
        "revision": locked.revision,
        "changed_fields": changed,
        **shown.values,
        **{name: getattr(page, name) for name in RAW},
        "provenance": page.provenance,
        "content_hash": shown.content_hash,
        "parser_version": page.parser_version,
        "fetched_at": page.fetch.fetched_at,
        "record": _records(page),
        "reread_at": page.fetch.reread_at,
    }


def _records(page: Page) -> str | None:
    """Return where the archive has the pages of an article; ``None`` unless it has all of them."""
    records = [fetch.record for fetch in (page.fetch, *page.parts)]
    return " ".join(filter(None, records)) if all(records) else None


def _row(locked: LockedArticle, page: Page, shown: PageContent) -> dict[str, Any]:
    return {
        "article_id": locked.article_id,
        "revision": locked.revision,
        **{name: shown.values[name] for name in COLUMNS if name not in CHANGES},
        "image_url": page.images[0].url if page.images else None,
        "content_hash": locked.content_hash,
        "text_hash": locked.text_hash,
        "raw_hash": hash_bytes(page.fetch.raw_hash),
        "etag": page.fetch.etag,
        "last_modified": page.fetch.last_modified,
        "parser_version": page.parser_version,
        "record": _records(page),
        "fetched_at": page.fetch.fetched_at,
        "claimed_key": url_key(page.canonical) if page.canonical else None,
    }
