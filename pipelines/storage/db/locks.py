"""Locks that processes take, in rows of tables: any role may take any advisory lock, but only the owner can lock a row of ours.

A transaction takes first the lock of its site's URLs (``lock_identity``), then rows of articles, in the order of their ids. The text
queue waits for no lock: it skips what another transaction holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_IDENTITY = text("SELECT crawl.lock_identity(:site_id, :alone)")
_TEXT_QUEUE = text("SELECT true FROM crawl.lease WHERE name = 'text queue' FOR UPDATE SKIP LOCKED")


def lock_identity(connection: Connection, site_id: int, *, alone: bool) -> None:
    """Lock the URLs of a site's domain until the transaction ends; its writers share the lock.

    :param alone: exclude all other writers of the domain, for one that merges articles or changes a URL.
    """
    connection.execute(_IDENTITY, {"site_id": site_id, "alone": alone})


def try_text_queue(connection: Connection) -> bool:
    """Lock the text queue until the transaction ends. Return false, without waiting, where another process has it."""
    return bool(connection.scalar(_TEXT_QUEUE))
