"""Pages that have nothing in common with the article at their URL.

A notice, a captcha or a broken template may answer with status 200 in place of every article; a site may also print another
article at a known URL. One page does not tell which, so it is held back: it is believed if a later run reads such a page again,
unless other articles show the same one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TEXT

from pipelines.storage.schema import models
from pipelines.storage.schema.article_content import COLUMNS
from pipelines.storage.schema.recordset import recordset, send
from pipelines.storage.text.minhash import runs
from smartdaily_crawler.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from pipelines.storage.schema.article_content import PageContent
    from pipelines.storage.schema.run_key import RunKey

TITLE_ALIKE = 0.5
"""Share of characters in common, in order, from which two titles are versions of one. Unrelated titles of the bundled site reach 0.4."""
BODY_ALIKE = 0.2
"""Share of the shorter body's runs of five characters that the other one has, from which they are versions of one."""
FEWEST = 2
"""Articles in place of which one page was read, from which it is a notice."""

_OF_PAGE = (
    *("image_url", "content_hash", "text_hash", "raw_hash", "etag", "last_modified", "duplicate_of", "claimed_key"),
    *("last_fetched_at", "last_changed_at"),
)
"""Columns of ``article`` that its page fills, besides its content."""
HELD = (
    text("""
        SELECT h.article_id, h.run_id, h.title, h.text_hash FROM crawl.held_page h JOIN crawl.article a USING (article_id)
        WHERE a.site_id = :site_id
          AND (h.text_hash = ANY(:hashes) OR h.title = ANY(:titles) OR h.article_id = ANY(:ids))
    """)
    .bindparams(bindparam("hashes", type_=ARRAY(BYTEA)), bindparam("titles", type_=ARRAY(TEXT)))
    .columns(text_hash=LargeBinary)
)
HOLD = text(f"""
    INSERT INTO crawl.held_page AS h (article_id, run_id, title, text_hash, held_since)
    SELECT article_id, :run_id, title, text_hash, held_since
    FROM {recordset(models.HeldPage, "article_id title text_hash held_since")}
    ORDER BY article_id
    ON CONFLICT (article_id) DO UPDATE SET
        run_id = EXCLUDED.run_id, title = EXCLUDED.title, text_hash = EXCLUDED.text_hash
""")
# Also the rows that follow from it, so that the article is as it was when only links to it were known.
WITHDRAW = text(f"""
    WITH notice AS (
        SELECT h.text_hash FROM crawl.held_page h JOIN crawl.article a USING (article_id)
        WHERE a.site_id = :site_id AND h.run_id = :run_id
        GROUP BY h.text_hash HAVING count(*) >= {FEWEST}
    ), withdrawn AS (
        UPDATE crawl.article a SET
            {", ".join(f"{name} = NULL" for name in (*COLUMNS, *_OF_PAGE))}, state = 'discovered', revision = 0
        FROM notice, crawl.article_revision v
        WHERE a.site_id = :site_id AND a.text_hash = notice.text_hash AND a.revision = 1
          AND v.article_id = a.article_id AND v.run_id = :run_id
        RETURNING a.article_id
    ), unlinked AS (
        DELETE FROM crawl.article_teaser WHERE from_article_id IN (SELECT article_id FROM withdrawn)
    ), unsigned AS (
        DELETE FROM crawl.article_signature WHERE article_id IN (SELECT article_id FROM withdrawn)
    ), unindexed AS (
        DELETE FROM crawl.article_search WHERE article_id IN (SELECT article_id FROM withdrawn)
    )
    DELETE FROM crawl.article_revision WHERE article_id IN (SELECT article_id FROM withdrawn)
""")
RELEASE = text("DELETE FROM crawl.held_page WHERE article_id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Stranger:
    """A page that may be a notice."""

    article_id: int
    shown: PageContent
    fetched_at: datetime
    is_new: bool
    """True if no page of the article is stored yet."""


def is_another_text(former: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Return whether title and body have nothing in common, by column of both.

    >>> is_another_text({"title": "新手机发布", "body": "一二三四五六"}, {"title": "新手机今日发布", "body": "七八九"})
    False
    >>> is_another_text({"title": "新手机发布", "body": "一二三四五六"}, {"title": "系统维护中", "body": "请稍后再来访问"})
    True
    """
    if _ratio(former["title"] or "", shown["title"] or "") >= TITLE_ALIKE:
        return False
    one, other = runs(former["body"] or ""), runs(shown["body"] or "")
    shorter = min(len(one), len(other))
    return not shorter or len(one & other) < BODY_ALIKE * shorter


def hold(connection: Connection, run: RunKey, strangers: Sequence[Stranger]) -> dict[int, str]:
    """Return the reason why a page is not believed, by the id of its article; remember those pages for the next runs."""
    if not strangers:
        return {}
    ids = {page.article_id for page in strangers}
    hashes = {page.shown.text_hash for page in strangers if page.shown.text_hash}
    titles = {title for page in strangers if (title := page.shown.values["title"])}
    found = connection.execute(
        HELD, {"site_id": run.site_id, "ids": list(ids), "hashes": list(hashes), "titles": list(titles)}
    ).all()
    known = [page for page in strangers if not page.is_new]
    shown = {row.article_id: (row.title, row.text_hash) for row in found}
    shown |= {page.article_id: (page.shown.values["title"], page.shown.text_hash) for page in known}
    by_title = Counter(title for title, _ in shown.values() if title)
    by_text = Counter(text_hash for _, text_hash in shown.values() if text_hash)
    earlier = {row.article_id for row in found if row.run_id != run.run_id}
    reasons = {}
    for page in strangers:
        articles = max(by_title[page.shown.values["title"]], by_text[page.shown.text_hash])
        if articles >= FEWEST:
            reasons[page.article_id] = Reason.NOTICE
        elif not page.is_new and page.article_id not in earlier:
            reasons[page.article_id] = Reason.UNCONFIRMED
    rows = {
        page.article_id: {
            "article_id": page.article_id,
            "title": page.shown.values["title"],
            "text_hash": page.shown.text_hash,
            "held_since": page.fetched_at,
        }
        for page in known
        if page.article_id in reasons
    }
    send(connection, HOLD, rows.values(), run_id=run.run_id)
    return reasons


def withdraw(connection: Connection, run: RunKey) -> int:
    """Take back the first pages of articles that show a notice of this run, stored before it was known as one; return their number."""
    return connection.execute(WITHDRAW, {"site_id": run.site_id, "run_id": run.run_id}).rowcount


def release(connection: Connection, article_ids: Collection[int]) -> None:
    """Forget the pages that were held back for these articles, as their own pages answered."""
    if article_ids:
        connection.execute(RELEASE, {"ids": list(article_ids)})


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
