"""Base of Scrapy's commands for single pages: check the spider given by ``--spider`` before they start."""

from __future__ import annotations

import argparse

from scrapy import Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import Settings

from smartdaily_crawler.cli.output import refuse
from smartdaily_crawler.cli.site_spiders import as_site_spider
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.logs import set_up_logs
from smartdaily_crawler.own_settings import SettingError
from smartdaily_crawler.politeness import only_look
from smartdaily_crawler.rendering.choice import NoRendererError, choose


class LookCommand(ScrapyCommand):
    """Mixin, to be named before a command of Scrapy's: report a bad argument in one line, and store nothing."""

    settings: Settings  # set by scrapy.cmdline, as is the next
    crawler_process: CrawlerProcessBase

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            set_up_logs(self.settings)
            if opts.spider:
                self._prepare(self.crawler_process.spider_loader.load(opts.spider))
        except KeyError:
            refuse(self, f"there is no spider {opts.spider!r}; `scrapy list` shows them")
        except (ArgumentError, NoRendererError, SettingError) as error:
            refuse(self, error)
        else:
            super().run(args, opts)  # type: ignore[safe-super]  # a command of Scrapy's follows the mixin

    def _prepare(self, spider: type[Spider]) -> None:
        """Disable pipelines and extensions for a spider of ours. Raise ArgumentError or NoRendererError as the spider would."""
        site_spider = as_site_spider(spider)
        if site_spider is None:
            return
        if not self.settings["SITE_URL"]:  # these commands take no -a
            raise ArgumentError(f"the spider {spider.name!r} needs a site: set SITE_URL, or give -s SITE_URL=https://…")
        choose(WalkArguments.parse({}, self.settings, site_spider.profile).render, self.settings)
        only_look(self.settings)
