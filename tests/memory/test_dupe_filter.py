"""The duplicate filter: what Scrapy's does, also with a job directory."""

from __future__ import annotations

from pathlib import Path

from scrapy import Request

from smartdaily_crawler.memory.dupe_filter import HashingDupeFilter


def test_a_request_is_seen_once_also_by_the_next_process_of_a_job(tmp_path: Path) -> None:
    job = HashingDupeFilter(str(tmp_path))
    urls = [f"https://example.com/{number}" for number in range(20)]
    assert [job.request_seen(Request(url)) for url in urls + urls] == [False] * 20 + [True] * 20
    job.close("finished")
    again = HashingDupeFilter(str(tmp_path))
    assert all(again.request_seen(Request(url)) for url in urls)
    assert not again.request_seen(Request("https://example.com/new"))
    again.close("finished")
