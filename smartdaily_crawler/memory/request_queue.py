"""A queue of requests that keeps the latest in memory, and the others in a temporary file."""

from __future__ import annotations

import logging
import pickle
from tempfile import TemporaryFile
from typing import IO, Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.utils.request import request_from_dict

logger = logging.getLogger(__name__)

CHUNK = 1_000
"""Requests that are written and read at once. One takes 3 to 4 kB in memory, and a queue has two chunks there at most."""


class SpillingLifoQueue:
    """``SCHEDULER_MEMORY_QUEUE``: the last request first, as Scrapy's ``LifoMemoryQueue``.

    Requests that cannot be written stay in memory: their callback is no method of the spider, or the disk is full.
    """

    def __init__(self, spider: Spider | None) -> None:
        self._spider = spider
        self._requests: list[Request] = []
        """The latest."""
        self._chunks: list[int] = []
        """Where each chunk of the others begins in the file."""
        self._file: IO[bytes] | None = None
        self._can_spill = True

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any) -> Self:
        """Return an empty queue, whatever its key."""
        del args
        return cls(crawler.spider)

    def __len__(self) -> int:
        return len(self._requests) + CHUNK * len(self._chunks)

    def push(self, request: Request) -> None:
        self._requests.append(request)
        if self._can_spill and len(self._requests) >= 2 * CHUNK:
            self._spill()

    def pop(self) -> Request | None:
        self._load()
        return self._requests.pop() if self._requests else None

    def peek(self) -> Request | None:
        self._load()
        return self._requests[-1] if self._requests else None

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _spill(self) -> None:
        try:
            chunk = pickle.dumps([request.to_dict(spider=self._spider) for request in self._requests[:CHUNK]])
            self._file = self._file or TemporaryFile(prefix="requests-")  # noqa: SIM115 - closed with the queue
            begin = self._file.seek(0, 2)
            self._file.write(chunk)
            self._file.flush()
        except (OSError, ValueError, TypeError, AttributeError, pickle.PicklingError) as error:
            self._can_spill = False
            logger.warning("Requests that wait stay in memory: %s", error)
            return
        self._chunks.append(begin)
        del self._requests[:CHUNK]

    def _load(self) -> None:
        if self._requests or not self._chunks or not self._file:
            return
        begin = self._chunks.pop()
        self._file.seek(begin)
        self._requests = [request_from_dict(each, spider=self._spider) for each in pickle.load(self._file)]  # noqa: S301 - of this process
        self._file.truncate(begin)
