"""``scrapy inspect``: print the fields read from a page, each with its provenance. Nothing is stored."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from smartdaily_crawler.cli.output import console, say
from smartdaily_crawler.cli.page.command import PageCommand

if TYPE_CHECKING:
    from smartdaily_crawler.cli.page.reading import LoadedPage, Rules


class Command(PageCommand):
    def short_desc(self) -> str:
        return "Show the fields read from article pages, and how each was found"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object per line")
        parser.add_argument("--profile-file", metavar="FILE", help="a site's profile: selectors, time zone, language")

    def rules(self, args: list[str], opts: argparse.Namespace) -> Rules:
        from smartdaily_crawler.cli.page.reading import Rules  # noqa: PLC0415 - as in PageCommand.run

        del args
        return Rules.of(self.crawler_process, opts.spider, opts.profile_file)

    def use(self, page: LoadedPage, facts: dict[str, Any], opts: argparse.Namespace) -> None:
        from smartdaily_crawler.cli.page.table import table  # noqa: PLC0415 - as above

        del page
        if opts.json:
            say(json.dumps(facts, ensure_ascii=False))
        else:
            console(in_pipe=None).print(table(facts))
