"""``scrapy shell``: Scrapy's own, which writes no run with a spider of ours either."""

from __future__ import annotations

from scrapy.commands import shell

from smartdaily_crawler.cli.look_command import LookCommand


class Command(LookCommand, shell.Command):
    pass
