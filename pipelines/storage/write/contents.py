"""What pages say: the fold of fetched articles into rows and revisions."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, text

from pipelines.storage.schema.hashes import body_text, hash_bytes
from pipelines.storage.schema.recordset import send
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from pipelines.storage.schema.hashes import Fingerprint
    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Article

# One sorted pass takes every row lock that the batch will need, so that writers cannot wait in a circle.
LOCK = text("""
    SELECT article_id, url, read_at, state, revision, content_hash, text_hash, last_fetched_at
    FROM crawl.article WHERE article_id = ANY(:ids) ORDER BY article_id FOR NO KEY UPDATE
""").columns(content_hash=LargeBinary, text_hash=LargeBinary)
CONTENT = text("""
    SELECT article_id, title, body, source, author, editor, published_on, published_at
    FROM crawl.article WHERE article_id = ANY(:ids)
""")
REVISE = text("""
    INSERT INTO crawl.article_revision
        (article_id, revision, changed_fields, title, published_on, published_at, source, author, editor, summary,
         body, images, published_raw, source_raw, author_raw, editor_raw, provenance, content_hash, parser_version,
         run_id, fetched_at)
    SELECT article_id, revision, changed_fields, title, published_on, published_at, source, author, editor, summary,
           body, images, published_raw, source_raw, author_raw, editor_raw, provenance, content_hash, parser_version,
           :run_id, fetched_at
    FROM json_to_recordset(CAST(:rows AS json))
        AS r(article_id bigint, revision int, changed_fields text[], title text, published_on date,
             published_at timestamptz, source text, author text, editor text, summary text, body text, images jsonb,
             published_raw text, source_raw text, author_raw text, editor_raw text, provenance jsonb,
             content_hash bytea, parser_version text, fetched_at timestamptz)
    ORDER BY article_id, revision
""")
# A text travels once, to its revision; the row says what its latest revision says.
FILL = text("""
    UPDATE crawl.article a SET
        state = 'fetched',
        title = v.title, published_on = v.published_on, published_at = v.published_at, source = v.source,
        author = v.author, editor = v.editor, body = v.body, images = r.images,
        summary = coalesce(r.summary, a.summary),
        image_url = coalesce(r.image_url, a.image_url),
        content_hash = r.content_hash, text_hash = r.text_hash, raw_hash = r.raw_hash,
        etag = r.etag, last_modified = r.last_modified,
        duplicate_of = CASE WHEN r.text_hash IS NOT NULL THEN a.duplicate_of END,
        revision = r.revision,
        last_seen_at = greatest(a.last_seen_at, r.fetched_at),
        last_fetched_at = r.fetched_at,
        last_changed_at = CASE WHEN a.revision = r.revision THEN a.last_changed_at ELSE r.fetched_at END,
        missing_since = NULL,
        missing_run_id = NULL,
        read_at = CASE WHEN r.is_at_identity THEN NULL ELSE a.read_at END
    FROM json_to_recordset(CAST(:rows AS json))
        AS r(article_id bigint, revision int, is_at_identity boolean, images jsonb, summary text, image_url text,
             content_hash bytea, text_hash bytea, raw_hash bytea, etag text, last_modified text, fetched_at timestamptz)
    JOIN crawl.article_revision v USING (article_id, revision)
    WHERE a.article_id = r.article_id
      AND (a.state, a.content_hash, a.text_hash, a.raw_hash, a.etag, a.last_modified, a.images, a.last_fetched_at,
           a.summary, a.image_url)
          IS DISTINCT FROM
          ('fetched', r.content_hash, r.text_hash, r.raw_hash, r.etag, r.last_modified, r.images, r.fetched_at,
           coalesce(r.summary, a.summary), coalesce(r.image_url, a.image_url))
""")
# The date decides which of two alike articles is the later one, so every revision is news.
QUEUE = text("""
    INSERT INTO crawl.text_queue (article_id)
    SELECT article_id FROM json_to_recordset(CAST(:rows AS json)) AS r(article_id bigint)
""")

Content = dict[str, Any]
"""Field that makes a revision -> its value."""


@dataclass(slots=True)
class LockedArticle:
    """An article's row under the batch's lock, as the fold brings it forward."""

    article_id: int
    url: str
    read_at: str | None
    state: str
    revision: int
    content_hash: bytes | None
    text_hash: bytes | None
    last_fetched_at: datetime | None
    content: Content | None = None
    """Loaded where a page may differ from it."""
    pages: list[Article] = field(default_factory=list)
    """The batch's pages of the article that count; the row is filled from the last."""
    revisions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def page(self) -> Article | None:
        return self.pages[-1] if self.pages else None

    @property
    def is_first_page(self) -> bool:
        """Whether nothing of the article was stored before its one page in the batch."""
        return len(self.pages) == 1 and len(self.revisions) == self.revision

    @property
    def address(self) -> str:
        """Where its own page answers."""
        return self.read_at or self.url

    def accepts(self, page: Article) -> bool:
        """Whether the page is the article's own: asked for at its address, or found there. That of an alias will do until that
        has been fetched, or where it cannot be.
        """
        return self.state != "fetched" or (
            page.url == self.url and self.address in (page.fetch.url, page.fetch.final_url)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: str
    reason: str | None = None
    counts: Counter[str] = field(default_factory=Counter)


def lock(connection: Connection, article_ids: Iterable[int]) -> dict[int, LockedArticle]:
    """The rows, locked until the transaction ends."""
    rows = connection.execute(LOCK, {"ids": sorted(article_ids)}).mappings()
    return {row["article_id"]: LockedArticle(**row) for row in rows}


def load(connection: Connection, locked_articles: Iterable[LockedArticle]) -> None:
    """Read what these articles said so far."""
    by_id = {locked.article_id: locked for locked in locked_articles if locked.revision}
    if by_id:
        for row in connection.execute(CONTENT, {"ids": sorted(by_id)}):
            published = (row.published_on, row.published_at)
            by_id[row.article_id].content = _content(row, row.body, published)


SAME_TIME = timedelta(seconds=10)
"""An alias and the article's own page that are fetched so closely may be written in either order; the own page wins."""


def apply_page(locked: LockedArticle, page: Article, fresh: Fingerprint) -> Verdict:
    """Bring the row forward by one page."""
    if not locked.accepts(page):
        return Verdict("duplicate", Reason.ALTERNATE_URL)
    if locked.last_fetched_at and page.fetch.fetched_at < locked.last_fetched_at - SAME_TIME:
        return Verdict("unchanged", Reason.OLDER)
    counts: Counter[str] = Counter()
    if locked.state == "gone":
        counts[Stat.ARTICLE_BACK] += 1
    changed = _changed_fields(locked, page, fresh)
    locked.content_hash, locked.text_hash = fresh.content, fresh.text
    if changed is not None:
        locked.revision += 1
        locked.revisions.append(_revision(locked, page, changed))
        counts["revision"] += 1
        counts[Stat.ARTICLE_CHANGED if locked.content else Stat.ARTICLE_NEW] += 1
        locked.content = _content(page, body_text(page), (page.published_on, page.published_at))
    locked.state = "fetched"
    locked.last_fetched_at = max(page.fetch.fetched_at, locked.last_fetched_at or page.fetch.fetched_at)
    locked.pages.append(page)
    return Verdict("unchanged" if changed is None else "stored", counts=counts)


def store(connection: Connection, run: RunKey, locked_articles: Iterable[LockedArticle]) -> None:
    """Write the rows and the revisions that the fold led to."""
    filled = [locked for locked in locked_articles if locked.page]
    revisions = [revision for locked in filled for revision in locked.revisions]
    send(connection, REVISE, revisions, run_id=run.run_id)
    send(connection, FILL, [_row(locked, locked.page) for locked in filled if locked.page])
    send(connection, QUEUE, [{"article_id": article.article_id} for article in filled if article.revisions])


def _changed_fields(locked: LockedArticle, page: Article, fresh: Fingerprint) -> list[str] | None:
    """Which fields differ; none in the first revision, ``None`` where there is nothing to revise."""
    if not locked.revision:
        return []
    if locked.content is None or locked.content_hash == fresh.content:
        return None
    said = _content(page, body_text(page), (page.published_on, page.published_at))
    # A hash may also differ because another version of the code made it.
    return [name for name, value in said.items() if value != locked.content[name]] or None


def _content(row: Any, body: str | None, published: tuple[Any, Any]) -> Content:
    return {
        "title": row.title,
        "body": body,
        "source": row.source,
        "author": row.author,
        "editor": row.editor,
        "published": published,
    }


def _shared_columns(locked: LockedArticle, page: Article) -> dict[str, Any]:
    return {
        "article_id": locked.article_id,
        "revision": locked.revision,
        "summary": page.summary,
        "images": [asdict(image) for image in page.images],
        "content_hash": locked.content_hash,
        "fetched_at": page.fetch.fetched_at,
    }


def _revision(locked: LockedArticle, page: Article, changed: list[str]) -> dict[str, Any]:
    return {
        **_shared_columns(locked, page),
        "changed_fields": changed,
        "title": page.title,
        "published_on": page.published_on,
        "published_at": page.published_at,
        "source": page.source,
        "author": page.author,
        "editor": page.editor,
        "body": body_text(page),
        "published_raw": page.published_raw,
        "source_raw": page.source_raw,
        "author_raw": page.author_raw,
        "editor_raw": page.editor_raw,
        "provenance": page.provenance,
        "parser_version": page.parser_version,
    }


def _row(locked: LockedArticle, page: Article) -> dict[str, Any]:
    # Validators belong to the address that sent them: an alias's mean nothing to the article's own.
    own = page.fetch if page.fetch.final_url == locked.address else None
    return {
        **_shared_columns(locked, page),
        "image_url": page.images[0].url if page.images else None,
        "is_at_identity": page.fetch.final_url == locked.url,
        "text_hash": locked.text_hash,
        "raw_hash": own and hash_bytes(own.raw_hash),
        "etag": own and own.etag,
        "last_modified": own and own.last_modified,
    }
