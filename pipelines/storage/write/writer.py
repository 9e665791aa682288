"""Store items in batches: all of a batch or, if one item cannot be stored, all but that one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from pipelines.storage.db import errors
from pipelines.storage.db.errors import CodeError, StorageError, StorageUnavailable
from pipelines.storage.db.retry import with_retries
from pipelines.storage.db.scrub import scrub
from pipelines.storage.spill import dead_letters
from pipelines.storage.spill.codec import encode
from pipelines.storage.text import queue
from pipelines.storage.write.addresses import NeedsIdentityLock
from pipelines.storage.write.batch import Batch, TextChanged
from pipelines.storage.write.outcomes import Written
from smartdaily_crawler.items import Article, Outcome
from smartdaily_crawler.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Item

LEFT_OVER = 50
"""Queued texts processed after a batch besides its own: left by an upgrade or a killed writer."""
BRIEF = 5.0
"""Seconds to retry that."""


class Refused(Exception):  # noqa: N818 - control flow, as TextChanged
    """An item of the batch cannot be stored; the message is one line with the reason."""


def write(
    engine: Engine, run: RunKey, items: Sequence[Item], *, patience: float = 60.0, sets_faults_aside: bool = False
) -> list[Written]:
    """Store the items in one transaction and commit it. Return what became of each, in their order.

    Then index new texts for search and for near-duplicates. Safe to repeat: a stored item changes nothing. An item that the
    database refuses is stored in ``crawl.dead_letter``, and the others as usual.

    :param patience: seconds to go on trying while the database does not answer, then ``StorageUnavailable``.
    :param sets_faults_aside: treat items on which our own code fails as refused ones. Otherwise the first raises
        ``CodeError``, and nothing of *items* is stored: a run must not turn every item into a dead letter.
    """
    attempt = _Attempt(engine, run, patience, sets_faults_aside)
    written = _write(attempt, [scrub(item) for item in items]) if items else []
    _follow_up(engine, items, patience)
    return written


def write_one(engine: Engine, run: RunKey, item: Item, *, patience: float = 60.0) -> Written:
    """Store one item as ``write`` does, but raise ``Refused`` if it cannot be stored."""
    [written] = _Attempt(engine, run, patience, sets_faults_aside=True).store([scrub(item)])
    _follow_up(engine, [item], patience)
    return written


def _follow_up(engine: Engine, items: Sequence[Item], patience: float) -> None:
    """Process the queue of texts. The batch is committed: if this fails, the texts stay queued for the next one."""
    if not any(isinstance(item, Article) or (isinstance(item, Outcome) and item.alias_of) for item in items):
        return
    most = len(items) + LEFT_OVER
    with suppress(StorageUnavailable):  # the next batch reports it
        with_retries(lambda: queue.process_queue(engine, most=most), patience=min(patience, BRIEF))


@dataclass(frozen=True, slots=True)
class _Attempt:
    engine: Engine
    run: RunKey
    patience: float
    sets_faults_aside: bool

    def store(self, items: Sequence[Item]) -> list[Written]:
        """Store all of *items*, or raise ``Refused`` or ``StorageError`` and store none."""
        try:
            return with_retries(lambda: _commit(self.engine, self.run, items), patience=self.patience)
        except StorageError:
            raise
        except DBAPIError as error:
            raise Refused(errors.reason(error)) from error
        except Exception as error:
            fault = CodeError(error)
            if self.sets_faults_aside:
                raise Refused(str(fault)) from error
            raise fault from error

    def bury(self, item: Item, reason: str) -> None:
        with_retries(lambda: dead_letters.bury(self.engine, self.run, encode(item), reason), patience=self.patience)


def _write(attempt: _Attempt, items: Sequence[Item]) -> list[Written]:
    try:
        return attempt.store(items)
    except Refused as refused:
        message = str(refused)
    if len(items) == 1:
        attempt.bury(items[0], message)
        return [Written("failed", Reason.DEAD_LETTER)]
    middle = len(items) // 2
    return [*_write(attempt, items[:middle]), *_write(attempt, items[middle:])]


def _commit(engine: Engine, run: RunKey, items: Sequence[Item]) -> list[Written]:
    alone = False
    while True:
        try:
            with engine.begin() as connection:
                written = Batch(connection, run, items).write(alone=alone)
        except TextChanged:
            continue
        except NeedsIdentityLock:
            alone = True
            continue
        return written
