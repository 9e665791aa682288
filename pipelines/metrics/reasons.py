"""Reasons of outcomes as values of a label: a bounded set, whatever servers answer and whichever exceptions are raised."""

from __future__ import annotations

from http import HTTPStatus

from smartdaily_crawler.reasons import Reason

OTHER = "other"
_KNOWN = {
    *(value for name, value in vars(Reason).items() if name.isupper() and isinstance(value, str)),
    *(Reason.http(status) for status in HTTPStatus),
}
_PREFIXES = ("callback_", "dropped_", "part_", "redirect_", Reason.PIPELINE)
"""Of reasons that end in an exception's or another reason's name."""


def label(reason: str) -> str:
    """Return the value of the label ``reason`` for the reason of an outcome.

    >>> [label(reason) for reason in ("no_body", "http_404", "http_799", "pipeline_KeyError", "part_http_500", "new")]
    ['no_body', 'http_404', 'other', 'pipeline', 'part', 'other']
    """
    if reason in _KNOWN:
        return reason
    return next((prefix.rstrip("_") for prefix in _PREFIXES if reason.startswith(prefix)), OTHER)
