"""Base of the commands that use the database and crawl nothing; they report an error in one line."""

from __future__ import annotations

import argparse
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from pipelines.run.configured import configured_database
from pipelines.storage.database import Database
from pipelines.storage.db.errors import StorageError
from pipelines.storage.schema import schema_version
from smartdaily_crawler.cli.output import refuse
from smartdaily_crawler.crawl.arguments import ArgumentError
from smartdaily_crawler.own_settings import SettingError, check_settings, load_settings


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
            check_settings(self.settings)
            self.act(args, opts)
        except (ArgumentError, SettingError, StorageError) as error:
            refuse(self, error, exitcode=1 if isinstance(error, StorageError) else 2)

    @abstractmethod
    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the command; set ``exitcode`` if it fails. Raise ArgumentError for exit code 2, StorageError for exit code 1."""

    @contextmanager
    def database(self, *, of_any_version: bool = False) -> Iterator[Database]:
        """Open the configured database. Raise StorageError, also for the schema of another version unless *of_any_version*."""
        with configured_database(self.settings) as database:
            if not of_any_version:
                schema_version.check(database.engine)
            yield database
