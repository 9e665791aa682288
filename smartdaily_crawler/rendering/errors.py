"""Errors of rendering, other than the site's own error responses."""

from __future__ import annotations

from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError


class RendererUnavailableError(DownloadFailedError):
    """The renderer did not answer, or its answer was invalid; the request is retried."""


class RenderTimeoutError(DownloadTimeoutError):
    """The renderer is available, but the page did not load in time; the request is retried."""


class RendererGivenUpError(Exception):
    """The renderer did not answer for so long that this run uses it no more."""


class RenderFailedError(DownloadFailedError):
    """The renderer failed to load the page for a reason not listed here; the request is retried."""
