"""``scrapy deadletters``: list items that the database refused, and store them again."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.table import Table
from scrapy.exceptions import UsageError

from pipelines.storage.database import Database
from pipelines.storage.db.errors import StorageError
from pipelines.storage.read.times import printed
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.output import console, say

if TYPE_CHECKING:
    from pipelines.storage.spill.dead_letters import DeadLetter


class Command(OperatorCommand):
    def syntax(self) -> str:
        return "list [--json] | retry (ID … | --all)"

    def short_desc(self) -> str:
        return "List the items that the database refused, or try them again"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="list: print one JSON object per line")
        parser.add_argument("--all", action="store_true", help="retry: all of them")

    def act(self, args: list[str], opts: argparse.Namespace) -> None:
        # Scrapy imports all commands to run one; the models of the tables take as long as SQLAlchemy.
        from pipelines.storage.spill.dead_letters import dead_letters  # noqa: PLC0415

        verb, ids = (args[0], args[1:]) if args else ("", [])
        if verb not in ("list", "retry") or (verb == "list" and ids) or (verb == "retry" and bool(ids) == opts.all):
            raise UsageError(f"takes {self.syntax()}", print_help=False)
        with self.database() as database:
            letters = dead_letters(database.engine)
            if verb == "list":
                _list(letters, as_json=opts.json)
            else:
                chosen = [letter.dead_letter_id for letter in letters] if opts.all else _chosen(ids, letters)
                self.exitcode = _retry(database, chosen, self.settings.getfloat("STORAGE_PATIENCE"))


def _list(letters: list[DeadLetter], *, as_json: bool) -> None:
    if as_json:
        for letter in letters:
            say(json.dumps(_facts(letter), ensure_ascii=False))
        return
    if not letters:
        say("No dead letters")
        return
    table = Table(box=None, header_style="bold")
    for heading in ("id", "run", "at"):
        table.add_column(heading, no_wrap=True)
    table.add_column("url", overflow="fold")
    table.add_column("reason", overflow="fold")
    for letter in letters:
        table.add_row(*map(str, _facts(letter).values()))
    console().print(table)


def _facts(letter: DeadLetter) -> dict[str, str | int]:
    return {
        "id": letter.dead_letter_id,
        "run": letter.run_id,
        "at": printed(letter.at, ZoneInfo(letter.timezone)),
        "url": letter.url,
        "reason": letter.reason,
    }


def _chosen(ids: list[str], letters: list[DeadLetter]) -> list[int]:
    known = {str(letter.dead_letter_id): letter.dead_letter_id for letter in letters}
    if unknown := [given for given in ids if given not in known]:
        raise StorageError(f"there is no dead letter {', '.join(unknown)}")
    return [known[given] for given in dict.fromkeys(ids)]


def _retry(database: Database, ids: list[int], patience: float) -> int:
    """Store the items; return the exit code, 1 if some were refused again."""
    from pipelines.storage.write import redelivery  # noqa: PLC0415 - as above

    kept = 0
    for dead_letter_id in ids:
        reason = redelivery.retry(database.engine, dead_letter_id, patience=patience)
        kept += reason is not None
        say(f"{dead_letter_id}: {'stored' if reason is None else f'refused again: {reason}'}")
    say(f"{len(ids) - kept} stored, {kept} kept")
    return 1 if kept else 0
