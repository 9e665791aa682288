"""Track the requested URLs that have no outcome yet."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.http import Response
from scrapy.signalmanager import SignalManager
from twisted.python.failure import Failure

from smartdaily_crawler.cleaning.urls import page_name
from smartdaily_crawler.items import Fetch, Kind, Outcome
from smartdaily_crawler.memory.hash_set import HashSet
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta


class RequestLedger:
    """Open an entry for each scheduled URL, and close it when its outcome is committed.

    Only a short hash of a closed entry is kept, to count the entries at the end.
    """

    def __init__(self, signal_manager: SignalManager) -> None:
        self._open: dict[str, Kind] = {}
        self._repeated: Counter[str] = Counter()
        """Requests of an open URL after its first one, as its retries."""
        self._faults: dict[str, str] = {}
        self._sent: set[str] = set()
        self._requested = HashSet()
        self._is_idle = False
        signal_manager.connect(self._idle, signals.spider_idle)
        signal_manager.connect(self._scheduled, signals.request_scheduled)
        signal_manager.connect(self._dropped, signals.request_dropped)
        signal_manager.connect(self._reached_downloader, signals.request_reached_downloader)
        signal_manager.connect(self._callback_failed, signals.spider_error)
        signal_manager.connect(self._item_failed, signals.item_error)
        signal_manager.connect(self._item_dropped, signals.item_dropped)

    @property
    def requested(self) -> int:
        """Number of URLs requested so far; each has one outcome when the run is over."""
        return len(self._requested)

    def close(self, item: Any) -> None:
        """Close the entries of a committed item, those of its parts included."""
        for fetch in (item.fetch, *getattr(item, "parts", ())):
            self._open.pop(fetch.url, None)
            self._repeated.pop(fetch.url, None)
            self._faults.pop(fetch.url, None)
            self._sent.discard(fetch.url)

    def unfinished(self) -> list[Outcome]:
        """Return an outcome for every URL that has none.

        A run that ends while it is not idle was stopped: its unfinished URLs are skipped, also an article that waits for
        its next page. In a run that ended by itself, a URL without an outcome is lost, and counts as failed.
        """
        return [self._end(url, stopped=not self._is_idle) for url in self._open]

    def _end(self, url: str, *, stopped: bool) -> Outcome:
        fault = self._faults.get(url)
        return Outcome(
            fetch=Fetch(
                url=url,
                kind=self._open[url],
                final_url=url,
                fetched_at=datetime.now(UTC),
                attempts=int(url in self._sent),
            ),
            outcome="skipped" if stopped and not fault else "failed",
            reason=fault or (Reason.RUN_STOPPED if stopped else Reason.LOST),
        )

    def _idle(self) -> None:
        self._is_idle = True

    def _scheduled(self, request: Request) -> None:
        self._is_idle = False
        if url := request.meta.get(Meta.REQUESTED_URL):
            if url in self._open:
                self._repeated[url] += 1
            else:
                self._open[url] = request.meta[Meta.KIND]
                self._requested.add(page_name(url))
            if request.dont_filter:  # a retry or the target of a redirect, which is not sent yet
                self._sent.discard(url)

    def _dropped(self, request: Request) -> None:
        # The duplicate filter drops a request: an earlier one for the same URL is open or has an outcome.
        if url := request.meta.get(Meta.REQUESTED_URL):
            if self._repeated[url]:
                self._repeated[url] -= 1
            else:
                self._open.pop(url, None)

    def _reached_downloader(self, request: Request) -> None:
        if (url := request.meta.get(Meta.REQUESTED_URL)) in self._open:
            self._sent.add(str(url))

    def _callback_failed(self, failure: Failure, response: Response | Failure, spider: Spider) -> None:
        del spider
        request = getattr(response, "request", None)  # there is no response where start() failed
        self._record_fault(request, Reason.callback(failure.value))

    def _item_failed(self, item: Any, failure: Failure) -> None:
        if isinstance(fetch := getattr(item, "fetch", None), Fetch):
            self._faults[fetch.url] = Reason.pipeline(failure.value)

    def _item_dropped(self, item: Any, exception: BaseException) -> None:
        if isinstance(fetch := getattr(item, "fetch", None), Fetch):
            self._faults[fetch.url] = Reason.dropped(exception)

    def _record_fault(self, request: Request | None, fault: str) -> None:
        if request is not None and (url := request.meta.get(Meta.REQUESTED_URL)) in self._open:
            self._faults[str(url)] = fault
