"""Pages that have nothing in common with the article at their URL.

A notice, a captcha or a broken template may answer with status 200 in place of every article; a site may also print another
article at a known URL. One page does not tell which, so it is held back: it is believed if a later run reads such a page again,
unless other articles show the same one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TEXT

from pipelines.storage.schema import models
from pipelines.storage.schema.article_content import COLUMNS, OF_PAGE
from pipelines.storage.schema.recordset import recordset, send
from smartdaily_crawler.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from pipelines.storage.schema.article_content import PageContent
    from pipelines.storage.schema.run_key import RunKey

REMEMBERED = timedelta(days=7)
"""How long a held page is asked for in every run, and tells that others like it are notices."""
FEWEST = 2
"""Articles in place of which one page was read, from which it is a notice."""

_TAKEN_BACK = (*COLUMNS, *OF_PAGE, "duplicate_of", "last_fetched_at", "last_changed_at")
HELD = (
    text("""
        SELECT h.article_id, h.run_id, h.title, h.text_hash FROM crawl.held_page h JOIN crawl.article a USING (article_id)
        WHERE a.site_id = :site_id AND (
            h.article_id = ANY(:ids)
            OR (h.text_hash = ANY(:hashes) OR h.title = ANY(:titles)) AND h.held_since > :since
        )
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
MAKE_DUE = text(f"""
    INSERT INTO crawl.held_page (article_id, run_id, held_since)
    SELECT article_id, :run_id, held_since FROM {recordset(models.HeldPage, "article_id held_since")}
    ORDER BY article_id
    ON CONFLICT DO NOTHING
""")
_IS_NOTICE = f"""
    SELECT h.{{column}} FROM crawl.held_page h JOIN crawl.article a USING (article_id)
    WHERE a.site_id = :site_id AND h.run_id = :run_id GROUP BY 1 HAVING count(*) >= {FEWEST}
"""
WITHDRAW = text(f"""
    UPDATE crawl.article a SET
        {", ".join(f"{name} = NULL" for name in _TAKEN_BACK)}, state = 'discovered', revision = 0
    FROM crawl.article_revision v
    WHERE a.site_id = :site_id AND a.revision = 1 AND v.article_id = a.article_id AND v.run_id = :run_id
      AND (a.text_hash IN ({_IS_NOTICE.format(column="text_hash")}) OR a.title IN ({_IS_NOTICE.format(column="title")}))
    RETURNING a.article_id
""")
# The text queue deletes what was made of their texts.
WITHDRAWN = [
    text("DELETE FROM crawl.article_teaser WHERE from_article_id = ANY(:ids)"),
    text("DELETE FROM crawl.article_revision WHERE article_id = ANY(:ids)"),
    text("INSERT INTO crawl.text_queue (article_id) SELECT unnest(CAST(:ids AS bigint[]))"),
]
RELEASE = text("DELETE FROM crawl.held_page WHERE article_id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Stranger:
    """A page that may be a notice."""

    article_id: int
    shown: PageContent
    fetched_at: datetime
    is_new: bool
    """True if no page of the article is stored yet."""


def hold_back(connection: Connection, run: RunKey, strangers: Sequence[Stranger]) -> dict[int, str]:
    """Return the reason why a page is not believed, by the id of its article; remember those pages for the next runs."""
    if not strangers:
        return {}
    ids = {page.article_id for page in strangers}
    hashes = {page.shown.text_hash for page in strangers if page.shown.text_hash}
    titles = {title for page in strangers if (title := page.shown.values["title"])}
    since = min(page.fetched_at for page in strangers) - REMEMBERED
    asked = {"site_id": run.site_id, "ids": list(ids), "hashes": list(hashes), "titles": list(titles), "since": since}
    found = connection.execute(HELD, asked).all()
    known = [page for page in strangers if not page.is_new]
    shown = {row.article_id: (row.title, row.text_hash) for row in found}
    shown |= {page.article_id: (page.shown.values["title"], page.shown.text_hash) for page in known}
    by_title = Counter(title for title, _ in shown.values() if title)
    by_text = Counter(text_hash for _, text_hash in shown.values() if text_hash)
    earlier = {row.article_id for row in found if row.run_id != run.run_id and (row.title or row.text_hash)}
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


def make_due(connection: Connection, run: RunKey, pages: Mapping[int, datetime]) -> None:
    """Have the next runs fetch these articles, whose texts differ at alternate URLs: ids, with the time of the other page."""
    rows = [{"article_id": article_id, "held_since": at} for article_id, at in pages.items()]
    send(connection, MAKE_DUE, rows, run_id=run.run_id)


def withdraw(connection: Connection, run: RunKey) -> int:
    """Take back the first pages of articles that show a notice of this run, stored before it was known as one; return their number.

    The articles are ``discovered`` again. The next list or teaser that shows one gives it a title again.
    """
    rows = connection.execute(WITHDRAW, {"site_id": run.site_id, "run_id": run.run_id}).all()
    if rows:
        for statement in WITHDRAWN:
            connection.execute(statement, {"ids": [row.article_id for row in rows]})
    return len(rows)


def release(connection: Connection, article_ids: Collection[int]) -> None:
    """Forget the pages that were held back for these articles, as their own pages answered."""
    if article_ids:
        connection.execute(RELEASE, {"ids": list(article_ids)})
