"""Metrics of a database in the text format of Prometheus: for ``/metrics``, or a file of node_exporter's textfile collector.

All are gauges. Labels are bounded: the sites of the database, and names that the code lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry, generate_latest, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from pipelines.metrics.reasons import label
from pipelines.run.verdict import Verdict
from pipelines.storage.read.status import SiteStatus, Status
from pipelines.storage.spill.spool import SpoolState, spool_state
from smartdaily_crawler.items import Kind, OutcomeName
from smartdaily_crawler.stat_names import Stat

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""Content type of an exposition."""
_VERDICTS = [verdict for verdict in get_args(Verdict) if verdict != "refused"]

Value = tuple[tuple[str, ...], float | None]
"""Values of the labels, and the gauge's; ``None`` leaves the series out."""


def exposition(status: Status, spool: Path | None = None) -> bytes:
    """Return the metrics of a database and its sites.

    :param spool: folder of the spool on this machine; ``None`` where no crawl runs: then its metrics are left out.
    """
    return generate_latest(_registry(status, spool))


def write_exposition(path: Path, status: Status, spool: Path | None = None) -> None:
    """Replace a file by the metrics at once, so that its reader never sees half of them. Raise OSError."""
    write_to_textfile(str(path), _registry(status, spool))


def _registry(status: Status, spool: Path | None) -> CollectorRegistry:
    families = list(_families(status))
    if spool is not None:
        families += _spool_families(spool_state(spool))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(families))
    return registry


class _Collected(Collector):
    """Metrics that were read already: an error of the database is raised before anything is written."""

    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def _gauge(name: str, meaning: str, labels: tuple[str, ...], values: Iterable[Value]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"smartdaily_{name}", meaning, labels=labels)
    for of, value in values:
        if value is not None:
            family.add_metric(of, value)
    return family


def _families(status: Status) -> Iterator[GaugeMetricFamily]:
    sites = status.sites
    yield from _run_families(sites)
    yield from _article_families(sites)
    yield _gauge(
        "dead_letters", "Items that the database refused", ("site",), [((s.site,), s.dead_letters) for s in sites]
    )
    yield _gauge(
        "site_late_seconds",
        "Time since the site was due that workers crawl, 0 before; none while it is paused",
        ("site",),
        [((site,), late) for site, late in status.late.items()],
    )
    lag, texts = status.lag, status.texts
    held = (status.now - lag.since).total_seconds() if lag.waiting and lag.since else 0
    for name, meaning, value in (
        ("feed_waiting_changes", "Changes that the change feed holds back", lag.waiting),
        ("feed_held_seconds", "Age of the transaction that holds the change feed back; 0 if nothing waits", held),
        ("feed_foreign_changes", "Changes of a restored dump, which are not in the feed's order", lag.foreign_stamps),
        ("database_size_bytes", "Size of the database", status.size),
        ("collected_timestamp_seconds", "Time of these metrics by the database's clock", status.now.timestamp()),
    ):
        yield _gauge(name, meaning, (), [((), value)])
    counts = {"waiting": texts.waiting, "failed": texts.failed, "cut": texts.cut}
    yield _gauge(
        "texts",
        "Texts that wait to be compared and indexed, that could not be, or of which only the beginning is",
        ("state",),
        [((state,), count) for state, count in counts.items()],
    )


def _run_families(sites: list[SiteStatus]) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "run_in_progress",
        "1 while a run of the site is under way",
        ("site",),
        [((s.site,), s.is_running) for s in sites],
    )
    yield _gauge(
        "run_started_timestamp_seconds",
        "Start of the site's latest run; here and below runs that were refused do not count",
        ("site",),
        [((s.site,), _seconds(s.started_at)) for s in sites],
    )
    yield _gauge(
        "run_finished_timestamp_seconds",
        "End of the latest run that ended",
        ("site",),
        [((s.site,), s.ended.finished_at.timestamp()) for s in sites if s.ended],
    )
    yield _gauge(
        "run_duration_seconds",
        "Duration of the latest run that ended",
        ("site",),
        [((s.site,), (s.ended.finished_at - s.ended.started_at).total_seconds()) for s in sites if s.ended],
    )
    yield _gauge(
        "run_healthy_timestamp_seconds",
        "End of the latest healthy run",
        ("site",),
        [((s.site,), _seconds(s.healthy_at)) for s in sites],
    )
    yield _gauge(
        "run_verdict",
        "1 for the verdict on the latest run that ended; failed if a later one was killed",
        ("site", "verdict"),
        [((s.site, each), each == _verdict(s)) for s in sites if _verdict(s) for each in _VERDICTS],
    )
    yield _gauge(
        "run_urls",
        "URLs requested by the latest run that ended, by kind of page and outcome",
        ("site", "kind", "outcome"),
        [
            ((s.site, kind, outcome), _count(s, Stat.outcome(kind, outcome)))
            for s in sites
            for kind in get_args(Kind)
            for outcome in get_args(OutcomeName)
        ],
    )
    yield _gauge(
        "run_reasons",
        "URLs that the latest run that ended rejected, failed to fetch or skipped, by reason",
        ("site", "reason"),
        [((s.site, reason), count) for s in sites for reason, count in _reasons(s).items()],
    )
    yield _gauge(
        "run_gaps",
        "Categories in which more was published than a list page holds, in the latest run that ended",
        ("site",),
        [((s.site,), len(Stat.ends(s.stats, Stat.GAP))) for s in sites if s.stats],
    )


def _article_families(sites: list[SiteStatus]) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "run_articles_read",
        "Articles read by the latest run that ended",
        ("site",),
        [((s.site,), s.stats.get(Stat.ARTICLE_READ, 0)) for s in sites if s.stats],
    )
    yield _gauge(
        "run_field_filled_ratio",
        "Share of the articles read by the latest run that ended that have the field, 0 to 1; none if it read no article",
        ("site", "field"),
        [
            ((s.site, field), 1 - s.stats.get(Stat.missing(field), 0) / read)
            for s in sites
            if (read := s.stats.get(Stat.ARTICLE_READ, 0))
            for field in Stat.FIELDS
        ],
    )
    yield _gauge(
        "articles",
        "Articles of the site at the end of the latest run that ended, by state",
        ("site", "state"),
        [((s.site, state), n) for s in sites for state, n in Stat.ends(s.stats, Stat.ARTICLES).items()],
    )
    yield _gauge(
        "newest_article_timestamp_seconds",
        "Publication of the site's newest article; the beginning of its day if the page prints no time",
        ("site",),
        [((s.site,), _seconds(s.newest_at)) for s in sites],
    )
    yield _gauge(
        "recent_articles",
        "Articles published with a time, and stored, in the last two days, of the newest thousand",
        ("site",),
        [((s.site,), s.recent) for s in sites],
    )
    yield _gauge(
        "article_lateness_seconds",
        "Time from the publication of these articles to their storage, by quantile",
        ("site", "quantile"),
        [((s.site, q), late) for s in sites for q, late in (("0.5", s.late_half), ("0.95", s.late_most))],
    )


def _spool_families(spool: SpoolState) -> Iterator[GaugeMetricFamily]:
    sites = ("site",)
    files = Counter(file.site for file in spool.files)
    yield _gauge(
        "spool_files",
        "Files of items in the spool of this machine",
        sites,
        [((site,), count) for site, count in files.items()],
    )
    yield _gauge(
        "spool_bytes",
        "Size of these files",
        sites,
        [((site,), sum(file.size for file in spool.files if file.site == site)) for site in files],
    )
    yield _gauge(
        "spool_oldest_timestamp_seconds",
        "Time at which the oldest of these files was written last",
        sites,
        [((site,), min(file.written_at for file in spool.files if file.site == site)) for site in files],
    )
    yield _gauge("spool_broken_files", "Files of the spool that were set aside", (), [((), spool.broken)])


def _verdict(status: SiteStatus) -> str | None:
    if status.is_dead:
        return "failed"
    return status.ended.verdict if status.ended else None


def _seconds(time: datetime | None) -> float | None:
    return time.timestamp() if time else None


def _count(status: SiteStatus, name: str) -> float | None:
    return status.stats.get(name)


def _reasons(status: SiteStatus) -> Counter[str]:
    counted = Counter[str]()
    for reason, count in Stat.ends(status.stats, Stat.REASON).items():
        counted[label(reason)] += count
    return counted
