"""``scrapy worker``: take runs of the list of sites from the queue, and start each as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
from pathlib import Path

from scrapy.utils.log import configure_logging

from pipelines.run.configured import spool_folder
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.options import number_of
from smartdaily_crawler.cli.site_list import seconds_of
from smartdaily_crawler.crawl.arguments import ArgumentError
from smartdaily_crawler.extras import how_to_install
from smartdaily_crawler.logs import set_up_logs

_MOST_SLOTS = 1000
_LONGEST_NAME = 100
_SPARE = 30.0
"""Seconds beyond STORAGE_PATIENCE after which a run that was asked to stop is killed."""


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Run the sites of the list when they are due, on this machine"

    def long_desc(self) -> str:
        return (
            "Takes the runs of `scrapy sites list` that are due, each a process of its own, until SIGTERM or Ctrl-C: then the runs "
            "are asked to stop, and it waits for them; a second signal kills them. Settings given with -s are those of its runs too. "
            "Needs the extra fleet."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        # Values are checked below: argparse would print its usage too.
        parser.add_argument("--slots", default="2", metavar="N", help="runs at once, at most (default: %(default)s)")
        parser.add_argument(
            "--name", default=socket.gethostname(), help="its name, the same after a restart (default: the host's)"
        )
        parser.add_argument(
            "--run-time", default="2h", metavar="TIME", help="a run that takes longer is stopped (default: %(default)s)"
        )
        parser.add_argument(
            "--run-memory", default="2048", metavar="MB", help="a run that takes more is stopped (default: %(default)s)"
        )

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise ArgumentError(f"takes options only, not {args[0]!r}")
        try:
            # Scrapy imports all commands to run one, and this is an extra.
            from pipelines.fleet.process import Bounds  # noqa: PLC0415
            from pipelines.fleet.worker import FleetWorker, WorkerOptions  # noqa: PLC0415 - as above
        except ImportError as error:
            if (error.name or "").partition(".")[0] not in ("procrastinate", "psycopg", "psycopg_pool"):
                raise
            raise ArgumentError(f"needs the extra fleet: {how_to_install('fleet')}") from None
        if not 0 < len(opts.name.strip()) <= _LONGEST_NAME or len(opts.name.splitlines()) != 1:
            raise ArgumentError(f"--name takes one line of up to {_LONGEST_NAME} characters, not {opts.name!r}")
        patience = self.settings.getfloat("STORAGE_PATIENCE")
        options = WorkerOptions(
            name=opts.name,
            slots=number_of("--slots", opts.slots, _MOST_SLOTS),
            bounds=Bounds(
                seconds=seconds_of(opts.run_time),
                memory=number_of("--run-memory", opts.run_memory, 2**30) * 2**20,
                grace=patience + _SPARE,
            ),
            logs=Path(self.settings["DATA_DIR"], "runs"),
            spool=spool_folder(self.settings),
            version=self.settings["CRAWLER_VERSION"],
            patience=patience,
            crawl=self.settings,
            # A run has a job, and would refuse an embedded server; here the worker keeps one alive.
            settings=[*opts.set, *([] if self.settings["DATABASE_URL"] else ["DATABASE_REQUIRED=0"])],
        )
        configure_logging(self.settings)
        set_up_logs(self.settings)
        logging.getLogger("procrastinate").setLevel(logging.ERROR)
        with self.database() as database:
            asyncio.run(FleetWorker(database, options).serve())
