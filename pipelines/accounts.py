"""Which requested addresses have not come to an end yet."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.http import Response
from scrapy.signalmanager import SignalManager
from twisted.python.failure import Failure

from smartdaily_crawler.items import Fetch, Kind, Outcome


class Accounts:
    """Opens an account for each scheduled address, and closes it when its outcome is committed.

    Holds only what is under way: a settled address is forgotten.
    """

    def __init__(self, signal_manager: SignalManager) -> None:
        self._requests: Counter[str] = Counter()
        self._kinds: dict[str, Kind] = {}
        self._faults: dict[str, str] = {}
        self._in_flight: set[str] = set()
        signal_manager.connect(self._scheduled, signals.request_scheduled)
        signal_manager.connect(self._dropped, signals.request_dropped)
        signal_manager.connect(self._sent, signals.request_reached_downloader)
        signal_manager.connect(self._callback_failed, signals.spider_error)
        signal_manager.connect(self._item_failed, signals.item_error)
        signal_manager.connect(self._item_dropped, signals.item_dropped)

    def settle(self, item: Any) -> None:
        """Close the accounts of an item that is committed."""
        for fetch in (item.fetch, *getattr(item, "parts", ())):
            self._requests.pop(fetch.url, None)
            self._kinds.pop(fetch.url, None)
            self._faults.pop(fetch.url, None)
            self._in_flight.discard(fetch.url)

    def unsettled(self) -> list[Outcome]:
        """Give the end of every address that came to none: what was never sent is skipped, the rest failed."""
        return [self._end(url) for url in self._requests]

    def _end(self, url: str) -> Outcome:
        sent = url in self._in_flight
        return Outcome(
            fetch=Fetch(
                url=url,
                kind=self._kinds[url],
                final_url=url,
                fetched_at=datetime.now(UTC),
                attempts=int(sent),
            ),
            outcome="failed" if sent else "skipped",
            reason=self._faults.get(url) or ("lost" if sent else "run_stopped"),
        )

    def _scheduled(self, request: Request) -> None:
        if url := request.meta.get("requested_url"):
            self._requests[url] += 1
            self._kinds.setdefault(url, request.meta["kind"])

    def _dropped(self, request: Request) -> None:
        # The duplicate filter's doing: the address is asked for, or has been settled, by an earlier request.
        if url := request.meta.get("requested_url"):
            self._requests[url] -= 1
            if self._requests[url] <= 0:
                del self._requests[url]
                self._kinds.pop(url, None)

    def _sent(self, request: Request) -> None:
        if (url := request.meta.get("requested_url")) in self._requests:
            self._in_flight.add(str(url))

    def _callback_failed(self, failure: Failure, response: Response | Failure, spider: Spider) -> None:
        del spider
        request = response.request  # type: ignore[union-attr]  # Scrapy sets it on failures too
        self._blame(request, f"callback_{type(failure.value).__name__}")

    def _item_failed(self, item: Any, failure: Failure) -> None:
        if isinstance(fetch := getattr(item, "fetch", None), Fetch):
            self._faults[fetch.url] = f"pipeline_{type(failure.value).__name__}"

    def _item_dropped(self, item: Any, exception: BaseException) -> None:
        if isinstance(fetch := getattr(item, "fetch", None), Fetch):
            self._faults[fetch.url] = f"dropped_{type(exception).__name__}"

    def _blame(self, request: Request | None, fault: str) -> None:
        if request is not None and (url := request.meta.get("requested_url")) in self._requests:
            self._faults[str(url)] = fault
