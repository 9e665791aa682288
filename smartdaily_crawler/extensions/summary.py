"""What a run came to, for a person; and in one line for a log."""

from __future__ import annotations

import logging
from typing import Any, Self

from rich.console import Console
from rich.table import Table
from scrapy import signals
from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_OUTCOMES = ("stored", "unchanged", "not_modified", "duplicate", "gone", "rejected", "failed", "skipped")
_KINDS = ("home", "listing", "article", "part")
_CHANGES = (
    ("article/new", "new articles"),
    ("article/changed", "changed"),
    ("article/gone", "gone"),
    ("teaser/new", "new teasers"),
    ("teaser/removed", "teasers removed"),
)


class Summary:
    """Logs the run's final line; prints a table too where ``SUMMARY_ENABLED``."""

    def __init__(self, crawler: Crawler, console: Console | None) -> None:
        self.crawler = crawler
        self.console = console

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        console = Console(highlight=False) if crawler.settings.getbool("SUMMARY_ENABLED") else None
        summary = cls(crawler, console)
        crawler.signals.connect(summary.engine_stopped, signals.engine_stopped)
        return summary

    def engine_stopped(self) -> None:
        stats = self.crawler.stats.get_stats()
        rows = summary_rows(stats)
        logger.info(
            "Run %s: %s", stats.get("run/id", "-"), "; ".join(f"{name}: {text}" for name, text in rows)
        )
        if self.console is None:
            return
        table = Table(title=_title(self.crawler), title_justify="left", show_header=False, box=None)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, text in rows:
            table.add_row(name, text)
        self.console.print()
        self.console.print(table)


def summary_rows(stats: dict[str, Any]) -> list[tuple[str, str]]:
    """Tell a run's statistics in rows of a name and a text."""
    ends = {
        outcome: sum(stats.get(f"outcome/{kind}/{outcome}", 0) for kind in _KINDS) for outcome in _OUTCOMES
    }
    seconds = stats.get("elapsed_time_seconds", 0)
    pages = stats.get("response_received_count", 0)
    articles = sum(
        stats.get(f"outcome/article/{outcome}", 0) for outcome in ("stored", "unchanged", "not_modified")
    )
    listings = sum(
        stats.get(f"outcome/listing/{outcome}", 0) for outcome in ("stored", "unchanged", "not_modified")
    )
    rows = [
        ("verdict", stats.get("run/verdict", "failed")),
        (
            "found",
            f"{articles:,} articles on {listings:,} list pages of {stats.get('category/seen', 0)} categories",
        ),
        (
            "addresses",
            ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in ends.items() if n) or "none",
        ),
        (
            "changes",
            ", ".join(f"{stats[key]:,} {text}" for key, text in _CHANGES if stats.get(key)) or "none",
        ),
        ("took", f"{seconds:.1f} s, {pages:,} pages" + (f" ({pages / seconds:.0f}/s)" if seconds else "")),
    ]
    if complaint := stats.get("run/complaint"):
        rows.insert(1, ("stopped", complaint))
    if troubles := _troubles(stats):
        rows.append(("troubles", troubles))
    if database := stats.get("run/database"):
        rows.append(("data", f"{database}  (open it: make psql)"))
    return rows


def _troubles(stats: dict[str, Any]) -> str:
    counted = {
        name.removeprefix(prefix).replace("/", " "): n
        for name, n in stats.items()
        for prefix in ("reason/",)
        if name.startswith(prefix) and name != "reason/seen"
    }
    return ", ".join(f"{name} {n:,}" for name, n in sorted(counted.items()))


def _title(crawler: Crawler) -> str:
    spider: Any = crawler.spider
    return f"{spider.profile.title}  {spider.site_address.url}"
