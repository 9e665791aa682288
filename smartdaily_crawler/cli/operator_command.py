"""What the operator's verbs on the database share: they crawl nothing, and tell each trouble in one line."""

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
"""Columns of a pipe: a cut table is of no use to it."""


class OperatorCommand(ScrapyCommand):
    """Not in ``commands``: Scrapy takes every command class there for a verb."""

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
        """Do it. Raises ArgumentError, which makes the exit code 2, and StorageError, which makes it 1."""

    @contextmanager
    def database(self, *, of_any_version: bool = False) -> Iterator[Database]:
        """The configured database, of this version's schema. Raises StorageError."""
        with configured_database(self.settings) as database:
            if not of_any_version:
                schema_version.check(database.engine)
            yield database


def console() -> Console:
    """For tables: as wide as the terminal, and whole in a pipe."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _UNBOUNDED)


def printed(time: datetime, zone: tzinfo) -> str:
    """A time as it is shown: ISO 8601 with the zone's offset."""
    return time.astimezone(zone).isoformat(timespec="seconds")
