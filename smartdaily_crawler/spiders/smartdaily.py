"""智能日报 (Smart Daily)."""

from smartdaily_crawler.crawl.news_spider import NewsSpider
from smartdaily_crawler.sites.profile import load_profile


class SmartDailySpider(NewsSpider):
    name = "smartdaily"
    profile = load_profile("smartdaily")
