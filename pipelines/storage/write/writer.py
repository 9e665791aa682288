"""Writing what the crawl found: all of it or, where one item cannot be stored, all but that one."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
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
from smartdaily_crawler.items import Article
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Item

logger = logging.getLogger(__name__)

DEAD_LETTER = Reason.DEAD_LETTER
"""The reason of an item that went there."""
TROUBLES = ("rejected", "failed", "skipped")
LEFT_OVER = 50
"""Texts that a batch works off beside its own: those that an upgrade or a killed writer left waiting."""
BRIEF = 5.0
"""Seconds to try that for."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one item."""

    outcome: str
    """As in ``crawl_outcome``."""
    reason: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    """What it changed, such as ``article/new`` or ``teaser/removed``; only what is not zero."""

    def tally(self, item: Item) -> Counter[str]:
        """What the item adds to its run's statistics."""
        stats = Counter(self.counts)
        for fetch in (item.fetch, *getattr(item, "parts", ())):
            stats[Stat.outcome(fetch.kind, self.outcome)] += 1
        if self.reason and self.outcome in TROUBLES:
            stats[Stat.reason(self.reason)] += 1
        return stats


class Refused(Exception):  # noqa: N818 - a request to do without, as TextChanged is
    """Something among the items cannot be stored; the message is one line that says why."""


def write(
    engine: Engine, run: RunKey, items: Sequence[Item], *, patience: float = 60.0, sets_faults_aside: bool = False
) -> list[Written]:
    """Store the items in one transaction; what became of each, in their order. On return it is committed.
    Then the texts that are new become searchable, and their near-duplicates are looked for.

    Safe to repeat: what is stored already changes nothing. An item that the database refuses goes to
    ``crawl.dead_letter``, and its neighbours are stored.

    :param patience: seconds to go on trying while the database does not answer, then ``StorageUnavailable``.
    :param sets_faults_aside: treat items on which our own code fails as refused ones. Otherwise the first raises
        ``CodeError``, and nothing of *items* is stored: a run must not turn every item into a dead letter.
    """
    attempt = _Attempt(engine, run, patience, sets_faults_aside)
    written = _write(attempt, [scrub(item) for item in items]) if items else []
    _follow_up(engine, items, patience)
    return written


def write_one(engine: Engine, run: RunKey, item: Item, *, patience: float = 60.0) -> Written:
    """As ``write``, but an item that the database refuses is the caller's: raises ``Refused``."""
    [written] = _Attempt(engine, run, patience, sets_faults_aside=True).store([scrub(item)])
    _follow_up(engine, [item], patience)
    return written


def _follow_up(engine: Engine, items: Sequence[Item], patience: float) -> None:
    """What was stored is stored: where this fails, the texts wait for the next batch."""
    if not any(isinstance(item, Article) for item in items):
        return
    most = len(items) + LEFT_OVER
    try:
        with_retries(lambda: queue.process_queue(engine, most=most), patience=min(patience, BRIEF))
    except StorageUnavailable:
        pass  # the next batch will say so
    except DBAPIError as error:
        logger.warning("Texts wait to be compared and made searchable: %s", errors.reason(error))


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
        return [Written("failed", DEAD_LETTER)]
    middle = len(items) // 2
    return [*_write(attempt, items[:middle]), *_write(attempt, items[middle:])]


def _commit(engine: Engine, run: RunKey, items: Sequence[Item]) -> list[Written]:
    alone = False
    while True:
        try:
            with engine.begin() as connection:
                verdicts = Batch(connection, run, items).write(alone=alone)
        except TextChanged:
            continue
        except NeedsIdentityLock:
            alone = True
            continue
        return [Written(verdict.outcome, verdict.reason, dict(verdict.counts)) for verdict in verdicts]
