"""``scrapy fetch``: Scrapy's own, which writes no run with a spider of ours either."""

from __future__ import annotations

from scrapy.commands import fetch

from smartdaily_crawler.cli.look_command import LookCommand


class Command(LookCommand, fetch.Command):
    pass
