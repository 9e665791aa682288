"""What a run's statistics tell, as the pages show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pipelines.web import drawing, links
from smartdaily_crawler.items import Kind, OutcomeName
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pipelines.storage.read.runs import RunRow

GROUPS: dict[str, tuple[str, ...]] = {
    "stored": ("stored", "read"),
    "known": ("unchanged", "not_modified", "duplicate"),
    "gone": ("gone",),
    "skipped": ("skipped",),
    "rejected": ("rejected",),
    "failed": ("failed",),
}
"""Outcomes that a chart draws as one, in the order in which they are stacked."""
FIELDS = ("title", "published", "source", "author", "editor", "body", "teasers")
LEAST_READ = 5
"""Fewest articles of which a run's coverage is drawn."""
COVERAGE_WIDTH, COVERAGE_HEIGHT = 220, 34

_OUTCOMES = {name: [Stat.outcome(kind, name) for kind in get_args(Kind)] for name in (*get_args(OutcomeName), "read")}
"""Names of the statistics of each outcome."""
_ACCOUNT = {
    Stat.SPOOL_DRAINED: "items of earlier runs, stored from the spool",
    Stat.SPOOL_WRITTEN: "items written to the spool; the next run stores them",
    Stat.SPOOL_LOST: "items that neither the database nor the spool took",
    Stat.reason("dead_letter"): "items that the database refused (scrapy deadletters list)",
    Stat.TEXT_FAILED: "texts that could not be compared and indexed (scrapy db check)",
    Stat.TEXT_CUT: "texts too long to be compared and indexed to their end",
    Stat.RUN_DEAD: "earlier runs that had been killed, and whose work was continued",
    Stat.ARTICLE_PUT_OFF: "articles put off to later runs",
    Stat.TEASER_PUT_OFF: "targets of teasers put off to later runs",
}
_CHANGES = {
    Stat.ARTICLE_NEW: "new articles",
    Stat.ARTICLE_CHANGED: "changed articles",
    Stat.ARTICLE_GONE: "articles gone",
    Stat.ARTICLE_BACK: "articles back",
    Stat.ARTICLE_MOVED: "articles with another URL",
    Stat.TEASER_NEW: "new teasers",
    Stat.TEASER_REMOVED: "teasers removed",
    Stat.CATEGORY_NEW: "new categories",
}


def by_outcome(run: RunRow) -> dict[str, int]:
    """Return the number of URLs by outcome."""
    stats = run.stats or {}
    return {outcome: sum(stats.get(name, 0) for name in names) for outcome, names in _OUTCOMES.items()}


def chart(runs: Sequence[RunRow], places: int) -> drawing.Chart:
    """Return the outcomes of runs as stacked bars, the latest on the right."""
    return drawing.run_chart(
        [(f"run {run.run_id}", links.run(run.run_id), grouped(run)) for run in reversed(runs)], places
    )


def grouped(run: RunRow) -> dict[str, int]:
    counts = by_outcome(run)
    return {group: sum(counts[name] for name in names) for group, names in GROUPS.items()}


def last_new(runs: Sequence[RunRow]) -> datetime | None:
    """Return the end of the latest of these runs that found a new article."""
    return next((run.finished_at for run in runs if (run.stats or {}).get(Stat.ARTICLE_NEW)), None)


def took(run: RunRow) -> float | None:
    """Return the seconds from the run's start to its end."""
    return (run.finished_at - run.started_at).total_seconds() if run.finished_at else None


def coverage(runs: Sequence[RunRow]) -> list[dict[str, Any]]:
    """Return for each field the share of the read articles that have it: now, least, and as a line over the runs."""
    read = [run for run in reversed(runs) if (run.stats or {}).get(Stat.ARTICLE_READ, 0) >= LEAST_READ]
    rows = []
    for name in FIELDS:
        shares = [_filled(run.stats or {}, name) for run in read]
        if shares:
            path = drawing.line(shares, COVERAGE_WIDTH, COVERAGE_HEIGHT)
            rows.append({"field": name, "now": shares[-1], "least": min(shares), "runs": len(shares), "path": path})
    return rows


def _filled(stats: Mapping[str, Any], name: str) -> float:
    read = stats[Stat.ARTICLE_READ]
    if name == "teasers":  # found by structure only
        return float(1 - stats.get(Stat.missing(name), 0) / read)
    return float(min(sum(Stat.ends(stats, Stat.provenance(name, "")).values()) / read, 1.0))


def rules(runs: Sequence[RunRow]) -> list[dict[str, Any]]:
    """Return where the site's rules were silent (drift), or differed from the structure, in these runs."""
    return [
        {"run": run, "what": what, "field": name, "pages": pages, "read": (run.stats or {}).get(Stat.ARTICLE_READ, 0)}
        for run in runs
        for what, prefix in (("drift", Stat.DRIFT), ("differs", Stat.DIFFERS))
        for name, pages in sorted(Stat.ends(run.stats or {}, prefix).items())
    ]


def account(run: RunRow) -> list[tuple[int, str]]:
    """Return what became of items that were not simply stored: number and words; empty if there were none."""
    return _told(run, _ACCOUNT)


def changes(run: RunRow) -> list[tuple[int, str]]:
    return _told(run, _CHANGES)


def _told(run: RunRow, words: Mapping[str, str]) -> list[tuple[int, str]]:
    return [(count, text) for name, text in words.items() if (count := (run.stats or {}).get(name))]
