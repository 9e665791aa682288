"""Process committed texts: duplicates, signatures, near-duplicates and entries in the search index.

One process at a time does this, so that of two writers with similar texts the second one sees both. It waits for nobody: what another
process holds stays in the queue, for the next batch or the end of the run. A transaction has a bound of work. If it fails it is halved,
until the one text that fails is known: that one goes to ``crawl.text_fault``, and all others are processed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pipelines.storage.db.errors import CodeError, StorageError, reason
from pipelines.storage.db.locks import try_text_queue
from pipelines.storage.schema import models
from pipelines.storage.schema.recordset import recordset, send
from pipelines.storage.text import exact_duplicates, near_duplicates, search
from pipelines.storage.text.near_duplicates import LONGEST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection, Engine, Row

    from pipelines.storage.schema.run_key import RunKey

CHUNK = 200
CHARACTERS = 200_000
"""Most texts of a transaction, and most of their characters: a writer that merges articles has to wait for it."""
SECONDS = 10
"""Longest time of a statement, so that one text cannot delay its writer for longer."""
PAUSE = 0.2
"""Seconds between two attempts while another process has the queue."""
_OF_TEXT = ("22", "23", "54", "57014", "53200", "XX")
"""SQLSTATEs for which a text may be to blame: wrong data, limits, too long a time, too much memory, internal errors."""

# The planner does not know how rare a band is: by default it reads the whole table, or compiles the query.
PLAN = text(f"""
    SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
           set_config('statement_timeout', least(nullif(setting::int, 0), {1000 * SECONDS})::text, true)
    FROM pg_settings WHERE name = 'statement_timeout'
""")
# Inserts into the queue never wait for this: its rows are not updated. The newest texts come first.
WAITING = text(f"""
    SELECT q.article_id, array_agg(q.text_queue_id) AS entries,
           max(least(coalesce(length(a.title), 0) + coalesce(length(a.body), 0), {LONGEST})) AS characters
    FROM (SELECT * FROM crawl.text_queue ORDER BY text_queue_id DESC LIMIT :most) AS q LEFT JOIN crawl.article a USING (article_id)
    GROUP BY q.article_id ORDER BY max(q.text_queue_id) DESC
""")
TAKE = text("DELETE FROM crawl.text_queue WHERE text_queue_id = ANY(:queued)")
# A statement of its own, because it has to see what was committed while the first one ran. The lock holds off those who delete an
# article or change its URL, and whom a reference to it would wait for.
TEXTS = text(f"""
    SELECT article_id, left(title, {LONGEST}) AS title, left(body, {LONGEST}) AS body, published_on,
           coalesce(length(title), 0) + coalesce(length(body), 0) AS characters,
           revision > 0 AND (state <> 'gone' OR text_hash IS NOT NULL) AS has_text
    FROM crawl.article WHERE article_id = ANY(:ids) ORDER BY article_id FOR KEY SHARE SKIP LOCKED
""")
HELD = text("SELECT article_id FROM crawl.article WHERE article_id = ANY(:ids)")
FAULT = text(f"""
    INSERT INTO crawl.text_fault AS f (article_id, at, is_cut, reason)
    SELECT article_id, now(), is_cut, reason FROM {recordset(models.TextFault, "article_id is_cut reason")}
    JOIN crawl.article USING (article_id) ORDER BY article_id
    ON CONFLICT (article_id) DO UPDATE SET at = now(), is_cut = EXCLUDED.is_cut, reason = EXCLUDED.reason
""")
NO_FAULT = text("DELETE FROM crawl.text_fault WHERE article_id = ANY(:ids)")
STATE = text("SELECT * FROM api.text_lag()")
FAULTS = text("""
    SELECT count(*) FILTER (WHERE NOT is_cut) AS failed, count(*) FILTER (WHERE is_cut) AS cut
    FROM crawl.text_fault JOIN crawl.article USING (article_id) WHERE site_id = :site_id AND at >= :since
""")
_Queued = dict[int, list[int]]
"""Entries of the queue by their article."""
TRY_AGAIN = text("""
    INSERT INTO crawl.text_queue (article_id) SELECT article_id FROM crawl.text_fault WHERE NOT is_cut ORDER BY article_id
""")


class TextState(NamedTuple):
    """Numbers of texts."""

    waiting: int
    """Entries in the queue, of all sites."""
    failed: int
    cut: int
    """Texts of which only the beginning is compared and indexed."""
    first_failed: int | None
    """Id of an article whose text failed, and the *reason*."""
    reason: str | None


def process_queue(engine: Engine, *, most: int) -> int:
    """Process up to ``most`` entries of the queue, the newest first. Return their number; 0 also if another process is at it.

    Raise ``DBAPIError`` where the database does not answer; a text that fails is put into ``crawl.text_fault``.
    """
    done, chunk = 0, CHUNK
    while done < most:
        queued: _Queued = {}
        try:
            taken, is_all = _process(engine, min(chunk, most - done), queued)
        except Exception as error:
            if not _is_of_text(error) or not queued:
                raise
            if len(queued) > 1:
                chunk = len(queued) // 2
                continue
            taken, is_all, chunk = _set_aside(engine, queued, error), False, CHUNK
        done += taken
        if is_all or not taken:
            break
    return done


def process_all(engine: Engine, *, patience: float = 0.0) -> int:
    """Process the whole queue, as after an upgrade of a filled database. Return how many texts there were.

    :param patience: seconds to wait for a process that has the queue.
    """
    processed, deadline = 0, time.monotonic() + patience
    while True:
        taken = process_queue(engine, most=CHUNK)
        processed += taken
        if not taken:
            with engine.connect() as connection:
                left = state(connection).waiting
            if not left or time.monotonic() >= deadline:
                return processed
            time.sleep(PAUSE)


def try_faults_again(engine: Engine) -> None:
    """Queue the texts that failed, as another version may succeed."""
    with engine.begin() as connection:
        connection.execute(TRY_AGAIN)


def state(connection: Connection) -> TextState:
    """Return how many texts wait, and how many failed. A reader's role suffices."""
    return TextState(**connection.execute(STATE).mappings().one())


def faults(connection: Connection, run: RunKey) -> tuple[int, int]:
    """Return how many texts of the run's site failed during the run, and how many were cut."""
    found = connection.execute(FAULTS, {"site_id": run.site_id, "since": run.started_at}).one()
    return found.failed, found.cut


def _process(engine: Engine, most: int, queued: _Queued) -> tuple[int, bool]:
    """Process up to ``most`` entries, and note them in *queued*. Return how many are done, and whether there are no more."""
    with engine.begin() as connection:
        if not try_text_queue(connection):
            return 0, False
        connection.execute(PLAN)
        # One more, to know whether there is one.
        is_all = _fill(queued, connection.execute(WAITING, {"most": most + 1}).all(), most)
        if not queued:
            return 0, True
        texts = connection.execute(TEXTS, {"ids": list(queued)}).all()
        absent = queued.keys() - {row.article_id for row in texts}
        held = set(connection.scalars(HELD, {"ids": list(absent)})) if absent else set()
        _update(connection, texts)
        held |= exact_duplicates.link_again(connection, [row.article_id for row in texts])
        done = [entry for article_id, entries in queued.items() if article_id not in held for entry in entries]
        connection.execute(TAKE, {"queued": done})
        return len(done), is_all


def _fill(queued: _Queued, waiting: Sequence[Row[Any]], most: int) -> bool:
    """Take articles until there are ``most`` entries, or ``CHARACTERS``; at least one. Return whether these are all."""
    characters = entries = 0
    for row in waiting:
        characters += row.characters or 0
        entries += len(row.entries)
        if queued and (characters > CHARACTERS or entries > most):
            return False
        queued[row.article_id] = row.entries
    return True


def _update(connection: Connection, texts: Sequence[Row[Any]]) -> None:
    shown = [row for row in texts if row.has_text]
    if absent := [row.article_id for row in texts if not row.has_text]:
        search.forget(connection, absent)
        near_duplicates.forget(connection, absent)
    if shown:
        search.index(connection, shown)
        near_duplicates.update(connection, shown)
    cut = {row.article_id: row.characters for row in shown if row.characters > LONGEST}
    if whole := [row.article_id for row in texts if row.article_id not in cut]:
        connection.execute(NO_FAULT, {"ids": whole})
    send(
        connection,
        FAULT,
        [
            {"article_id": article_id, "is_cut": True, "reason": f"{size:,} characters, of which {LONGEST:,} are read"}
            for article_id, size in cut.items()
        ],
    )


def _set_aside(engine: Engine, queued: _Queued, error: Exception) -> int:
    """Take the one text in *queued* off the queue, into ``crawl.text_fault``, and forget what was made of an earlier one.

    Return the number of its entries.
    """
    [(article_id, entries)] = queued.items()
    message = reason(error if isinstance(error, DBAPIError) else CodeError(error))
    with engine.begin() as connection:
        if not try_text_queue(connection):
            return 0
        search.forget(connection, [article_id])
        near_duplicates.forget(connection, [article_id])
        send(connection, FAULT, [{"article_id": article_id, "is_cut": False, "reason": message}])
        connection.execute(TAKE, {"queued": entries})
    return len(entries)


def _is_of_text(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return (getattr(error.orig, "pgcode", None) or "").startswith(_OF_TEXT)
    return not isinstance(error, SQLAlchemyError | StorageError)
