"""``scrapy export``: write tables, the graph of teasers, or a feed for news readers to a file."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scrapy.exceptions import UsageError

from pipelines.export.errors import RefusedError, WriteError
from pipelines.export.formats import FORMATS
from pipelines.export.targets import STANDARD_OUTPUT
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.output import drop_output, ignore_broken_pipe, refuse

_INTERRUPTED = 130
_STOPS = (signal.SIGINT, signal.SIGTERM)


class Command(OperatorCommand):
    def syntax(self) -> str:
        return f"[options] <{'|'.join(FORMATS)}>"

    def short_desc(self) -> str:
        return "Write tables, the graph of teasers, or a feed of a category to a file"

    def long_desc(self) -> str:
        return "A file, or an object in S3, appears whole or not at all. The last word of the answer is the cursor for --after."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("-o", "--output", default=STANDARD_OUTPUT, metavar="FILE", help="file, s3://BUCKET/KEY, or - (the default)")
        add("--format", help="parquet, csv, jsonl; graph also: graphml, edgelist (default: the ending of FILE)")
        add("--site", help="only this site, by its name")
        add("--since", metavar="TIME", help="only from this day or time on, in the zone of the site")
        add("--after", metavar="CURSOR", help="only what changed after an earlier export, which printed the cursor")
        add("--category", metavar="NAME", help="feed: of this category")
        add("-n", "--number", help="feed: how many articles (default: 50)")
        add("--address", metavar="URL", help="feed: where it will be served, which readers want to know")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or args[0] not in FORMATS:
            raise UsageError(f"name one of {', '.join(FORMATS)}", print_help=False)
        try:
            with ignore_broken_pipe(), _interruptible():
                from smartdaily_crawler.cli.exporting import export  # noqa: PLC0415 - other commands start without it

                answer = export(self, args[0], opts)
                print(answer, file=sys.stderr if opts.output == STANDARD_OUTPUT else sys.stdout)
        except RefusedError as error:
            refuse(self, error)
        except WriteError as error:
            refuse(self, error, exitcode=1)
        except KeyboardInterrupt:
            if opts.output == STANDARD_OUTPUT:
                drop_output()
            refuse(self, "interrupted", exitcode=_INTERRUPTED)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for the first SIGINT or SIGTERM, and ignore others until the block has ended."""

    def interrupt(*_: object) -> None:
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    former = {number: signal.signal(number, interrupt) for number in _STOPS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
