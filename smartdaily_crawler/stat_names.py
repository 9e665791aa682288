"""Names of a run's statistics, for the code that counts an event and the code that evaluates the count.

Scrapy's own names (``response_received_count``, ``elapsed_time_seconds``) are not repeated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Stat:
    """Names of all statistics of the crawler. Methods return those that end in a kind, a field or a reason."""

    RUN_ID = "run/id"
    RUN_MODE = "run/mode"
    RUN_DATABASE = "run/database"
    RUN_REASON = "run/reason"
    RUN_VERDICT = "run/verdict"
    RUN_REASONS = "run/reasons"
    """Reasons of a verdict that is not ``healthy``; a list of texts."""
    RUN_COMPLAINT = "run/error"
    """Why the run could not continue: one line for the operator."""
    RUN_DEAD = "run/dead"
    """Number of earlier runs of the site that had been killed."""
    REQUESTED = "ledger/requested"
    """Canonical URLs requested; each has one outcome."""

    CATEGORY_SEEN = "category/seen"
    CATEGORY_ASKED = "category/asked"
    CATEGORY_ANSWERED = "category/answered"
    CATEGORY_LEFT = "category/left"
    """With ``poll=due``: categories left to later runs, as few new entries are expected."""
    CATEGORY_NEW = "category/new"
    LISTING_EMPTY = "listing/empty"
    ENTRY_NEW = "entry/new"
    REVISIT_REQUESTED = "revisit/requested"

    DISCOVER = "discover/mode"
    """The argument ``discover``, if feeds are read."""
    SOURCE_ASKED = "discover/asked"
    """Feeds and sitemaps that the site announces, without those that an index names."""
    SOURCE_ANSWERED = "discover/answered"
    """Those that could be read, or are unchanged."""
    SITEMAP_PUT_OFF = "discover/put_off"
    """Feeds and sitemaps left out, as ``DISCOVERY_BUDGET`` was reached, or an index names another one."""
    LISTS_NEWEST = "discover/newest_on_lists"
    """Latest day that a list page shows, in ISO 8601."""
    USUAL_PLACE = "discover/place"
    """Which of the usual places has a feed or sitemap; empty if none has. Later runs take it over."""
    USUAL_PLACE_ON = "discover/place_on"
    """Day, in ISO 8601, on which the usual places were asked for."""

    ARTICLE_MET = "article/met"
    """Articles read, each counted once even if it is read at several URLs."""
    ARTICLE_READ = "article/read"
    FIELDS = ("title", "published_on", "source", "body", "teasers")
    """Fields of which it is counted how many articles read are without them."""
    ARTICLE_COMPARED = "article/compared"
    """Articles whose text was compared with those of the run's other articles."""
    ARTICLE_REPEATED = "article/repeated"
    """Those with a text that an article at another canonical URL had before."""
    ARTICLE_NEW = "article/new"
    ARTICLE_CHANGED = "article/changed"
    ARTICLE_DISCOVERED = "article/discovered"
    ARTICLE_DUPLICATE = "article/duplicate"
    ARTICLE_MISSING = "article/missing"
    """Articles with status 404 or 410 for the first time."""
    ARTICLE_GONE = "article/gone"
    GONE_SINCE = "article/gone_since"
    """With the statistics of an earlier run: articles that are gone since it began; ``None`` for none."""
    ARTICLE_BACK = "article/back"
    ARTICLE_REJECTED_AGAIN = "article/rejected_again"
    REVISION = "revision"
    TEASER_NEW = "teaser/new"
    TEASER_REMOVED = "teaser/removed"

    CLOCK_PLAUSIBLE = "clock/plausible"
    CLOCK_IMPLAUSIBLE = "clock/implausible"
    """Pages whose ``Date`` header is not beside our own clock: their dates are read by ours."""
    DATE_IMPOSSIBLE = "date/impossible"
    """Articles stored without their date, which cannot be one."""
    DATE_READ_AGAIN = "date/read_again"
    """Stored articles whose printed date lay ahead when they were read, and does no longer."""

    ROBOTS_FORBIDDEN = "robots/forbidden"
    ROBOTS_UNREACHABLE = "robots/unreachable"
    ARTICLE_PUT_OFF = "article/put_off"
    """Articles left to later runs, as ``ARTICLE_BUDGET`` was reached."""
    TEASER_PUT_OFF = "teaser/put_off"
    """Targets of teasers left to the end of the run and to later runs, as ``TARGETS_PER_ENTRY`` was reached."""
    TEASER_OFFSITE = "link_rejected/teaser"
    ARTICLE_MOVED = "article/moved"
    """Known articles that got another URL; ``moved`` counts them by kind."""
    CANONICAL_REFUSED = "article/canonical_refused"
    """Pages that name a canonical URL at which another text is known."""
    ARTICLE_WITHDRAWN = "article/withdrawn"
    """New articles taken back, as their page was a notice that the run found in place of known articles too."""
    ARTICLE_DISAPPEARED = "article/disappeared"
    """Known articles that were gone, but too many at once to be believed: none was marked."""

    RENDER_MS = "render/ms"
    RENDER_UNAVAILABLE = "render/unavailable"
    RENDER_TIMEOUT = "render/timeout"
    RENDER_FORBIDDEN = "render/forbidden"
    """Requests of rendered pages to their own host that its robots.txt forbids; they are not sent."""

    RENDER_RESOURCES = "render/resources"
    """Requests of rendered pages to their own host, beside the pages; each counts against the host's delay."""
    RENDER_PAUSE_CUT = "render/pause_cut"
    """Pages that made so many that the delay for them was cut to ``RENDER_PAUSE_MAX``."""

    RULES = "rules"
    """Digest of the site's own rules for articles; missing without any."""

    FEED_FAILED = "feed/failed"
    """Error messages of feeds that could not be written; a list."""

    TEXT_FAILED = "texts/failed"
    """Articles of the run whose texts could not be compared and indexed."""
    TEXT_CUT = "texts/cut"
    """Articles of the run whose texts are too long: only their beginning is compared and indexed."""
    TEXT_WAITING = "texts/waiting"
    """Texts, of all sites, that waited at the end of the run to be compared and indexed."""

    SPOOL_WRITTEN = "spool/written"
    SPOOL_LOST = "spool/lost"
    SPOOL_DRAINED = "spool/drained"
    SPOOL_FILE = "spool/file"

    ARCHIVE_WRITTEN = "archive/written"
    """Responses written to the archive, revisits included."""
    ARCHIVE_REVISIT = "archive/revisit"
    """Those of unchanged pages, without their bytes."""
    ARCHIVE_BYTES = "archive/bytes"
    ARCHIVE_MS = "archive/ms"
    """Milliseconds that responses waited to be in the archive."""
    ARCHIVE_FAILED = "archive/failed"
    """Responses that are not in the archive, as its folder did not take them."""

    # Prefixes of names with a variable end; ``ends`` collects these.
    ARTICLES = "articles/"
    REASON = "reason/"
    GAP = "gap/"
    DISCOVERY = "discover/"
    FOUND_BY = "discover/new/"
    NEWEST = "discover/newest/"
    MOVED = "article/moved/"
    UNTURNED = "pager/unturned/"
    UNORDERED = "listing/unordered/"
    DRIFT = "drift/"
    DIFFERS = "differs/"
    PAUSED_UNTIL = "throttle/until/"
    IMAGE = "image/"
    JS_REQUIRED = "render/js_required/"
    STATIC = "render/static/"

    @staticmethod
    def outcome(kind: str, outcome: str) -> str:
        """Requests of a kind with this outcome."""
        return f"outcome/{kind}/{outcome}"

    @staticmethod
    def reason(reason: str) -> str:
        """Requests rejected, skipped or failed for this reason."""
        return f"{Stat.REASON}{reason}"

    @staticmethod
    def articles(state: str) -> str:
        """Articles of the site in this state at the end of the run, as ``api.article`` names it."""
        return f"{Stat.ARTICLES}{state}"

    @staticmethod
    def missing(field: str) -> str:
        """Articles read without the field, one of ``FIELDS``."""
        return f"missing/{field}"

    @staticmethod
    def provenance(field: str, how: str) -> str:
        """Articles whose field was found in this way."""
        return f"provenance/{field}/{how}"

    @staticmethod
    def drift(field: str) -> str:
        """Pages on which the site's rule for a field matches nothing, but the structure has a value."""
        return f"{Stat.DRIFT}{field}"

    @staticmethod
    def differs(field: str) -> str:
        """Pages on which the site's rule for a field and the structure have different values."""
        return f"{Stat.DIFFERS}{field}"

    @staticmethod
    def meta_conflict(field: str) -> str:
        """Pages whose metadata disagrees with their visible text."""
        return f"meta/{field}"

    @staticmethod
    def moved(kind: str) -> str:
        """Known articles whose URL changed in these parts, as ``urls.kind_of_move`` names them."""
        return f"{Stat.MOVED}{kind}"

    @staticmethod
    def found_by(what: str) -> str:
        """Articles new to the crawl that ``lists`` only show, ``feeds`` only, or ``both``; counted if the run reads both."""
        return f"{Stat.FOUND_BY}{what}"

    @staticmethod
    def newest(url: str) -> str:
        """Latest day of the entries of a feed or sitemap, in ISO 8601. Later runs take it over."""
        return f"{Stat.NEWEST}{url}"

    @staticmethod
    def gap(category: str) -> str:
        """1 if more was published in the category since the last run than its first list page holds."""
        return f"{Stat.GAP}{category}"

    @staticmethod
    def unturned(category: str) -> str:
        """1 if the category has further entries without an address."""
        return f"{Stat.UNTURNED}{category}"

    @staticmethod
    def unordered(category: str) -> str:
        """1 if the category's list is not in the order of its dates."""
        return f"{Stat.UNORDERED}{category}"

    @staticmethod
    def pager(end: str) -> str:
        """Categories whose walk ended for this reason, a ``paging.End`` or ``unchanged``."""
        return f"pager/{end}"

    @staticmethod
    def link_rejected(reason: str) -> str:
        """Links not followed for this reason."""
        return f"link_rejected/{reason}"

    @staticmethod
    def throttled(status: int) -> str:
        """Responses of this status, 429 or 503, after which requests paused."""
        return f"throttle/{status}"

    @staticmethod
    def paused_until(host: str) -> str:
        """Time in ISO 8601, UTC, before which neither this run nor the next one requests the host."""
        return f"{Stat.PAUSED_UNTIL}{host}"

    @staticmethod
    def image(outcome: str) -> str:
        """Pictures of articles with this outcome; ``unchanged`` for those that were not requested, as they are kept."""
        return f"{Stat.IMAGE}{outcome}"

    @staticmethod
    def image_reason(reason: str) -> str:
        """Pictures that are gone, rejected, skipped or failed for this reason."""
        return f"{Stat.IMAGE}reason/{reason}"

    @staticmethod
    def rendered(renderer: str) -> str:
        """Pages rendered by this renderer."""
        return f"render/{renderer}"

    @staticmethod
    def js_required(section: str) -> str:
        """App shells in the section, those of earlier runs included."""
        return f"{Stat.JS_REQUIRED}{section}"

    @staticmethod
    def static(section: str) -> str:
        """Pages of the section that were complete without scripts."""
        return f"{Stat.STATIC}{section}"

    @staticmethod
    def ends(stats: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        """Return the statistics with this prefix, by the rest of their names.

        >>> Stat.ends({"reason/timeout": 2, "run/id": 1}, Stat.REASON)
        {'timeout': 2}
        """
        return {name.removeprefix(prefix): value for name, value in stats.items() if name.startswith(prefix)}
