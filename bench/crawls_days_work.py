"""What a Scrapy user writes in a day for the bundled site: selectors, an item loader, and one commit for each item.

``scrapy runspider crawls_days_work.py -a site=URL -a database=DSN``. It knows the markup of the skin ``glued`` only, follows lists, articles
and teasers, and stores articles and teasers. It has no revisions, aliases, outcomes, retries of the database, or other sites.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import psycopg2
import scrapy
from itemloaders.processors import Identity, MapCompose, TakeFirst
from scrapy.crawler import Crawler
from scrapy.loader import ItemLoader

TABLES = """
CREATE TABLE article (url text PRIMARY KEY, title text, published text, source text, author text, editor text, body text[]);
CREATE TABLE teaser (article text REFERENCES article, target text, title text, PRIMARY KEY (article, target));
"""


class Article(scrapy.Item):
    url = scrapy.Field()
    title = scrapy.Field()
    published = scrapy.Field()
    source = scrapy.Field()
    author = scrapy.Field()
    editor = scrapy.Field()
    body = scrapy.Field()
    teasers = scrapy.Field()


def labelled(*labels: str) -> MapCompose:
    """Return a processor that keeps the values behind one of the labels."""
    pattern = re.compile(rf"(?:{'|'.join(labels)})\s*[:：]\s*(\S+)")
    return MapCompose(lambda text: match[1] if (match := pattern.search(text)) else None)


class ArticleLoader(ItemLoader):
    default_item_class = Article
    default_input_processor = MapCompose(str.strip)
    default_output_processor = TakeFirst()
    published_in = MapCompose(
        lambda text: match[0] if (match := re.search(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?", text)) else None
    )
    source_in = labelled("来源", "出处")
    author_in = labelled("作者")
    editor_in = labelled("编辑", "责任编辑")
    body_out = Identity()
    teasers_in = Identity()
    teasers_out = Identity()


class CommitEach:
    """Store each article with its teasers in a transaction of its own."""

    def __init__(self, database: str) -> None:
        self.database = database

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.spider.database)  # type: ignore[union-attr]  # set by the spider below

    def open_spider(self) -> None:
        self.connection = psycopg2.connect(self.database)
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(TABLES)

    def close_spider(self) -> None:
        self.connection.close()

    def process_item(self, item: Any) -> Any:
        with self.connection, self.connection.cursor() as cursor:
            names = ("url", "title", "published", "source", "author", "editor", "body")
            cursor.execute(
                "INSERT INTO article VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [item.get(name) for name in names],
            )
            cursor.executemany(
                "INSERT INTO teaser VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [(item["url"], target, title) for target, title in item.get("teasers", ())],
            )
        return item


class DaysWorkSpider(scrapy.Spider):
    name = "days_work"
    custom_settings = {"ITEM_PIPELINES": {CommitEach: 300}}  # noqa: RUF012 - as Scrapy's users write it

    def __init__(self, site: str, database: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.site, self.database = site, database

    async def start(self) -> AsyncIterator[scrapy.Request]:
        yield scrapy.Request(self.site)

    def parse(self, response: Any) -> Iterator[scrapy.Request]:
        yield from response.follow_all(css="ul.menu a", callback=self.parse_list)

    def parse_list(self, response: Any) -> Iterator[scrapy.Request]:
        yield from response.follow_all(css="div.list h3 a", callback=self.parse_article)
        yield from response.follow_all(xpath="//a[text()='下一页']", callback=self.parse_list)

    def parse_article(self, response: Any) -> Iterator[Any]:
        loader = ArticleLoader(response=response)
        loader.add_value("url", response.url)
        loader.add_css("title", "h1::text")
        for name in ("published", "source", "author", "editor"):
            loader.add_css(name, "div.info::text, div.info span::text")
        loader.add_xpath("body", "//div[@class='content']/p/descendant-or-self::text()[normalize-space()]")
        teasers = response.css("div.like h3 a")
        loader.add_value(
            "teasers", [(response.urljoin(each.attrib["href"]), each.css("::text").get()) for each in teasers]
        )
        yield loader.load_item()
        yield from response.follow_all(teasers, callback=self.parse_article)
