"""The log of a crawl: without what a terminal would act upon, and as lines of JSON if ``JSON_LOGS``."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.log import get_scrapy_root_handler

from smartdaily_crawler.cleaning.text import visible
from smartdaily_crawler.crawl.protocol import WalkSpider, walk_spider
from smartdaily_crawler.extras import how_to_install
from smartdaily_crawler.own_settings import SettingError
from smartdaily_crawler.stat_names import Stat

_URL = re.compile(r"https?://\S+")


def set_up_logs(settings: BaseSettings) -> None:
    """Format the log of the process; leave it as it is if another program writes it, or it is formatted already.

    Raise SettingError if ``JSON_LOGS`` needs a package that is not installed.
    """
    handler = get_scrapy_root_handler()
    if handler is None or handler.formatter is None or isinstance(handler.formatter, LineFormatter):
        return
    if not settings.getbool("JSON_LOGS"):
        handler.setFormatter(LineFormatter(handler.formatter))
        return
    try:
        from smartdaily_crawler.json_lines import JsonLines  # noqa: PLC0415 - needs an extra
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("pythonjsonlogger"):
            raise
        raise SettingError(f"JSON_LOGS needs the extra metrics: {how_to_install('metrics')}") from None
    handler.setFormatter(JsonLines())


class LineFormatter(logging.Formatter):
    """Format by another formatter, so that no text of a page acts upon a terminal or looks like a line of the log.

    A record is one line. If the message is of several lines itself, as Scrapy's statistics, or has a traceback, all but the first
    are indented.
    """

    def __init__(self, other: logging.Formatter) -> None:
        super().__init__()
        self._other = other

    def format(self, record: logging.LogRecord) -> str:
        record = copy(record)  # other handlers get it too
        message = record.getMessage()
        record.msg, record.args = _indented(message) if "\n" in str(record.msg) else visible(message), None
        if record.exc_info and record.exc_info[0]:
            record.exc_text = "    " + _indented(self._other.formatException(record.exc_info))
        return self._other.format(record)


def _indented(text: str) -> str:
    return "\n    ".join(map(visible, text.split("\n")))


class RunLog(logging.Filter):
    """Give each record of the log the run, the site and, if it is about one, the URL.

    The first of the downloader middlewares only because Scrapy makes the log's handler anew between the extensions and these.
    """

    def __init__(self, crawler: Crawler, spider: WalkSpider) -> None:
        super().__init__()
        self._stats = crawler.stats
        self._site = spider.site_address.name

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured where the crawler's spider does not walk a site, or another program writes the log."""
        spider, handler = walk_spider(crawler), get_scrapy_root_handler()
        if spider is None or handler is None:
            raise NotConfigured
        set_up_logs(crawler.settings)
        added = cls(crawler, spider)
        handler.addFilter(added)
        return added

    def filter(self, record: logging.LogRecord) -> bool:
        record.site = self._site
        if run_id := self._stats.get_value(Stat.RUN_ID):
            record.run = run_id
        if url := _url(record.args):
            record.url = url
        return True


def _url(arguments: object) -> str | None:
    """Return the first URL among the arguments of a message."""
    given: Iterable[Any] = ()
    if isinstance(arguments, Mapping):
        given = arguments.values()
    elif isinstance(arguments, tuple):
        given = arguments
    for each in given:
        if isinstance(each, Request | Response):
            return str(each.url)
        if isinstance(each, str) and _URL.fullmatch(each):
            return each
    return None
