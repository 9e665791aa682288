"""``scrapy metrics``: print the metrics of the database for Prometheus, or write them to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.exceptions import UsageError

from pipelines.run.configured import spool_folder
from pipelines.storage.db.errors import StorageError
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.output import ignore_broken_pipe
from smartdaily_crawler.crawl.arguments import ArgumentError
from smartdaily_crawler.extras import how_to_install


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "[-o FILE]"

    def short_desc(self) -> str:
        return "Print the metrics of the database and its sites for Prometheus"

    def long_desc(self) -> str:
        return "Needs the extra metrics. A reader's role suffices in DATABASE_URL; the spool is that of this machine."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            help="replace this file at once, as for node_exporter's textfile collector",
        )

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("takes no argument but its options", print_help=False)
        try:
            # Scrapy imports all commands to run one, and this is an extra.
            from pipelines.metrics.exposition import exposition, write_exposition  # noqa: PLC0415
            from pipelines.storage.read.status import read_status  # noqa: PLC0415 - as above
        except ModuleNotFoundError as error:
            if error.name != "prometheus_client":
                raise
            raise ArgumentError(f"needs the extra metrics: {how_to_install('metrics')}") from None
        spool = spool_folder(self.settings)
        try:
            with ignore_broken_pipe(), self.database() as database:
                if opts.output:
                    write_exposition(Path(opts.output), read_status(database.engine), spool)
                else:
                    print(exposition(read_status(database.engine), spool).decode(), end="")
        except OSError as error:
            raise StorageError(f"{error.filename or opts.output}: {error.strerror or error}") from error
