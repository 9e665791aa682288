"""Availability of a renderer: wait while it restarts, give it up after a longer outage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.errors import RendererGivenUpError

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
"""Seconds; Splash restarts in 2 to 4 when it has grown beyond ``--maxrss``."""
_POLL = 0.25
"""Seconds between two checks, while waiting, of whether the run is being stopped."""


class Availability:
    """Record of whether the renderer answered each request.

    After a request without an answer all requests wait for a pause that doubles each time. After *patience* seconds
    without any answer the renderer is given up, so that its pages do not hold up those that need no renderer.
    """

    def __init__(
        self, patience: float, is_stopping: Callable[[], bool], clock: Callable[[], float] = monotonic
    ) -> None:
        self.patience = patience
        self.is_stopping = is_stopping
        self.clock = clock
        self.is_given_up = False
        self._silent_since: float | None = None
        self._pause = _FIRST_PAUSE
        self._ask_at = 0.0

    @property
    def pause(self) -> float:
        """Seconds until the renderer may be requested again; 0 for now."""
        return max(self._ask_at - self.clock(), 0.0)

    def answered(self) -> None:
        self._silent_since, self._pause, self._ask_at = None, _FIRST_PAUSE, 0.0

    def was_silent(self, since: float) -> None:
        """Record a request without an answer.

        :param since: when the request was sent, on the clock.
        """
        now = self.clock()
        if self._silent_since is None:
            self._silent_since = since
        self.is_given_up = self.is_given_up or now - self._silent_since > self.patience
        if now >= self._ask_at:  # of several requests at once, only the first to fail sets the pause
            self._ask_at = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def wait(self) -> None:
        """Wait until the renderer may be requested. Raise RendererGivenUpError if it is given up, IgnoreRequest if the run stops."""
        while True:
            if self.is_stopping():
                raise IgnoreRequest(Reason.RUN_STOPPED)
            if self.is_given_up:
                raise RendererGivenUpError("the renderer is given up for this run")
            if not (pause := self.pause):
                return
            await asyncio.sleep(min(pause, _POLL))
