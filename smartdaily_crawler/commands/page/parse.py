"""``scrapy parse``: Scrapy's command, with the callback chosen by the kind of page, without a database and a run."""

from __future__ import annotations

import argparse
import warnings
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.commands import parse
from scrapy.exceptions import ScrapyDeprecationWarning
from scrapy.settings import Settings

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.cli.output import refuse
from smartdaily_crawler.cli.site_spiders import as_site_spider
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.crawl.paging import CategoryWalk
from smartdaily_crawler.items import Kind
from smartdaily_crawler.politeness import only_look
from smartdaily_crawler.request_meta import Meta

_KINDS: dict[str, Kind] = {"parse_home": "home", "parse_listing": "listing"}


class Command(parse.Command):
    settings: Settings  # set by scrapy.cmdline

    def start_parsing(self, url: str, opts: argparse.Namespace) -> None:
        if self.spidercls is not None and (site_spider := as_site_spider(self.spidercls)):
            only_look(self.settings, pipelines=opts.pipelines)
            parts = urlsplit(url)
            opts.spargs.setdefault("site_url", f"{parts.scheme}://{parts.netloc}/")
            try:
                WalkArguments.parse(opts.spargs, self.settings, site_spider.profile)
            except ArgumentError as error:
                refuse(self, error)
                return
        # The Deferred is that of Scrapy's own command.
        warnings.filterwarnings("ignore", ".*returned a Deferred", ScrapyDeprecationWarning)
        super().start_parsing(url, opts)

    def prepare_request(self, spider: Spider, request: Request, opts: argparse.Namespace) -> Request:
        if as_site_spider(type(spider)):
            request.meta.setdefault(Meta.KIND, _KINDS.get(opts.callback, "article"))
            request.meta.setdefault(Meta.REQUESTED_URL, canonicalize(request.url))
            if opts.callback == "parse_listing":
                request.cb_kwargs.setdefault("walk", CategoryWalk("parse"))
        return super().prepare_request(spider, request, opts)
