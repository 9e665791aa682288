"""Names of a run's statistics: what counts an event and what judges by it use the same constant.

Scrapy's own names (``response_received_count``, ``elapsed_time_seconds``) are not repeated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Stat:
    """Every name that the crawler counts under; methods give those that end in a kind, a field or a reason."""

    RUN_ID = "run/id"
    RUN_MODE = "run/mode"
    RUN_DATABASE = "run/database"
    RUN_REASON = "run/reason"
    RUN_VERDICT = "run/verdict"
    RUN_REASONS = "run/reasons"
    """Why the verdict is not better; a list."""
    RUN_COMPLAINT = "run/error"
    """One line for the operator: why the run could not go on."""
    RUN_DEAD = "run/dead"
    """Earlier runs of the site that were found killed."""
    REQUESTED = "ledger/requested"
    """Addresses that were requested; each has one outcome."""

    CATEGORY_SEEN = "category/seen"
    CATEGORY_ASKED = "category/asked"
    CATEGORY_ANSWERED = "category/answered"
    CATEGORY_NEW = "category/new"
    LISTING_EMPTY = "listing/empty"
    ENTRY_NEW = "entry/new"
    REVISIT_REQUESTED = "revisit/requested"

    ARTICLE_MET = "article/met"
    """Articles that were fetched or confirmed, each once."""
    ARTICLE_READ = "article/read"
    ARTICLE_NEW = "article/new"
    ARTICLE_CHANGED = "article/changed"
    ARTICLE_DISCOVERED = "article/discovered"
    ARTICLE_DUPLICATE = "article/duplicate"
    ARTICLE_MISSING = "article/missing"
    """Articles that answered 404 for the first time."""
    ARTICLE_GONE = "article/gone"
    ARTICLE_BACK = "article/back"
    ARTICLE_REJECTED_AGAIN = "article/rejected_again"
    REVISION = "revision"
    TEASER_NEW = "teaser/new"
    TEASER_REMOVED = "teaser/removed"

    ROBOTS_FORBIDDEN = "robots/forbidden"
    ROBOTS_UNREACHABLE = "robots/unreachable"
    TEASER_OFFSITE = "link_rejected/teaser"

    RENDER_MS = "render/ms"
    RENDER_UNAVAILABLE = "render/unavailable"
    RENDER_TIMEOUT = "render/timeout"

    FEED_FAILED = "feed/failed"
    """Sentences about the feeds of Scrapy's that could not be written; a list."""

    SPOOL_WRITTEN = "spool/written"
    SPOOL_LOST = "spool/lost"
    SPOOL_DRAINED = "spool/drained"
    SPOOL_FILE = "spool/file"

    # Prefixes of names with a variable end; ``ends`` collects these.
    REASON = "reason/"
    GAP = "gap/"
    DRIFT = "drift/"
    JS_REQUIRED = "render/js_required/"
    STATIC = "render/static/"

    @staticmethod
    def outcome(kind: str, outcome: str) -> str:
        """Addresses of a kind that ended so."""
        return f"outcome/{kind}/{outcome}"

    @staticmethod
    def reason(reason: str) -> str:
        """Addresses that were rejected, skipped or failed for this reason."""
        return f"{Stat.REASON}{reason}"

    @staticmethod
    def missing(field: str) -> str:
        """Articles that were read without the field."""
        return f"missing/{field}"

    @staticmethod
    def provenance(field: str, how: str) -> str:
        """Articles whose field was found so."""
        return f"provenance/{field}/{how}"

    @staticmethod
    def drift(field: str) -> str:
        """Pages on which a profile's selector disagrees with the structure."""
        return f"{Stat.DRIFT}{field}"

    @staticmethod
    def meta_conflict(field: str) -> str:
        """Pages whose metadata disagrees with what they show."""
        return f"meta/{field}"

    @staticmethod
    def gap(category: str) -> str:
        """1 where more was published in the category than its first list page holds."""
        return f"{Stat.GAP}{category}"

    @staticmethod
    def pager(end: str) -> str:
        """Categories whose walk ended so."""
        return f"pager/{end}"

    @staticmethod
    def link_rejected(reason: str) -> str:
        """Links that were not followed."""
        return f"link_rejected/{reason}"

    @staticmethod
    def throttled(status: int) -> str:
        """Answers of this status that asked for a pause."""
        return f"throttle/{status}"

    @staticmethod
    def rendered(renderer: str) -> str:
        """Pages that the renderer returned."""
        return f"render/{renderer}"

    @staticmethod
    def js_required(place: str) -> str:
        """App shells met at this kind of page, those of earlier runs included."""
        return f"{Stat.JS_REQUIRED}{place}"

    @staticmethod
    def static(place: str) -> str:
        """Pages of this kind that were complete without scripts."""
        return f"{Stat.STATIC}{place}"

    @staticmethod
    def ends(stats: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        """Return the statistics under a prefix, by the rest of their names.

        >>> Stat.ends({"reason/timeout": 2, "run/id": 1}, Stat.REASON)
        {'timeout': 2}
        """
        return {name.removeprefix(prefix): value for name, value in stats.items() if name.startswith(prefix)}
