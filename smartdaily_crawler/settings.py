"""Every setting of the crawler, and the only place that reads the environment.

The ordered component lists tell the story of a page. ``docs/settings.md`` explains each setting that is ours.
"""

import os
import shutil

from smartdaily_crawler import __version__

BOT_NAME = "smartdaily_crawler"
SPIDER_MODULES = ["smartdaily_crawler.spiders"]
NEWSPIDER_MODULE = "smartdaily_crawler.spiders"
COMMANDS_MODULE = "smartdaily_crawler.commands"
CRAWLER_VERSION = __version__

# --- where from, where to -------------------------------------------------------------------------------------------

SITE_URL = os.environ.get("SITE_URL") or None
DATABASE_URL = os.environ.get("DATABASE_URL") or None
DATA_DIR = os.environ.get("DATA_DIR") or ".data"
SPOOL_DIR = os.environ.get("SPOOL_DIR") or None
PGBIN = os.environ.get("PGBIN") or None
# Of a scheduler's job; scrapyd's own name for one arrives as a spider argument. A job must not end up in a server that only its own working folder knows.
JOB = os.environ.get("SCRAPY_JOB") or None
DATABASE_REQUIRED = JOB is not None

# Read by scrapy-splash too, which takes no None for a name or a password.
SPLASH_URL = os.environ.get("SPLASH_URL") or None
SPLASH_USER = os.environ.get("SPLASH_USER") or ""
SPLASH_PASS = os.environ.get("SPLASH_PASS") or ""

# --- the walk -------------------------------------------------------------------------------------------------------

LISTING_PAGE_BUDGET = 500
CAUGHT_UP_AFTER = 10
ARTICLE_PART_BUDGET = 50
REVISIT_LADDER = "2h:15m 1d:2h 7d:1d 30d:7d 180d:30d"
REVISIT_LIMIT = 1000
SILENT_AFTER = 3.0  # days
PERSIST_BATCH_SIZE = 250
STORAGE_PATIENCE = 60.0  # seconds
# Half of that, so that a line which is found dead is tried anew in time.
DATABASE_TIMEOUT = 30.0  # seconds

REQUEST_FINGERPRINTER_CLASS = "smartdaily_crawler.crawl.fingerprint.CanonicalRequestFingerprinter"

# --- pages that need a browser (docs/rendering.md) -------------------------------------------------------------------

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
RENDER_CONCURRENCY = 4
RENDER_TIMEOUT = 20.0  # seconds
RENDER_SCROLLS = 100
RENDER_SCROLL_TIMEOUT = 40.0  # seconds; all together below Splash's --max-timeout of 90
RENDERER_PATIENCE = 60.0  # seconds
PLAYWRIGHT_BROWSER_TYPE = "chromium"
PLAYWRIGHT_LAUNCH_OPTIONS = {
    "executable_path": CHROMIUM,
    "args": [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--block-new-web-contents",
        # A page's frames in processes of their own: a third of the browser's time, and there are no secrets to keep apart.
        "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess",
        "--disable-site-isolation-trials",
    ],
    # As root it starts in no other way; it is better not run as root.
    "chromium_sandbox": os.geteuid() != 0,
}
DOWNLOAD_HANDLERS = {
    "http": "smartdaily_crawler.rendering.handler.RenderingDownloadHandler",
    "https": "smartdaily_crawler.rendering.handler.RenderingDownloadHandler",
}

# --- the way of a page ----------------------------------------------------------------------------------------------

# A link on its way out, a page on its way in.
SPIDER_MIDDLEWARES = {
    "smartdaily_crawler.middlewares.offsite.AddressGuard": 60,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # drops without a trace; AddressGuard counts
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # knows no ports and no private addresses
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # takes an unreachable robots.txt for a yes
    "smartdaily_crawler.middlewares.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "smartdaily_crawler.middlewares.redirect.SiteMetaRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "smartdaily_crawler.middlewares.redirect.SiteRedirectMiddleware": 600,
    "smartdaily_crawler.middlewares.render.RenderMiddleware": 700,
    "smartdaily_crawler.middlewares.throttle.PaceMiddleware": 900,
}
# An item becomes rows.
ITEM_PIPELINES = {
    "pipelines.validate.ValidatePipeline": 100,
    "pipelines.deduplicate.DeduplicatePipeline": 200,
    "pipelines.persist.PersistPipeline": 300,
}
EXTENSIONS = {
    "scrapy.extensions.feedexport.FeedExporter": None,
    "smartdaily_crawler.feeds.FeedExporter": 0,
    "pipelines.run.revisit.Revisit": 100,
    "smartdaily_crawler.extensions.progress.Progress": 500,
    "smartdaily_crawler.extensions.summary.Summary": 510,
}
# -o, -O and FEEDS (docs/feeds.md).
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {
    "json": "smartdaily_crawler.feeds.JsonExporter",
    "jsonl": "smartdaily_crawler.feeds.JsonLinesExporter",
    "jsonlines": "smartdaily_crawler.feeds.JsonLinesExporter",
    "jl": "smartdaily_crawler.feeds.JsonLinesExporter",
    "csv": "smartdaily_crawler.feeds.CsvExporter",
    "xml": "smartdaily_crawler.feeds.XmlExporter",
    "pickle": "smartdaily_crawler.feeds.PickleExporter",
    "marshal": "smartdaily_crawler.feeds.MarshalExporter",
}
# Spidermon is not among the requirements: it is imported where it is asked for. The verdict is there once all is closed.
SPIDERMON_ENABLED = bool(os.environ.get("SPIDERMON_ENABLED"))
SPIDERMON_ENGINE_STOP_MONITORS = ["smartdaily_crawler.monitors.RunSuite"]
if SPIDERMON_ENABLED:
    EXTENSIONS["spidermon.contrib.scrapy.extensions.Spidermon"] = 600
PROGRESS_ENABLED = False
SUMMARY_ENABLED = False

# --- manners --------------------------------------------------------------------------------------------------------

_CONTACT = os.environ.get("CONTACT")
USER_AGENT = f"smartdaily-crawler/{__version__}" + (f" (+{_CONTACT})" if _CONTACT else "")
ROBOTSTXT_OBEY = True
ROBOTS_MAX_AGE = 86_400.0  # seconds; RFC 9309, section 2.4
CRAWL_DELAY_MAX = 30.0  # seconds
RETRY_AFTER_MAX = 120.0  # seconds
RETRY_AFTER_TIMES = 5
COOKIES_ENABLED = False
# A live site; against loopback the spider lifts these (see NewsSpider.from_crawler).
DOWNLOAD_DELAY = 0.5
CONCURRENT_REQUESTS = 16
CONCURRENT_ITEMS = 4  # of one response, which brings one item; Scrapy starts as many tasks for each
CONCURRENT_REQUESTS_PER_DOMAIN = 2
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0

# Below the grace of systemd (90 s) and Kubernetes (30 s): a clean stop waits for what is in flight. So it does for pages that are
# being rendered, which take a second or two, and RENDER_TIMEOUT more where their content never comes.
DOWNLOAD_TIMEOUT = 20
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2

# --- what an operator sees ------------------------------------------------------------------------------------------

LOG_LEVEL = os.environ.get("LOG_LEVEL") or "INFO"
LOG_FILE = os.environ.get("LOG_FILE") or None
LOG_VERSIONS: list[str] = []
# Both listen on a port; the second runs whatever Python is posted to it.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
