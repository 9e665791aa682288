"""Whether a renderer is there: one that restarts is waited for, one that stays away is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from scrapy.exceptions import IgnoreRequest

from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.errors import RendererGivenUpError

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
"""Seconds; Splash restarts in 2 to 4 when it has grown beyond ``--maxrss``."""
_LOOK = 0.25
"""Seconds after which whoever waits looks whether the run is being stopped."""


class Availability:
    """Whoever asks a renderer tells here whether it answered.

    While it does not, everybody waits a pause that doubles. Asked again and again in vain for longer than *patience*
    seconds, it is given up, so that its pages do not hold up those that need none.
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
        """Seconds until it may be asked."""
        return max(self._ask_at - self.clock(), 0.0)

    def answered(self) -> None:
        self._silent_since, self._pause, self._ask_at = None, _FIRST_PAUSE, 0.0

    def was_silent(self, since: float) -> None:
        """:param since: when it was asked, on the clock."""
        now = self.clock()
        if self._silent_since is None:
            self._silent_since = since
        self.is_given_up = self.is_given_up or now - self._silent_since > self.patience
        if now >= self._ask_at:  # of several that were asked at once, the first to fail makes the pause
            self._ask_at = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def wait(self) -> None:
        """Until it may be asked; RendererGivenUpError where that is over, IgnoreRequest where the run is."""
        while True:
            if self.is_stopping():
                raise IgnoreRequest(Reason.RUN_STOPPED)
            if self.is_given_up:
                raise RendererGivenUpError("the renderer is given up for this run")
            if not (pause := self.pause):
                return
            await asyncio.sleep(min(pause, _LOOK))
