"""Settings of the crawler, and the only module that reads the environment.

The component lists are in the order in which a page passes them. ``docs/settings.md`` explains the crawler's own settings.
"""

import os
import shutil
import sys

from smartdaily_crawler import __version__

BOT_NAME = "smartdaily_crawler"
SPIDER_MODULES = ["smartdaily_crawler.spiders"]
NEWSPIDER_MODULE = "smartdaily_crawler.spiders"
COMMANDS_MODULE = "smartdaily_crawler.commands"
CRAWLER_VERSION = __version__

# --- site and database ----------------------------------------------------------------------------------------------

SITE_URL = os.environ.get("SITE_URL") or None
DATABASE_URL = os.environ.get("DATABASE_URL") or None
DATA_DIR = os.environ.get("DATA_DIR") or ".data"
RECORDED_DIR = "recorded"
SPOOL_DIR = os.environ.get("SPOOL_DIR") or None
PGBIN = os.environ.get("PGBIN") or None
WEB_TOKEN = os.environ.get("WEB_TOKEN") or None
# Set for a scheduler's job; scrapyd passes its own as a spider argument. A job needs a database of its own: the embedded server
# would be one in the job's working folder, which no other process finds.
JOB = os.environ.get("SCRAPY_JOB") or None
DATABASE_REQUIRED = None  # true if JOB is set

# Read by scrapy-splash too, which does not accept None as user or password.
SPLASH_URL = os.environ.get("SPLASH_URL") or None
SPLASH_USER = os.environ.get("SPLASH_USER") or ""
SPLASH_PASS = os.environ.get("SPLASH_PASS") or ""

# --- the walk -------------------------------------------------------------------------------------------------------

# The lock of the site is held meanwhile.
CLOSESPIDER_TIMEOUT = 6 * 60 * 60  # seconds
ARTICLE_BUDGET = 20_000
LISTING_PAGE_BUDGET = 500
DISCOVERY_BUDGET = 20
TARGETS_PER_ENTRY = 20
CAUGHT_UP_AFTER = 10
ARTICLE_PART_BUDGET = 50
REVISIT_SCHEDULE = "2h:15m 1d:2h 7d:1d 30d:7d 180d:30d"
REVISIT_LIMIT = 1000
POLL_BUDGET = 264  # requests a day
POLL_SHORTEST = 300.0  # seconds
POLL_LONGEST = 28_800.0  # seconds
SILENT_AFTER = 3.0  # days
PERSIST_BATCH_SIZE = 250
STORAGE_PATIENCE = 60.0  # seconds
# Half of STORAGE_PATIENCE, so that a dead connection is noticed and replaced in time.
DATABASE_TIMEOUT = 30.0  # seconds

# --- pictures of articles -------------------------------------------------------------------------------------------

IMAGES_STORE = os.environ.get("IMAGES_STORE") or None
IMAGES_EXPIRES = 90  # days

# --- the archive ----------------------------------------------------------------------------------------------------

ARCHIVE = os.environ.get("ARCHIVE") or None
ARCHIVE_FILE_SIZE = 1_000_000_000  # bytes

REQUEST_FINGERPRINTER_CLASS = "smartdaily_crawler.crawl.fingerprint.CanonicalRequestFingerprinter"
DUPEFILTER_CLASS = "smartdaily_crawler.memory.dupe_filter.HashingDupeFilter"
SCHEDULER_MEMORY_QUEUE = "smartdaily_crawler.memory.request_queue.SpillingLifoQueue"

# --- pages that need a browser (docs/rendering.md) -------------------------------------------------------------------

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
RENDER_CONCURRENCY = 4
RENDER_TIMEOUT = 20.0  # seconds
RENDER_SCROLLS = 100
RENDER_SCROLL_TIMEOUT = 40.0  # seconds; with the other timeouts below Splash's --max-timeout of 90
RENDER_PAUSE_MAX = 60.0  # seconds
RENDERER_PATIENCE = 60.0  # seconds
PLAYWRIGHT_BROWSER_TYPE = "chromium"
PLAYWRIGHT_LAUNCH_OPTIONS = {
    "args": [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--block-new-web-contents",
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        # Separate processes for a page's frames take a third of the browser's time, and there are no secrets to isolate.
        "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess",
        "--disable-site-isolation-trials",
    ],
    # As root Chromium starts only without its sandbox; better run it as another user.
    "chromium_sandbox": os.geteuid() != 0,
}
DOWNLOAD_HANDLERS = {
    "http": "smartdaily_crawler.rendering.handler.RenderingDownloadHandler",
    "https": "smartdaily_crawler.rendering.handler.RenderingDownloadHandler",
}

# --- components -----------------------------------------------------------------------------------------------------

# Requests pass the downloader middlewares in this order, responses in the opposite one.
SPIDER_MIDDLEWARES = {"smartdaily_crawler.middlewares.offsite.OffsiteMiddleware": 60}
DOWNLOADER_MIDDLEWARES = {
    "smartdaily_crawler.logs.RunLog": 0,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # allows everything if robots.txt is unreachable
    "smartdaily_crawler.middlewares.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "smartdaily_crawler.middlewares.redirect.SiteMetaRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "smartdaily_crawler.middlewares.redirect.SiteRedirectMiddleware": 600,
    "smartdaily_crawler.middlewares.render.RenderMiddleware": 700,
    "smartdaily_crawler.middlewares.throttle.ThrottleMiddleware": 900,
    "smartdaily_crawler.middlewares.archive.ArchiveMiddleware": 950,
}
# Items become rows.
ITEM_PIPELINES = {
    "pipelines.validate.ValidatePipeline": 100,
    "pipelines.deduplicate.DeduplicatePipeline": 200,
    "pipelines.persist.PersistPipeline": 300,
    "pipelines.images.ArticleImages": 400,
}
EXTENSIONS = {
    "scrapy.extensions.feedexport.FeedExporter": None,
    "smartdaily_crawler.feeds.FeedExporter": 0,
    "pipelines.run.context.RunContext": 90,
    "pipelines.run.revisit.Revisit": 100,
    "smartdaily_crawler.extensions.progress.Progress": 500,
    "smartdaily_crawler.extensions.summary.Summary": 510,
    "smartdaily_crawler.extensions.monitoring.Monitoring": 600,
    "smartdaily_crawler.extensions.webhook.Webhook": 610,
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
SPIDERMON_ENABLED = os.environ.get("SPIDERMON_ENABLED") or False
# The verdict is set when the engine has stopped.
SPIDERMON_ENGINE_STOP_MONITORS = ["smartdaily_crawler.monitors.RunSuite"]
PROGRESS_ENABLED = False
# Only for somebody who is looking: cron would mail it after each healthy run, and a pipe may carry a feed (-O -:jsonl). The log has it
# in any case.
SUMMARY_ENABLED = sys.stdout.isatty()

# --- the network ----------------------------------------------------------------------------------------------------

PRIVATE_HOSTS: list[str] = []

# --- politeness -----------------------------------------------------------------------------------------------------

_CONTACT = os.environ.get("CONTACT")
USER_AGENT = f"smartdaily-crawler/{__version__}" + (f" (+{_CONTACT})" if _CONTACT else "")
ROBOTSTXT_OBEY = True
ROBOTS_MAX_AGE = 86_400.0  # seconds; RFC 9309, section 2.4
CRAWL_DELAY_MAX = 30.0  # seconds
RETRY_AFTER_MAX = 120.0  # seconds
RETRY_AFTER_TIMES = 5
HOST_PAUSE_MAX = 86_400.0  # seconds
COOKIES_ENABLED = False
# For public sites; on a private network the spider lifts these limits (see politeness.relax_for_private_host).
DOWNLOAD_DELAY = 0.5
CONCURRENT_REQUESTS = 16
CONCURRENT_ITEMS = 2  # per response, which yields one item; Scrapy starts this many tasks for each
CONCURRENT_REQUESTS_PER_DOMAIN = 2
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0

# Below the grace period of systemd (90 s) and Kubernetes (30 s), as a clean stop waits for requests in flight. It waits 5 s for pages
# being rendered.
DOWNLOAD_TIMEOUT = 20
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
REDIRECT_MAX_TIMES = 5
METAREFRESH_MAXDELAY = 10  # seconds; a page that leads on later is there to be read
METAREFRESH_IGNORE_TAGS = ["script", "noscript"]
RETRY_TIMES = 2

# --- logs and consoles ----------------------------------------------------------------------------------------------

LOG_LEVEL = os.environ.get("LOG_LEVEL") or "INFO"
LOG_FILE = os.environ.get("LOG_FILE") or None
LOG_VERSIONS: list[str] = []
LOG_DATEFORMAT = "%Y-%m-%dT%H:%M:%S%z"  # with the offset of the local zone
JSON_LOGS = os.environ.get("JSON_LOGS") or False
# After a run whose verdict is worse than healthy.
WEBHOOK_URL = os.environ.get("WEBHOOK_URL") or None
WEBHOOK_TIMEOUT = 10.0  # seconds
# Both listen on a port; the second one runs any Python code posted to it.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
