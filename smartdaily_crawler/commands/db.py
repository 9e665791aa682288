"""``scrapy db``: migrate, check, prune and open the database."""

from __future__ import annotations

import argparse
import os
import subprocess
from functools import partial

from scrapy.exceptions import UsageError

from pipelines.storage.database import Database
from pipelines.storage.db import reader
from pipelines.storage.db.retry import query
from pipelines.storage.read import feed
from pipelines.storage.schema import schema_version
from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.output import say
from smartdaily_crawler.crawl.arguments import ArgumentError, site_url
from smartdaily_crawler.sites.site_address import SiteAddress

QUEUE_PATIENCE = 30.0
"""Seconds for which an upgrade waits for a run that processes texts."""


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "upgrade | check | url | prune --keep-days N | move OLD_URL NEW_URL | psql [psql options]"

    def short_desc(self) -> str:
        return "Migrate the database, check it, print its URL, prune it, or open it"

    def long_desc(self) -> str:
        return (
            "upgrade: migrate the schema to this version. check: exit 1 if it is another. "
            "url: print the URL, without its password. psql: open it in psql. "
            "prune: delete the outcomes of runs that started more than --keep-days days ago. "
            "move: a site has another host; its articles keep their ids and get their new URLs."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--keep-days", type=int, metavar="N", help="prune: from 1 up")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        verbs = {"upgrade": _upgrade, "check": _check, "url": _url, "move": _move, "psql": _psql}
        verbs["prune"] = partial(_prune, opts.keep_days)
        if not args or args[0] not in verbs or (args[1:] and args[0] not in ("move", "psql")):
            raise UsageError(f"takes one of: {', '.join(verbs)}", print_help=False)
        if (args[0] == "prune") != (opts.keep_days is not None) or (opts.keep_days is not None and opts.keep_days < 1):
            raise UsageError("--keep-days takes a number from 1 up, and belongs to prune", print_help=False)
        with self.database(of_any_version=True) as database:
            self.exitcode = verbs[args[0]](database, args[1:])


def _upgrade(database: Database, _: list[str]) -> int:
    # Scrapy imports all commands to run one, and importing Alembic with the models takes as long as importing Scrapy.
    from pipelines.storage.schema import migrate  # noqa: PLC0415
    from pipelines.storage.text import queue  # noqa: PLC0415

    migrate.upgrade(database.engine)
    feed.stamp_anew(database.engine)
    # A migration may leave stored texts in the queue, to be compared and indexed.
    queue.try_faults_again(database.engine)
    queue.process_all(database.engine, patience=QUEUE_PATIENCE)
    return _check(database, [])


def _check(database: Database, _: list[str]) -> int:
    from pipelines.storage.text import queue  # noqa: PLC0415 - as above

    schema_version.check(database.engine)
    say(f"{database.place}: schema up to date")
    unreadable = query(database.engine, reader.unreadable, patience=0)
    if unreadable is None:
        say(f"there is no role {reader.READER} for services that read: docs/schema.md has the statements")
    elif unreadable:
        names = ", ".join(f"api.{name}" for name in unreadable)
        say(f"the role {reader.READER} may not read {names}: run scrapy db upgrade")
    texts = query(database.engine, queue.state, patience=0)
    if texts.waiting:
        say(f"{texts.waiting:,} texts wait to be compared and indexed: the next batch of any run takes them")
    if texts.cut:
        say(f"{texts.cut:,} texts are compared and indexed by their beginning only, as they are too long")
    if texts.failed:
        say(
            f"{texts.failed:,} texts could not be compared and indexed, such as that of article {texts.first_failed}: "
            f"{texts.reason}; scrapy db upgrade tries them again"
        )
    return int(bool(unreadable))


def _url(database: Database, _: list[str]) -> int:
    say(database.url)
    return 0


def _prune(days: int, database: Database, _: list[str]) -> int:
    from pipelines.storage.write import outcomes  # noqa: PLC0415 - as above

    schema_version.check(database.engine)
    say(f"{outcomes.prune(database.engine, days):,} outcomes deleted")
    return 0


def _move(database: Database, urls: list[str]) -> int:
    from pipelines.storage.write import moves  # noqa: PLC0415 - as above

    try:
        old, new = (canonicalize(site_url(url)) for url in urls)
        site, new_site = SiteAddress(old).name, SiteAddress(new).name
    except ArgumentError as error:
        raise UsageError(str(error), print_help=False) from None
    except ValueError:  # another number of URLs, or a malformed one
        raise UsageError("move takes the old URL of a site's home page and the new one", print_help=False) from None
    if site == new_site:
        raise UsageError(
            f"both URLs are those of the site {site}, which keeps its articles by itself", print_help=False
        )
    schema_version.check(database.engine)
    move = moves.move_site(database.engine, site, old, new_site, new)
    say(f"{move.moved:,} articles moved to {new_site}")
    if move.kept:
        say(f"{move.kept:,} articles stay, as their new URL is known as that of another article")
    return 0


def _psql(database: Database, options: list[str]) -> int:
    # Returns when psql ends, so that an embedded server is kept until then.
    command = [*database.psql_command, *options]
    return subprocess.run(command, env=os.environ | database.psql_environment, check=False).returncode  # noqa: S603 - the operator's own options
