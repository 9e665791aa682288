"""``scrapy changes``: the change feed as JSON lines, resumable after any of them."""

from __future__ import annotations

import argparse
import select
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from scrapy.exceptions import UsageError

from pipelines.export.text import json_line
from pipelines.storage.database import Database
from pipelines.storage.read import feed
from pipelines.storage.read.feed import Cursor, Feed, Lag
from smartdaily_crawler.cleaning.text import visible
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.output import ignore_broken_pipe, say
from smartdaily_crawler.crawl.arguments import ArgumentError

_POLL_MS = 1000
"""Interval between reads: a notification may come before its change can be read, or not at all."""
_LONG = timedelta(seconds=30)
"""How long a transaction may hold the feed back before the operator is warned."""


class Command(OperatorCommand):
    def short_desc(self) -> str:
        return "Print changes of articles as lines of JSON, resuming after a given one"

    def long_desc(self) -> str:
        return (
            "Each line has its cursor; pass the last one that was processed to --since. "
            "A line holds the article as it is now, once for all its changes since it was last read."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--since", metavar="CURSOR", help="the last line's cursor (default: the beginning)")
        parser.add_argument("--follow", action="store_true", help="wait for more until stopped")
        parser.add_argument(
            "--lag", action="store_true", help="print what the feed holds back, and for whom; read nothing"
        )

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("takes no argument but its options", print_help=False)
        try:
            since = Cursor.parse(opts.since) if opts.since is not None else None
        except ValueError as error:
            raise ArgumentError(str(error)) from None
        with (
            ignore_broken_pipe(),
            _stopping() as stopped,
            # A consumer's role may not read the schema's version; the feed checks what it needs.
            self.database(of_any_version=True) as database,
        ):
            if opts.lag:
                say(_message(feed.lag(database.engine)))
            else:
                _read(database, since, stopped, follow=opts.follow)


def _read(database: Database, since: Cursor | None, stopped: socket.socket, *, follow: bool) -> None:
    with feed.listening(database.engine) as listener:
        changes = Feed(database.engine, since)
        waits = select.poll()
        for readable in (listener, stopped):
            waits.register(readable, select.POLLIN)
        waits.register(sys.stdout, 0)  # ready when its reader has closed the pipe
        warned = False
        ready: set[int] = set()
        while not ready & {stopped.fileno(), sys.stdout.fileno()}:
            read = changes.read()
            for change in read:
                say(_line(change))
            sys.stdout.flush()
            if not read and not follow:
                return
            ready = {number for number, _ in waits.poll(0 if read else _POLL_MS)}
            listener.poll()
            listener.notifies.clear()
            if not ready and not read:
                warned = _warn(feed.lag(database.engine), warned=warned)


def _line(change: feed.Change) -> str:
    return json_line({"cursor": str(change.cursor), **change.article})


def _warn(lag: Lag, *, warned: bool) -> bool:
    """Return whether a transaction holds the feed back for long; print a warning unless *warned* already."""
    is_held = bool(lag.waiting and lag.since and datetime.now(UTC) - lag.since > _LONG)
    if is_held and not warned:
        print(visible(f"scrapy changes: {_message(lag)}"), file=sys.stderr)
    return is_held


def _message(lag: Lag) -> str:
    if not lag.waiting:
        return "no change is held back"
    held = f"{lag.waiting:,} changes are held back"
    if lag.since is None:
        return held
    seconds = (datetime.now(UTC) - lag.since).total_seconds()
    return f"{held} by a transaction of {lag.application or 'an unnamed program'} (process {lag.process}), open for {seconds:.0f} s"


@contextmanager
def _stopping() -> Iterator[socket.socket]:
    """Yield a socket that is readable after SIGINT or SIGTERM, so that a line being written is finished first."""
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    wakeup = signal.set_wakeup_fd(sender.fileno())
    former = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield receiver
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        receiver.close()
        sender.close()
