"""Store dead letters again, after an upgrade or a repair of the database or of the payload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.storage.spill import dead_letters
from pipelines.storage.spill.codec import NotAnItemError, decode
from pipelines.storage.write.writer import Refused, write_one

if TYPE_CHECKING:
    from sqlalchemy import Engine


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
