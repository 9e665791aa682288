"""Why a page could not be rendered, apart from what the site itself answered."""

from __future__ import annotations

from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError


class RendererUnavailableError(DownloadFailedError):
    """The renderer did not answer, or not as one; the request is tried again."""


class RenderTimeoutError(DownloadTimeoutError):
    """The renderer is there, the page did not load in time; the request is tried again."""


class RendererGivenUpError(Exception):
    """The renderer was away for so long that this run asks it no more."""


class RenderFailedError(DownloadFailedError):
    """The renderer could not load the page for a reason of its own; the request is tried again."""
