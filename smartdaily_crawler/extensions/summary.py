"""Report the result of a run: as one line in the log, and as rows for a person."""

from __future__ import annotations

import logging
from typing import Any, Self, get_args

from rich.console import Console
from rich.text import Text
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from smartdaily_crawler.cleaning.text import visible
from smartdaily_crawler.crawl.protocol import WalkSpider, walk_spider
from smartdaily_crawler.items import Kind
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

OUTCOMES = ("stored", "read", "unchanged", "not_modified", "duplicate", "gone", "rejected", "failed", "skipped")
_CHANGES = (
    (Stat.ARTICLE_NEW, "new articles"),
    (Stat.ARTICLE_CHANGED, "changed"),
    (Stat.ARTICLE_GONE, "gone"),
    (Stat.ARTICLE_BACK, "back"),
    (Stat.TEASER_NEW, "new teasers"),
    (Stat.TEASER_REMOVED, "teasers removed"),
)


class Summary:
    """Log the summary of the run as one line; print it as rows too if ``SUMMARY_ENABLED``."""

    def __init__(self, crawler: Crawler, spider: WalkSpider, console: Console | None) -> None:
        self.crawler = crawler
        self.spider = spider
        self.console = console

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if (spider := walk_spider(crawler)) is None:
            raise NotConfigured
        console = (
            Console(highlight=False, markup=False, emoji=False) if crawler.settings.getbool("SUMMARY_ENABLED") else None
        )
        summary = cls(crawler, spider, console)
        crawler.signals.connect(summary.engine_stopped, signals.engine_stopped)
        return summary

    def engine_stopped(self) -> None:
        stats = self.crawler.stats.get_stats()
        rows = summary_rows(stats)
        logger.info("Run %s: %s", stats.get(Stat.RUN_ID, "-"), "; ".join(f"{name}: {text}" for name, text in rows))
        if self.console is None:
            return
        title = f"{self.spider.title}  {self.spider.site_address.url}"
        self.console.print(f"\n{visible(title)}", style="bold", soft_wrap=True)
        for name, text in rows:
            self.console.print(Text.assemble("  ", (f"{name:<9}", "bold"), "  ", visible(text)), soft_wrap=True)


def outcome_count(stats: dict[str, Any], outcome: str, kinds: tuple[str, ...] = get_args(Kind)) -> int:
    """Return how many pages of these kinds have this outcome."""
    return sum(stats.get(Stat.outcome(kind, outcome), 0) for kind in kinds)


def summary_rows(stats: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the summary of a run's statistics as pairs of a name and a text."""
    outcomes = {outcome: outcome_count(stats, outcome) for outcome in OUTCOMES}
    seconds = stats.get("elapsed_time_seconds", 0)
    pages = stats.get("response_received_count", 0)
    listings = sum(outcome_count(stats, name, ("listing",)) for name in ("stored", "read", "unchanged", "not_modified"))
    rows = [
        ("verdict", stats.get(Stat.RUN_VERDICT, "failed")),
        (
            "found",
            f"{stats.get(Stat.ARTICLE_MET, stats.get(Stat.ARTICLE_READ, 0)):,} articles, {listings:,} list pages, {stats.get(Stat.CATEGORY_SEEN, 0)} categories",
        ),
        ("URLs", ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in outcomes.items() if n) or "none"),
        ("changes", ", ".join(f"{stats[key]:,} {text}" for key, text in _CHANGES if stats.get(key)) or "none"),
        ("took", f"{seconds:.1f} s, {pages:,} pages" + (f" ({pages / seconds:.0f}/s)" if seconds else "")),
    ]
    if because := "; ".join(stats.get(Stat.RUN_REASONS, ())):
        rows.insert(1, ("because", because))
    if left := stats.get(Stat.CATEGORY_LEFT):
        rows.append(("left", f"{left} of {stats.get(Stat.CATEGORY_SEEN, 0)} categories, which are not due (poll=due)"))
    if names := sorted(Stat.ends(stats, Stat.UNORDERED)):
        rows.append(("unordered", f"{', '.join(names)}: not listed by date, so each run reads all their list pages"))
    if moved := Stat.ends(stats, Stat.MOVED):
        rows.append(("moved", "; ".join(f"{kind} of {count:,} articles" for kind, count in sorted(moved.items()))))
    if told := found_by(stats):
        rows.append(("new in", told))
    rows += _rendered_rows(stats)
    rows += _spool_rows(stats)
    if failures := _failures(stats):
        rows.append(("failures", failures))
    if database := stats.get(Stat.RUN_DATABASE):
        rows.append(("data", f"{database}  (open it: make psql)"))
    return rows


def found_by(stats: dict[str, Any]) -> str:
    """Return what lists and feeds showed that is new, and the other did not show; empty if the run did not read feeds.

    >>> found_by({"discover/mode": "all", "discover/new/both": 12, "discover/new/feeds": 1})
    '12 in both, 0 in lists only, 1 in feeds only'
    >>> found_by({"discover/mode": "feeds", "discover/new/feeds": 13})
    '13 in feeds'
    """
    mode = stats.get(Stat.DISCOVER)
    both, lists, feeds = (stats.get(Stat.found_by(what), 0) for what in ("both", "lists", "feeds"))
    if mode == "feeds":
        return f"{feeds:,} in feeds"
    return f"{both:,} in both, {lists:,} in lists only, {feeds:,} in feeds only" if mode else ""


def _rendered_rows(stats: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the row of rendered pages: their number, and the mean time of each; none if no page was rendered.

    >>> _rendered_rows({"render/splash": 1242, "render/ms": 385_020, "render/timeout": 3})
    [('rendered', '1,242 pages by splash, 0.31 s each')]
    >>> _rendered_rows({"render/timeout": 3})
    []
    """
    return [
        ("rendered", f"{pages:,} pages by {by}, {stats.get(Stat.RENDER_MS, 0) / pages / 1000:.2f} s each")
        for by in ("splash", "playwright")  # a run uses one of them
        if (pages := stats.get(Stat.rendered(by)))
    ]


def _spool_rows(stats: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    if drained := stats.get(Stat.SPOOL_DRAINED):
        rows.append(("drained", f"{drained:,} items that earlier runs had to leave in the spool"))
    if written := stats.get(Stat.SPOOL_WRITTEN):
        rows.append(("spooled", f"{written:,} items in {stats[Stat.SPOOL_FILE]}; the next run stores them"))
    if lost := stats.get(Stat.SPOOL_LOST):
        rows.append(("lost", f"{lost:,} items: neither the database nor the spool took them"))
    return rows


def _failures(stats: dict[str, Any]) -> str:
    counted = Stat.ends(stats, Stat.REASON)
    return ", ".join(f"{reason} {n:,}" for reason, n in sorted(counted.items()))
