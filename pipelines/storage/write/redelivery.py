"""Store again what was set aside: items that runs left in the spool while the database was away, and dead letters."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pipelines.storage.db.errors import StorageError
from pipelines.storage.db.retry import with_retries
from pipelines.storage.read import runs
from pipelines.storage.spill import dead_letters, spool
from pipelines.storage.spill.codec import NotAnItemError, decode
from pipelines.storage.write.runs import finish_run
from pipelines.storage.write.writer import Refused, write, write_one
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from pipelines.storage.spill.spool import Head
    from smartdaily_crawler.items import Item

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drain:
    """Store the spooled items of one site and one database.

    Safe to repeat: a file is deleted only when all its items are committed, and the writer stores an item only once.
    """

    engine: Engine
    folder: Path
    own: Head
    """Head of the current run's spool: files of another site or database are left alone."""
    batch_size: int
    patience: float
    """Seconds to go on trying while the database does not answer."""

    def into(self, current: RunKey) -> int:
        """Store the items, the oldest file first; under ``current`` where their own run is deleted. Return their number.

        Set aside a file that cannot be read, with one line in the log. Raise StorageError: what is not stored yet stays
        in the spool.
        """
        try:
            return sum(self._drain(path, current) for path in spool.waiting(self.folder))
        except OSError as error:
            raise StorageError(f"spool {error.filename or self.folder}: {error.strerror}") from error

    def _drain(self, path: Path, current: RunKey) -> int:
        with spool.claimed(path) as file:
            if file is None:
                return 0
            try:
                head = spool.read_head(file)
            except spool.BrokenSpoolError as error:
                logger.error("%s is set aside as %s: %s", path, spool.set_aside(path).name, error)  # noqa: TRY400
                return 0
            if head.site != self.own.site:
                return 0
            if head.database != self.own.database:
                logger.warning("%s stays where it is: it is for another database than this", path)
                return 0
            contents = spool.read_contents(file)
            self._store(contents, runs.find_run(self.engine, head.run_id), current)
            _remove(path, contents)
            return len(contents.items)

    def _store(self, contents: spool.Contents, run: RunKey | None, current: RunKey) -> None:
        stats = Counter[str]()
        for start in range(0, len(contents.items), self.batch_size):
            stats += self._batch(run or current, contents.items[start : start + self.batch_size])
        if run is not None:
            end = contents.closing or spool.KILLED
            finish_run(
                self.engine,
                run,
                reason=end.reason,
                verdict=end.verdict,
                stats=end.stats | {name: end.stats.get(name, 0) + count for name, count in stats.items()},
                at=datetime.fromisoformat(end.at) if end.at else None,
                patience=self.patience,
            )

    def _batch(self, run: RunKey, kept: list[dict[str, Any]]) -> Counter[str]:
        """Store encoded items. Return what they add to their run's statistics."""
        items: list[Item] = []
        for encoded in kept:
            try:
                items.append(decode(encoded))
            except NotAnItemError as error:
                bury = partial(dead_letters.bury, self.engine, run, encoded, str(error))
                with_retries(bury, patience=self.patience)
        stats = Counter({Stat.reason(Reason.DEAD_LETTER): len(kept) - len(items)})
        # A fault stopped the run that spooled them; it must not stop every later one.
        written = write(self.engine, run, items, patience=self.patience, sets_faults_aside=True)
        for item, each in zip(items, written, strict=True):
            stats += each.tally(item)
        return stats


def _remove(path: Path, contents: spool.Contents) -> None:
    """Delete a stored file; set it aside where a line of it could not be read."""
    if contents.is_torn:
        logger.warning("%s: its last line was not whole and is lost; its run was killed while writing it", path)
    if contents.broken:
        aside = spool.set_aside(path).name
        logger.error(
            "%s is set aside as %s: %d of its lines cannot be read, the rest is stored", path, aside, contents.broken
        )
    else:
        path.unlink()


def retry(engine: Engine, dead_letter_id: int, *, patience: float) -> str | None:
    """Store the item under its run and delete the letter. If it is refused again, keep the reason in the letter and return it.

    The letter goes after the item is committed: killed in between, the next attempt finds the item stored.
    """
    run, kept = dead_letters.read(engine, dead_letter_id)
    try:
        write_one(engine, run, decode(kept), patience=patience)
    except (NotAnItemError, Refused) as error:
        dead_letters.update_reason(engine, dead_letter_id, str(error))
        return str(error)
    dead_letters.delete(engine, dead_letter_id)
    return None
