"""Scrapy add-on: our spiders, pipelines and components in another Scrapy project. See ``docs/use-elsewhere.md``.

``ADDONS = {"smartdaily_crawler.addon.SmartDailyAddon": 500}``
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings

from smartdaily_crawler import settings as project
from smartdaily_crawler.crawl.protocol import SiteBound
from smartdaily_crawler.own_settings import OWN, READ_ELSEWHERE

_PROJECT_ONLY = ("BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE", "COMMANDS_MODULE", "LOG_")
"""Prefixes of settings that belong to the project in which the add-on is used."""


class SmartDailyAddon:
    """Apply ``smartdaily_crawler.settings`` with priority ``addon``: what the project sets itself wins.

    Only spiders of ours get Scrapy's settings and the components. Settings that no one else reads are set for all
    spiders, since Scrapy makes a spider, which reads them, before it calls ``update_settings``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SmartDailyAddon:
        return cls(crawler)

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        for name, value in _values():
            if name in OWN and not name.startswith(READ_ELSEWHERE):
                settings.set(name, value, priority="addon")

    def update_settings(self, settings: BaseSettings) -> None:
        spider: object = self.crawler.spider
        if not isinstance(spider, SiteBound):
            return
        for name, value in _values():
            if isinstance(value, dict) and isinstance(getattr(default_settings, name, None), dict):
                _merge(settings, name, value)
            else:
                settings.set(name, value, priority="addon")


def _values() -> Iterator[tuple[str, Any]]:
    for name in dir(project):
        if name.isupper() and not name.startswith(("_", *_PROJECT_ONLY)):
            yield name, getattr(project, name)


def _merge(settings: BaseSettings, name: str, ours: dict[str, Any]) -> None:
    """Add our components to the project's or the spider's own; a value of the command line (``-s``) is left as it is."""
    priority = settings.getpriority(name) or 0
    if priority < SETTINGS_PRIORITIES["cmdline"]:
        theirs = settings.getdict(name)
        settings.set(name, {**ours, **theirs}, priority=max(priority, SETTINGS_PRIORITIES["addon"]))
