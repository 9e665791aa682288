"""``scrapy view``: Scrapy's command, without a database and a run."""

from __future__ import annotations

from scrapy.commands import view

from smartdaily_crawler.cli.look_command import LookCommand


class Command(LookCommand, view.Command):
    pass
