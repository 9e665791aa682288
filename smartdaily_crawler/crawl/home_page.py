"""Why a walk cannot begin at a home page, in words for an operator."""

from __future__ import annotations

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.rejection import home_marker
from smartdaily_crawler.parsing.language import is_other
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.sites.profile import Render

_FAILURES = {
    Reason.ROBOTS_FORBIDDEN: "its robots.txt forbids this crawler to fetch the home page",
    Reason.ROBOTS_UNREACHABLE: "it cannot be reached (its robots.txt gives no answer, so nothing may be fetched)",
    Reason.CONNECTION_REFUSED: "it refuses the connection",
    Reason.DNS_FAILURE: "there is no such host",
    Reason.TIMEOUT: "it does not answer in time",
    Reason.REDIRECT_OFFSITE: "it redirects to another host; give that one as SITE_URL",
    Reason.REDIRECT_PRIVATE: "it redirects to a private address",
    Reason.PRIVATE_ADDRESS: "it redirects to a host at a private address; if that is yours, name it in PRIVATE_HOSTS",
    Reason.REDIRECT_LOOP: "it redirects in a loop",
    Reason.RETRY_LATER: "it answers nothing but 429 or 503, and asks to come back later",
    Reason.NOT_HTML: "its home page is not HTML",
    Reason.RENDERER_UNAVAILABLE: "the renderer of its pages does not answer",
    Reason.RENDER_FAILED: "its home page cannot be shown by the renderer",
    Reason.RENDER_TIMEOUT: "its home page does not load in the renderer",
}

_MARKERS = {
    "json": "its home page is JSON, not HTML; give the address of the page that readers see as SITE_URL",
    Reason.EMPTY: "its home page is empty",
    "shell": "its home page is an app shell that scripts fill; crawl with render=auto",
    Reason.CAPTCHA: "its home page is a captcha",
    Reason.BLOCKED: "its home page denies access",
    Reason.ERROR_PAGE: "its home page is an error or maintenance page",
    Reason.SOFT_404: "its home page is a page for missing pages",
    Reason.LOGIN_WALL: "its home page asks to log in",
}
"""What a home page without categories is, by the marker of ``pages.rejection.home_marker``."""


def rejection_reason(document: Document | None, language: str, *, found: bool) -> str | None:
    """Return why the walk cannot begin at a home page; ``None`` if it can.

    :param document: ``None`` if the response is not HTML.
    :param language: tag of the site's language.
    :param found: the page has categories; those of another edition would be added to the site's own.
    """
    if document is None:
        return Reason.NOT_HTML
    if is_other("\n".join(line.text for line in document.lines), language):
        return Reason.OTHER_LANGUAGE
    return None if found else Reason.NO_CATEGORY


def explain_rejection(reason: str, document: Document | None, language: str, policy: Render) -> str:
    """Return a phrase for a ``rejection_reason``, with what the page is instead, where that can be told."""
    if reason == Reason.OTHER_LANGUAGE:
        return f"its home page is not in {language}, the language of the site's profile"
    if reason in _FAILURES:
        return _FAILURES[reason]
    marker = home_marker(document) if document else None
    if marker == "shell" and policy != "never":
        return "no category found in its navigation, also not by its scripts"
    return f"no category found: {_MARKERS[marker]}" if marker in _MARKERS else "no category found in its navigation"


def explain_failure(reason: str) -> str:
    """Return a phrase for the reason of an outcome without a page."""
    return _FAILURES.get(reason, f"its home page could not be fetched ({reason})")
