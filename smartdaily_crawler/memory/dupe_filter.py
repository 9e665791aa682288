"""The duplicate filter of requests, with eight bytes for each."""

from __future__ import annotations

from typing import Any

from scrapy.dupefilters import RFPDupeFilter

from smartdaily_crawler.memory.hash_set import HashSet


class HashingDupeFilter(RFPDupeFilter):
    """``DUPEFILTER_CLASS``: Scrapy's filter, which keeps hashes of the fingerprints in memory; those of a ``JOBDIR`` are whole."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole: set[bytes] = self._fingerprints
        self._fingerprints = HashSet()  # type: ignore[assignment]  # of which Scrapy adds to it and looks into it
        for fingerprint in whole:
            self._fingerprints.add(fingerprint)
