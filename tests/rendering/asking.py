"""What the processes that ask for pages share: the project's settings without its storage, an order in, the ends out."""

from __future__ import annotations

import json
import sys
from typing import Any

from scrapy import Spider
from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings

from smartdaily_crawler import settings as project


def carry_out(spider_class: type[Spider], **settings: Any) -> None:
    """Run the spider with the order's arguments; what it has in ``ends`` is told, with the run's ``stats``.

    The order's own ``settings`` go before *settings*.
    """
    order: dict[str, Any] = json.load(sys.stdin)
    chosen = Settings()
    chosen.setmodule(project)
    chosen.update({"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "AUTOTHROTTLE_ENABLED": False, "DOWNLOAD_DELAY": 0})
    chosen.update(settings)
    chosen.update(order.pop("settings"), priority="cmdline")
    process = CrawlerProcess(chosen)
    crawler = process.create_crawler(spider_class)
    process.crawl(crawler, **order)
    process.start()
    spider: Any = crawler.spider
    json.dump({"ends": spider.ends, "stats": crawler.stats.get_stats()}, sys.stdout, default=str)
