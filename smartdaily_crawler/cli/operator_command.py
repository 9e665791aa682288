"""Base of the commands that use the database and crawl nothing; they report an error in one line."""

from __future__ import annotations

import argparse
import sys
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from pipelines.run.context import configured_database
from pipelines.storage.database import Database
from pipelines.storage.db.errors import StorageError
from pipelines.storage.schema import schema_version
from smartdaily_crawler.crawl.arguments import ArgumentError
from smartdaily_crawler.own_settings import SettingError, load_settings

_UNBOUNDED = 10**6
"""Width of a table in a pipe, in columns, so that nothing is cut."""


class OperatorCommand(ScrapyCommand):
    """Command that reports an ArgumentError or StorageError in one line; subclasses implement ``act``.

    It cannot stand in ``commands``, where Scrapy registers every command class.
    """

    requires_project = True
    requires_crawler_process = False
    settings: Settings  # set by scrapy.cmdline

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            load_settings(self.settings)
            self.act(args, opts)
        except (ArgumentError, SettingError, StorageError) as error:
            verb = type(self).__module__.rpartition(".")[2]
            print(f"scrapy {verb}: {error}", file=sys.stderr)
            self.exitcode = 1 if isinstance(error, StorageError) else 2

    @abstractmethod
    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the command. Raise ArgumentError for exit code 2, StorageError for exit code 1."""

    @contextmanager
    def database(self, *, of_any_version: bool = False) -> Iterator[Database]:
        """Open the configured database. Raise StorageError, also for the schema of another version unless *of_any_version*."""
        with configured_database(self.settings) as database:
            if not of_any_version:
                schema_version.check(database.engine)
            yield database


def console(*, is_bounded: bool = True) -> Console:
    """Return a console for tables: as wide as the terminal; in a pipe, or if not *is_bounded*, no cell is cut."""
    width = None if is_bounded and sys.stdout.isatty() else _UNBOUNDED
    return Console(highlight=False, markup=False, width=width)


def printed(time: datetime, zone: tzinfo) -> str:
    """Return *time* in ISO 8601 with the offset of *zone*, to the second."""
    return time.astimezone(zone).isoformat(timespec="seconds")
