"""``scrapy crawl``: Scrapy's command, with arguments checked beforehand and an exit code for the run's verdict."""

from __future__ import annotations

import argparse
import logging

from scrapy.commands import crawl
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from pipelines.run.schedule import ScheduleError, parse_schedule
from pipelines.run.verdict import EXIT_CODES, Verdict
from smartdaily_crawler.cli.output import complain, refuse
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.crawl.site_spider import SiteSpider
from smartdaily_crawler.own_settings import SettingError, check_settings, load_settings
from smartdaily_crawler.rendering.choice import NoRendererError, choose
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)


class Command(crawl.Command):
    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one spider; `scrapy list` shows them", print_help=False)
        try:
            load_settings(self.settings)
            check_settings(self.settings)
            parse_schedule(self.settings["REVISIT_SCHEDULE"])
        except (SettingError, ScheduleError) as error:
            self._refuse(error)
            return
        given = {name: value for name, value in opts.spargs.items() if not name.startswith("_")}
        try:
            crawler = self._create_crawler(args[0])
            if not issubclass(crawler.spidercls, SiteSpider):
                super().run(args, opts)
                return
            arguments = WalkArguments.parse(given, self.settings, crawler.spidercls.profile)
            choose(arguments.render, self.settings)
        except KeyError:
            self._refuse(f"there is no spider {args[0]!r}; `scrapy list` shows them")
        except (ArgumentError, NoRendererError) as error:
            self._refuse(error)
        else:
            self.crawler_process.crawl(crawler, **opts.spargs)
            self.crawler_process.start()
            complaint = crawler.stats and crawler.stats.get_value(Stat.RUN_COMPLAINT)
            if complaint and self.settings["LOG_FILE"]:
                complain(self, complaint)
            # A run that did not start has no verdict.
            verdict: Verdict = (crawler.stats and crawler.stats.get_value(Stat.RUN_VERDICT)) or "failed"
            self.exitcode = EXIT_CODES[verdict]

    def _refuse(self, complaint: object) -> None:
        refuse(self, complaint)
        if self.settings["LOG_FILE"]:  # scrapyd shows its operator only this file
            logger.error("%s", complaint)
