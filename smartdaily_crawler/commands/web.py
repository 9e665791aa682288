"""``scrapy web``: serve pages on sites, runs and articles, read from the database."""

from __future__ import annotations

import argparse
import sys

from pipelines.run.configured import spool_folder
from pipelines.run.schedule import ScheduleError, parse_schedule
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.crawl.arguments import ArgumentError

_LARGEST_PORT = 65_535
_SHORTEST_TOKEN = 16


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Serve pages on sites, runs and articles"

    def long_desc(self) -> str:
        return "Reads schema api only, writes nothing. Others than this machine need the token in WEB_TOKEN."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        # The port is checked below: argparse would print its usage too.
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", default="8780", help="0 for any free one (default: %(default)s)")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise ArgumentError(f"takes options only, not {args[0]!r}")
        try:
            # Scrapy imports all commands to run one, and these packages are those of an extra.
            from pipelines.storage.web.session import read_only  # noqa: PLC0415
            from pipelines.web import server  # noqa: PLC0415
            from pipelines.web.app import create_app  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise ArgumentError(f"needs the extra web, {error.name} is missing: docs/web.md has the command") from None
        try:
            schedule = parse_schedule(self.settings["REVISIT_SCHEDULE"])
            token = _token(self.settings["WEB_TOKEN"])
            listening = server.listen(opts.host, _port(opts.port), has_token=token is not None)
        except (server.AddressError, ScheduleError) as error:
            raise ArgumentError(str(error)) from None
        with listening, self.database() as database:
            if not read_only(database.engine):
                print(
                    "scrapy web: the database's user may not take the role smartdaily_reader, so it reads with its own rights",
                    file=sys.stderr,
                )
            print(f"{server.address_of(listening)}  {database.place}", flush=True)
            server.serve(create_app(database.engine, token, schedule, spool_folder(self.settings)), listening)


def _port(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and int(raw) <= _LARGEST_PORT):
        raise ArgumentError(f"--port takes a number from 0 to {_LARGEST_PORT}, not {raw!r}")
    return int(raw)


def _token(given: str | None) -> str | None:
    if given is not None and (len(given) < _SHORTEST_TOKEN or not given.isascii()):
        raise ArgumentError(f"WEB_TOKEN takes {_SHORTEST_TOKEN} characters of ASCII or more")
    return given
