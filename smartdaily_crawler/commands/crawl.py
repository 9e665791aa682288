"""``scrapy crawl``: Scrapy's own, with arguments checked beforehand and an exit code that tells how the run went."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from pipelines.verdict import EXIT_CODES
from smartdaily_crawler.arguments import ArgumentError, WalkArguments


class Command(crawl.Command):
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one spider; `scrapy list` shows them", print_help=False)
        given = {name: value for name, value in opts.spargs.items() if not name.startswith("_")}
        try:
            crawler = self._create_crawler(args[0])
            WalkArguments.parse(given, default_site_url=self.settings["SITE_URL"])
        except KeyError:
            self._refuse(f"there is no spider {args[0]!r}; `scrapy list` shows them")
        except ArgumentError as error:
            self._refuse(str(error))
        else:
            self.crawler_process.crawl(crawler, **opts.spargs)
            self.crawler_process.start()
            verdict = crawler.stats.get_value("run/verdict") if crawler.stats else None
            self.exitcode = EXIT_CODES.get(verdict, 1) or int(self.crawler_process.bootstrap_failed)

    def _refuse(self, complaint: str) -> None:
        print(f"scrapy crawl: {complaint}", file=sys.stderr)
        self.exitcode = 2
