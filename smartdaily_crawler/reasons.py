"""Reasons: why an address ended as it did, and why a run closed.

Short, stable, snake_case. They stand in ``api.outcome.reason`` and ``api.run.reason``, and the verdict is told by them.
"""

from __future__ import annotations


class Reason:
    """Why an address has its outcome. Methods give those that end in a status, an error or another reason."""

    ALTERNATE_URL = "alternate_url"
    CONNECTION_LOST = "connection_lost"
    CONNECTION_REFUSED = "connection_refused"
    CUT_SHORT = "cut_short"
    DEAD_LETTER = "dead_letter"
    DNS_FAILURE = "dns_failure"
    IGNORED = "ignored"
    IMPOSSIBLE_DATE = "impossible_date"
    LISTING = "listing"
    LOST = "lost"
    """Requested, and no component told what became of it."""
    NO_BODY = "no_body"
    NO_CATEGORY = "no_category"
    NO_ENTRIES = "no_entries"
    NO_TITLE = "no_title"
    NOT_HTML = "not_html"
    OLDER = "older"
    PART_REJECTED = "part_rejected"
    REDIRECT = "redirect"
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_OFFSITE = "redirect_offsite"
    REDIRECT_PRIVATE = "redirect_private"
    REDIRECT_SEEN = "redirect_seen"
    RENDER_FAILED = "render_failed"
    RENDER_TIMEOUT = "render_timeout"
    RENDERER_UNAVAILABLE = "renderer_unavailable"
    ROBOTS_FORBIDDEN = "robots_forbidden"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    RUN_STOPPED = "run_stopped"
    SEEN = "seen"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"

    PIPELINE = "pipeline_"
    """Prefix: an exception in a pipeline, by its class."""

    @staticmethod
    def callback(error: BaseException | None) -> str:
        """An exception in a callback of the spider."""
        return f"callback_{type(error).__name__}"

    @staticmethod
    def pipeline(error: BaseException | None) -> str:
        """An exception in a pipeline."""
        return f"{Reason.PIPELINE}{type(error).__name__}"

    @staticmethod
    def dropped(error: BaseException) -> str:
        """An item that a pipeline dropped."""
        return f"dropped_{type(error).__name__}"

    @staticmethod
    def http(status: int) -> str:
        """An answer with an error's status."""
        return f"http_{status}"

    @staticmethod
    def part(reason: str | None) -> str:
        """An article whose further page ended for *reason*."""
        return f"part_{reason}"

    @staticmethod
    def redirect(rejection: str) -> str:
        """A redirect to an address that may not be requested."""
        return f"redirect_{rejection}"


class CloseReason:
    """Why a run closed, beside what Scrapy gives (``closespider_…``) and the reasons above for a home page."""

    FINISHED = "finished"
    SHUTDOWN = "shutdown"
    ABORTED = "aborted"
    """Killed: found by a later run."""
    CODE_ERROR = "code_error"
    """The code that writes items failed; what is not stored waits in the spool."""
    FEED_FAILED = "feed_failed"
    DATABASE_REFUSED = "database_refused"
    OVERLAP = "overlap"
    SITE_UNREACHABLE = "site_unreachable"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    UNKNOWN_CATEGORY = "unknown_category"
