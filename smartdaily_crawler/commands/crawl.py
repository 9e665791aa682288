"""``scrapy crawl``: Scrapy's own, with arguments checked beforehand and an exit code that tells how the run went."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import crawl
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from pipelines.run.verdict import EXIT_CODES, Verdict
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.rendering.choice import NoRendererError, choose
from smartdaily_crawler.stat_names import Stat


class Command(crawl.Command):
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one spider; `scrapy list` shows them", print_help=False)
        given = {name: value for name, value in opts.spargs.items() if not name.startswith("_")}
        try:
            crawler = self._create_crawler(args[0])
            own = getattr(crawler.spidercls, "profile", None)
            arguments = WalkArguments.parse(given, self.settings, own)
            choose(arguments.render, self.settings)
        except KeyError:
            self._refuse(f"there is no spider {args[0]!r}; `scrapy list` shows them")
        except (ArgumentError, NoRendererError) as error:
            self._refuse(str(error))
        else:
            self.crawler_process.crawl(crawler, **opts.spargs)
            self.crawler_process.start()
            complaint = crawler.stats and crawler.stats.get_value(Stat.RUN_COMPLAINT)
            if complaint and self.settings["LOG_FILE"]:
                print(f"scrapy crawl: {complaint}", file=sys.stderr)
            # A run that never began has no verdict.
            verdict: Verdict = (crawler.stats and crawler.stats.get_value(Stat.RUN_VERDICT)) or "failed"
            self.exitcode = EXIT_CODES[verdict]

    def _refuse(self, complaint: str) -> None:
        print(f"scrapy crawl: {complaint}", file=sys.stderr)
        self.exitcode = 2
