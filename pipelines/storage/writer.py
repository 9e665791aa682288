"""Writing what the crawl found: all of it or, where one item cannot be stored, all but that one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from pipelines.storage import errors, outcomes, text_queue
from pipelines.storage.addresses import NeedsIdentityLock
from pipelines.storage.batch import Batch, TextChanged
from pipelines.storage.errors import StorageError, StorageUnavailable
from pipelines.storage.retry import insist
from pipelines.storage.scrub import scrub
from smartdaily_crawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from pipelines.storage.batch import Item
    from pipelines.storage.runs import Run

logger = logging.getLogger(__name__)

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


def write(engine: Engine, run: Run, items: Sequence[Item], *, patience: float = 60.0) -> list[Written]:
    """Store the items in one transaction; what became of each, in their order. On return it is committed.
    Then the texts that are new become searchable, and their near-duplicates are looked for.

    Safe to repeat: what is stored already changes nothing. An item that the database refuses goes to
    ``crawl.dead_letter``, and its neighbours are stored.

    :param patience: seconds to go on trying while the database does not answer, then ``StorageUnavailable``.
    """
    written = _write(engine, run, [scrub(item) for item in items], patience) if items else []
    if any(isinstance(item, Article) for item in items):
        _follow_up(engine, len(items) + LEFT_OVER, min(patience, BRIEF))
    return written


def _follow_up(engine: Engine, most: int, patience: float) -> None:
    """What was stored is stored: where this fails, the texts wait for the next batch."""
    try:
        insist(lambda: text_queue.work_off(engine, most=most), patience=patience)
    except StorageUnavailable:
        pass  # the next batch will say so
    except DBAPIError as error:
        logger.warning("Texts wait to be compared and made searchable: %s", errors.reason(error))


def _write(engine: Engine, run: Run, items: Sequence[Item], patience: float) -> list[Written]:
    try:
        return insist(lambda: _commit(engine, run, items), patience=patience)
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one item does, its neighbours must not suffer for it
        said = _said(error)
    if len(items) == 1:
        insist(lambda: outcomes.bury(engine, run, items[0], said), patience=patience)
        return [Written("failed", "dead_letter")]
    middle = len(items) // 2
    return [
        *_write(engine, run, items[:middle], patience),
        *_write(engine, run, items[middle:], patience),
    ]


def _commit(engine: Engine, run: Run, items: Sequence[Item]) -> list[Written]:
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


def _said(error: Exception) -> str:
    return errors.reason(error) if isinstance(error, DBAPIError) else f"{type(error).__name__}: {error}"
