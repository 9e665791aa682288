"""Reasons of outcomes, and of the end of a run.

Short, stable, snake_case. They are stored in ``api.outcome.reason`` and ``api.run.reason``, and the verdict is derived from them.
"""

from __future__ import annotations


class Reason:
    """Reason of a request's outcome. Methods return those that end in a status, an error or another reason."""

    ALTERNATE_URL = "alternate_url"
    BLOCKED = "blocked"
    BY_RULE = "by_rule"
    """The site's own page class rejects the page."""
    CAPTCHA = "captcha"
    CATALOGUE = "catalogue"
    """Facts of a film, a book or a person, with a description."""
    COMMENTS = "comments"
    """What readers wrote below an article, on a page of its own."""
    CONNECTION_LOST = "connection_lost"
    CONNECTION_REFUSED = "connection_refused"
    CUT_SHORT = "cut_short"
    DEAD_LETTER = "dead_letter"
    DNS_FAILURE = "dns_failure"
    DOWNLOAD = "download"
    EMPTY = "empty"
    ERROR_PAGE = "error_page"
    EVENT = "event"
    """An offer to register for an event, or to buy tickets."""
    GALLERY = "gallery"
    IGNORED = "ignored"
    JOB = "job"
    LISTING = "listing"
    LIVE_ROOM = "live_room"
    LOGIN_WALL = "login_wall"
    LOST = "lost"
    """Requested, but no component reported an outcome."""
    MOJIBAKE = "mojibake"
    NO_BODY = "no_body"
    NO_CATEGORY = "no_category"
    NO_ENTRIES = "no_entries"
    NO_TITLE = "no_title"
    NOT_A_PICTURE = "not_a_picture"
    """The bytes are none, are cut short, or of a kind that may have scripts."""
    NOT_A_FEED = "not_a_feed"
    """No feed and no sitemap, or too broken to be read as one."""
    NOT_HTML = "not_html"
    NOTICE = "notice"
    """In place of several articles the site shows one page that has nothing in common with them."""
    OLDER = "older"
    OTHER_LANGUAGE = "other_language"
    PART_REJECTED = "part_rejected"
    PRIVATE_ADDRESS = "private_address"
    """The host's name resolves to an address of a private network."""
    PRODUCT = "product"
    QUESTION = "question"
    """A question of a reader, with the answers of others."""
    REDIRECT = "redirect"
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_OFFSITE = "redirect_offsite"
    REDIRECT_PRIVATE = "redirect_private"
    REDIRECT_SEEN = "redirect_seen"
    RENDER_FAILED = "render_failed"
    RENDER_TIMEOUT = "render_timeout"
    RENDERER_UNAVAILABLE = "renderer_unavailable"
    RETRY_LATER = "retry_later"
    """The host asks to come back later, and is not requested meanwhile."""
    ROBOTS_FORBIDDEN = "robots_forbidden"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    RUN_STOPPED = "run_stopped"
    SEEN = "seen"
    SITE_PAGE = "site_page"
    """A page of the site or a company on itself: about us, contact, privacy policy, terms."""
    SOFT_404 = "soft_404"
    TIMEOUT = "timeout"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    """The response is larger than ``DOWNLOAD_MAXSIZE``."""
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    """The article has more pictures than are requested."""
    TOO_MANY_ATTRIBUTES = "too_many_attributes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    """The picture is smaller than ``IMAGES_MIN_WIDTH`` or ``IMAGES_MIN_HEIGHT``."""
    UNTOLD_TITLE = "untold_title"
    """The page was read by the title of a list, and shows neither a list's title now nor another one that its text is about."""
    VIDEO = "video"
    UNCONFIRMED = "unconfirmed"
    """The page has nothing in common with the stored article: it is believed once another run reads such a page."""

    PIPELINE = "pipeline_"
    """Prefix of ``pipeline(…)``."""

    @staticmethod
    def callback(error: BaseException | None) -> str:
        """Return the reason of an exception in a callback of the spider."""
        return f"callback_{type(error).__name__}"

    @staticmethod
    def pipeline(error: BaseException | None) -> str:
        """Return the reason of an exception in a pipeline."""
        return f"{Reason.PIPELINE}{type(error).__name__}"

    @staticmethod
    def dropped(error: BaseException) -> str:
        """Return the reason of an item that a pipeline dropped."""
        return f"dropped_{type(error).__name__}"

    @staticmethod
    def http(status: int) -> str:
        """Return the reason of a response with an error status."""
        return f"http_{status}"

    @staticmethod
    def part(reason: str | None) -> str:
        """Return the reason of an article whose further page failed for *reason*."""
        return f"part_{reason}"

    @staticmethod
    def redirect(rejection: str) -> str:
        """Return the reason of a redirect to a URL that may not be requested."""
        return f"redirect_{rejection}"


OTHER_KINDS = (
    Reason.CATALOGUE,
    Reason.COMMENTS,
    Reason.DOWNLOAD,
    Reason.EVENT,
    Reason.GALLERY,
    Reason.JOB,
    Reason.LISTING,
    Reason.LIVE_ROOM,
    Reason.PRODUCT,
    Reason.QUESTION,
    Reason.SITE_PAGE,
    Reason.VIDEO,
)
"""Reasons that name another kind of page."""


class CloseReason:
    """Reason of the end of a run, in addition to Scrapy's (``closespider_…``) and those above of a home page."""

    FINISHED = "finished"
    SHUTDOWN = "shutdown"
    ABORTED = "aborted"
    """The process was killed; set by a later run."""
    BAD_ARGUMENT = "bad_argument"
    BAD_SETTING = "bad_setting"
    CODE_ERROR = "code_error"
    """The code that writes items failed; items that are not stored are in the spool."""
    FEED_FAILED = "feed_failed"
    NO_FEED = "no_feed"
    """The site announces no feed and no sitemap, and the walk was to read nothing else."""
    DATABASE_REFUSED = "database_refused"
    OVERLAP = "overlap"
    RETRY_LATER = Reason.RETRY_LATER
    SITE_UNREACHABLE = "site_unreachable"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    UNKNOWN_CATEGORY = "unknown_category"
