"""news-please with its own crawler and its PostgreSQL store, as a peer of ours; it runs in an environment of its own.

Its schema refuses a row without a title, and after that every further row of the run: here each column but the id may be null.
"""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.engine import URL

_COLUMNS = """
    id serial PRIMARY KEY, date_modify timestamp, date_download timestamp, localpath text, filename text, source_domain text,
    url text, image_url text, title text, title_page text, title_rss text, maintext text, description text, date_publish timestamp,
    authors text[], language text, ancestor int, descendant int, version int
"""
TABLES = tuple(f"CREATE TABLE {name} ({_COLUMNS})" for name in ("CurrentVersions", "ArchiveVersions"))
STORED = "SELECT count(*) FROM CurrentVersions"
_CONFIG = """
[Crawler]
default = RecursiveCrawler
check_certificate = False
ignore_file_extensions = "(pdf)|(png)|(jpg)|(css)"
ignore_regex = "(mail[tT]o)|([jJ]avascript)|(tel)|(fax)"
[Heuristics]
enabled_heuristics = {{"linked_headlines": "<=0.65"}}
pass_heuristics_condition = "linked_headlines"
min_headlines_for_linked_test = 5
[Files]
relative_to_start_processes_file = True
url_input_file_name = sitelist.hjson
working_path = {folder}/
local_data_directory = {folder}/data/%time_execution(%Y)/%appendmd5_url_directory_string(60)_%appendmd5_max_url_file_name_%timestamp_download.html
format_relative_path = True
[Postgresql]
host = '{host}'
port = {port}
database = '{database}'
user = '{user}'
password = '{password}'
[ArticleMasterExtractor]
extractors = ['newspaper_extractor', 'readability_extractor', 'date_extractor', 'lang_detect_extractor']
[Scrapy]
LOG_LEVEL = ERROR
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 16
SPIDER_MODULES = ['newsplease.crawler.spiders']
NEWSPIDER_MODULE = 'newsplease.crawler.spiders'
JOBDIRNAME = .resume_jobdir
BOT_NAME = 'news-please'
USER_AGENT = 'news-please'
ITEM_CLASS = 'newsplease.crawler.items.NewscrawlerItem'
ITEM_PIPELINES = {{'newsplease.pipeline.pipelines.ArticleMasterExtractor': 100, 'newsplease.pipeline.pipelines.PostgresqlStorage': 200}}
"""


def command(python: Path, folder: Path, site: str, database: URL) -> list[str]:
    """Return the command that crawls a site into a database with ``TABLES``, as news-please itself starts it for each site."""
    config, sites = folder / "config.cfg", folder / "sitelist.hjson"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            host=database.host or database.query.get("host", "localhost"),
            port=database.port or 5432,
            database=database.database,
            user=database.username,
            password=database.password or "",
        ),
        encoding="utf-8",
    )
    sites.write_text(json.dumps({"base_urls": [{"url": site, "crawler": "RecursiveCrawler"}]}), encoding="utf-8")
    return [str(python), "-m", "newsplease.single_crawler", str(config), str(sites), "0", "False", "False"]
