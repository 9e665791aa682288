"""Judge a run: its verdict, and the reasons why it is not ``healthy``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean, median
from typing import Any, Literal, NamedTuple

from smartdaily_crawler.reasons import CloseReason, Reason
from smartdaily_crawler.stat_names import Stat

Verdict = Literal["healthy", "degraded", "stopped", "incomplete", "failed", "refused"]

EXIT_CODES: dict[Verdict, int] = {"healthy": 0, "failed": 1, "incomplete": 1, "refused": 3, "degraded": 4, "stopped": 4}
"""Exit code of a process by the verdict on its run; 2 is kept for a wrong argument."""

ENOUGH = 0.8
"""Share of the median count of comparable healthy runs below which a run found too little."""
FILL_LOSS = 0.2
"""Drop, against healthy runs, in the share of articles with a field from which the field counts as missing."""
MIN_ARTICLES = 20
"""Fewest articles of which a share is meaningful."""
DEGRADED_SHARE, FAILED_SHARE = 0.05, 0.3
"""Shares of failed or rejected article pages above which a run is degraded, and above which it is failed."""
DEGRADED_COUNT, FAILED_COUNT = 3, 10
"""Fewest such pages for either verdict: in a small run a single one may be chance."""
REPEATED = 0.2
"""Share of repeated texts above which URLs, and not articles, were counted. Syndication repeats 3 % of the bundled site's texts; session
ids, a notice shown in place of every article, and a second host repeat half of them or more."""
EMPTY = 0.5
"""Share of the articles without a field that every article has, above which the field is not read any more."""
NO_TEASER = 100
"""Fewest articles that tell, if none of them has a teaser, that teasers are not found: a small site may have none."""
FEED_BEHIND = 7
"""Days from which a feed counts as stopped, if the site's lists or other feeds show later ones: a section may pause for a week."""
DRIFT = 0.2
"""Share of the articles above which a profile's selector counts as out of date."""

_REQUIRED = ("title", "published_on", "body")
_FILLED = ("published_on", "source", "teasers")
_ANSWERED = ("stored", "read", "unchanged", "not_modified", "duplicate")


class Judgement(NamedTuple):
    verdict: Verdict
    reasons: list[str]
    """Short phrases, the gravest first; empty for a healthy run."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Data from the database: of earlier runs of the site, and of this one."""

    healthy: Sequence[Mapping[str, Any]] = ()
    """Statistics of the latest healthy runs with the same arguments, newest first."""
    silent_days: float | None = None
    """Days since a new article was found on the site; ``None`` where none ever was."""
    silent_after: float = 0.0
    """``silent_days`` from which the run is degraded; 0: never."""
    outcomes: int | None = None
    """URLs that have an outcome in this run; ``None`` where the database could not be asked."""


def judge(stats: Mapping[str, Any], reason: str, history: History | None = None) -> Judgement:
    """Judge a run by its statistics, the reason why it ended, and what is usual for the site.

    >>> read = {"outcome/article/stored": 3, "category/asked": 2, "category/answered": 2}
    >>> judge(read, "finished")
    Judgement(verdict='healthy', reasons=[])
    >>> judge(read | {"outcome/listing/failed": 1}, "finished")
    Judgement(verdict='degraded', reasons=['1 list page failed'])
    >>> judge(read | {"outcome/article/rejected": 9, "article/rejected_again": 9}, "finished").verdict
    'healthy'
    >>> judge(read | {"reason/pipeline_KeyError": 1}, "finished").reasons
    ['1 internal error']
    >>> judge(read | {"render/unavailable": 4, "render/timeout": 1, "pager/limit": 2}, "finished").verdict
    'healthy'
    >>> judge(read | {"reason/renderer_unavailable": 12, "reason/render_timeout": 3}, "finished").reasons
    ['the renderer did not answer for 12 pages', '3 pages did not load in the browser']
    >>> judge(read | {"reason/dead_letter": 1}, "finished")
    Judgement(verdict='degraded', reasons=['1 URL ended as dead letters: see scrapy deadletters list'])
    >>> judge(read | {"pager/cut": 2}, "finished")
    Judgement(verdict='degraded', reasons=['an endless list was left before its end: 2'])
    >>> judge(read | {"article/read": 60, "article/compared": 60, "article/repeated": 36}, "finished")
    Judgement(verdict='degraded', reasons=['36 of 60 articles have the text of another one'])
    >>> judge(read | {"article/read": 60, "article/compared": 60, "article/repeated": 9}, "finished").verdict
    'healthy'
    >>> judge(read | {"article/read": 24, "article/compared": 24, "missing/published_on": 24}, "finished").reasons
    ['published_on on 0 of 24 articles only']
    >>> judge(read | {"article/read": 24, "article/compared": 24, "missing/published_on": 12}, "finished").verdict
    'healthy'
    >>> judge(read | {"article/read": 200, "article/compared": 180, "missing/teasers": 200}, "finished").reasons
    ['no teaser on any of 200 articles']
    >>> judge(read | {"article/read": 24}, "finished").reasons
    ['the texts of 24 articles were not compared']
    >>> judge(read | {"clock/implausible": 9, "clock/plausible": 1}, "finished").reasons
    ["the server's clock is not beside ours on 9 of 10 pages: their dates were read by ours"]
    >>> judge(read | {"pager/unturned": 1, "pager/unturned/手机": 1}, "finished").verdict
    'degraded'
    >>> judge(read | {"listing/unordered/手机": 1}, "finished").verdict
    'healthy'
    >>> fed = {"discover/mode": "all", "discover/newest/http://x/feed": "2024-05-01", "discover/newest_on_lists": "2024-05-09"}
    >>> judge(read | fed | {"outcome/feed/failed": 1}, "finished").reasons
    ['1 feed or sitemap failed', 'http://x/feed shows nothing after 2024-05-01; the site has articles of 2024-05-09']
    >>> judge({"outcome/article/stored": 3, "discover/mode": "feeds"}, "finished").reasons
    ['no feed could be read']
    >>> judge(read | {"reason/lost": 1}, "finished").verdict, judge({}, "shutdown").verdict
    ('incomplete', 'stopped')
    >>> judge(read, "closespider_itemcount")
    Judgement(verdict='stopped', reasons=['CLOSESPIDER_ITEMCOUNT was reached'])
    >>> judge(read | {"spider_exceptions/count": 2}, "closespider_errorcount").reasons
    ['CLOSESPIDER_ERRORCOUNT was reached']
    >>> judge({"depth/request_ignored_count": 3}, "finished")
    Judgement(verdict='stopped', reasons=['DEPTH_LIMIT dropped 3 requests'])
    >>> before = [{"article/met": 29, "article/gone_since": 10}, {"article/met": 29}]
    >>> full = read | {"run/mode": "full", "article/met": 19}
    >>> judge(full, "finished", History(healthy=before[:1])).reasons, judge(full, "finished", History(healthy=before[1:])).reasons
    ([], ['19 articles, 29 are usual'])
    >>> rules = {"rules": "4f1c9a8b", "article/read": 60, "article/compared": 60}
    >>> judge(read | rules | {"differs/title": 30}, "finished", History(healthy=[rules | {"differs/title": 3}])).reasons
    ["differs/title: the site's rule and the structure differ on 50% of the pages, 5% are usual"]
    >>> judge(read | rules | {"differs/title": 30}, "finished", History(healthy=[{**rules, "rules": "another"}])).verdict
    'healthy'
    >>> judge(read, "storage_unavailable").verdict, judge({}, "finished").verdict
    ('failed', 'failed')
    >>> judge(read | {"feed/failed": ["feed out.csv could not be written: disk full"]}, "finished")
    Judgement(verdict='failed', reasons=['feed out.csv could not be written: disk full'])
    """
    if reason == CloseReason.OVERLAP:
        return Judgement("refused", ["another run of the site is under way"])
    if reason == CloseReason.RETRY_LATER:
        return Judgement("refused", [str(stats.get(Stat.RUN_COMPLAINT))])
    known = history or History()
    run = _Run(stats, reason, known)
    found = [(verdict, phrase) for verdict, checks in _CHECKS.items() for check in checks for phrase in check(run)]
    return Judgement(found[0][0] if found else "healthy", [phrase for _, phrase in found])


@dataclass(frozen=True)
class _Run:
    stats: Mapping[str, Any]
    reason: str
    known: History

    @property
    def limit(self) -> str | None:
        """The Scrapy setting whose limit ended the run; ``None`` where none did."""
        if self.reason == "memusage_exceeded":
            return "MEMUSAGE_LIMIT_MB"
        return self.reason.upper() if self.reason.startswith("closespider_") else None

    @property
    def is_whole(self) -> bool:
        """Return whether the walk came to its end, and no limit left out a part of the site."""
        return self.reason == CloseReason.FINISHED and not self.count("depth/request_ignored_count")

    def count(self, name: str) -> int:
        value = self.stats.get(name, 0)
        return value if isinstance(value, int) else 0

    def outcomes(self, kind: str, *names: str) -> int:
        return sum(self.count(Stat.outcome(kind, name)) for name in names)


def _share(part: int, whole: int, least: int) -> float:
    """Return ``part / whole``; 0 where ``part`` is below ``least``, and may be chance."""
    return part / whole if whole and part >= least else 0.0


def _aborted(run: _Run) -> Iterator[str]:
    yield from run.stats.get(Stat.FEED_FAILED, ())
    complaint = run.stats.get(Stat.RUN_COMPLAINT)
    could_go_on = run.reason in (CloseReason.FINISHED, CloseReason.SHUTDOWN, CloseReason.FEED_FAILED) or run.limit
    if not could_go_on or (complaint and run.reason in (CloseReason.FINISHED, CloseReason.SHUTDOWN)):
        yield str(complaint or run.reason.replace("_", " "))
    errors = run.count("spider_exceptions/count") + sum(
        run.count(name) for name in run.stats if name.startswith(Stat.reason(Reason.PIPELINE))
    )
    if errors and run.limit != "CLOSESPIDER_ERRORCOUNT":
        yield f"{errors} internal error{'s' * (errors > 1)}"
    if run.stats.get(Stat.RUN_COMPLAINT) and run.reason in (CloseReason.FINISHED, CloseReason.SHUTDOWN):
        yield str(run.stats[Stat.RUN_COMPLAINT])


def _silent_lists(run: _Run) -> Iterator[str]:
    asked, answered = run.count(Stat.CATEGORY_ASKED), run.count(Stat.CATEGORY_ANSWERED)
    is_by_feeds = run.stats.get(Stat.DISCOVER) == "feeds"
    is_silent = not run.count(Stat.SOURCE_ANSWERED) if is_by_feeds else not answered
    if run.is_whole and is_silent and (is_by_feeds or asked or not run.count(Stat.CATEGORY_LEFT)):
        yield "no feed could be read" if is_by_feeds else "no list page showed an article"
    elif (
        run.is_whole
        and not run.outcomes("article", *_ANSWERED)
        and (run.known.silent_days is None or run.stats.get(Stat.RUN_MODE) == "full")
    ):
        yield "no article was read"
    elif run.is_whole and answered < asked / 2:
        yield f"only {answered} of {asked} categories showed articles"


def _mostly_failed(run: _Run) -> Iterator[str]:
    yield from _failed_pages(run, FAILED_SHARE, FAILED_COUNT)


def _failed_pages(run: _Run, share: float, least: int) -> Iterator[str]:
    for name, phrase in (("failed", "failed"), ("rejected", "were no articles")):
        failed = run.outcomes("article", name) + run.outcomes("part", name)
        if name == "rejected":  # a page that never was an article may be rejected again
            failed -= run.count(Stat.ARTICLE_REJECTED_AGAIN)
        asked = failed + run.outcomes("article", *_ANSWERED, "gone") + run.outcomes("part", *_ANSWERED)
        if _share(failed, asked, least) > share:
            yield f"{failed} of {asked} article pages {phrase}"


def _unaccounted(run: _Run) -> Iterator[str]:
    requested, outcomes = run.count(Stat.REQUESTED), run.known.outcomes
    if outcomes is not None and requested != outcomes:
        yield f"{requested} URLs were requested, but {outcomes} have an outcome"
    if lost := run.count(Stat.reason(Reason.LOST)):
        yield f"{lost} URL{'s have' if lost > 1 else ' has'} no outcome"


def _stopped(run: _Run) -> Iterator[str]:
    if run.reason == CloseReason.SHUTDOWN:
        yield "stopped by its operator"
    if run.limit:
        yield f"{run.limit} was reached"
    if dropped := run.count("depth/request_ignored_count"):
        yield f"DEPTH_LIMIT dropped {dropped} request{'s' * (dropped > 1)}"


def _unrendered(run: _Run) -> Iterator[str]:
    """Count pages that ended unrendered; an attempt that a later one made good does not count."""
    if pages := run.count(Stat.reason(Reason.RENDERER_UNAVAILABLE)):
        yield f"the renderer did not answer for {pages} page{'s' * (pages > 1)}"
    if (pages := run.count(Stat.reason(Reason.RENDER_TIMEOUT))) >= DEGRADED_COUNT:
        yield f"{pages} pages did not load in the browser"


def _dead_letters(run: _Run) -> Iterator[str]:
    if count := run.count(Stat.reason(Reason.DEAD_LETTER)):
        yield f"{count} URL{'s' * (count > 1)} ended as dead letters: see scrapy deadletters list"


def _unarchived(run: _Run) -> Iterator[str]:
    if count := run.count(Stat.ARCHIVE_FAILED):
        yield f"{count} response{'s are' if count > 1 else ' is'} not in the archive: see the log"


def _failed_texts(run: _Run) -> Iterator[str]:
    if count := run.count(Stat.TEXT_FAILED):
        yield f"{count} text{'s' * (count > 1)} could not be compared and indexed for search: see scrapy db check"


def _disappeared(run: _Run) -> Iterator[str]:
    if count := run.count(Stat.ARTICLE_DISAPPEARED):
        yield f"{count} known articles were not found, too many at once to be believed: none was marked as gone"


def _notices(run: _Run) -> Iterator[str]:
    if (count := run.count(Stat.reason(Reason.NOTICE))) >= DEGRADED_COUNT:
        yield f"{count} articles showed a page that others show too, in place of their texts: it was not stored"


def _paused(run: _Run) -> Iterator[str]:
    skipped = run.count(Stat.reason(Reason.RETRY_LATER))
    for host, until in sorted(Stat.ends(run.stats, Stat.PAUSED_UNTIL).items()):
        yield f"{host} answered nothing but 429 or 503, and is left alone until {until}: {skipped} URL{'s' * (skipped != 1)} left out"


def _put_off(run: _Run) -> Iterator[str]:
    if count := run.count(Stat.ARTICLE_PUT_OFF):
        yield f"the run found more articles than it may request (ARTICLE_BUDGET): {count} put off"
    if count := run.count(Stat.TEASER_PUT_OFF):
        yield f"teasers lead to too many articles beside what the lists show (TARGETS_PER_ENTRY): {count} put off"


def _failed_lists(run: _Run) -> Iterator[str]:
    for name in ("failed", "rejected"):
        if count := run.outcomes("listing", name):
            yield f"{count} list page{'s' * (count > 1)} {name}"
        if count := run.outcomes("feed", name):
            yield f"{count} feed{'s' * (count > 1)} or sitemap{'s' * (count > 1)} {name}"
    if count := run.count(Stat.SITEMAP_PUT_OFF):
        yield f"the site has more feeds and sitemaps than a run may request (DISCOVERY_BUDGET): {count} left out"
    yield from _stopped_feeds(run)
    if count := run.count(Stat.pager("cut")):
        yield f"an endless list was left before its end: {count}"
    if names := sorted(Stat.ends(run.stats, Stat.UNTURNED)):
        yield (
            f"the pager of {' '.join(names)} leads on without an address: "
            "crawl with render=auto, or set next_page in the site's profile"
        )
    asked, answered = run.count(Stat.CATEGORY_ASKED), run.count(Stat.CATEGORY_ANSWERED)
    if run.is_whole and asked / 2 <= answered < asked:  # a limit also ends the walk of categories
        yield f"only {answered} of {asked} categories showed articles"


def _stopped_feeds(run: _Run) -> Iterator[str]:
    """Compare the latest days of feeds with those of the lists and of other feeds."""
    newest = Stat.ends(run.stats, Stat.NEWEST)
    days = {name: date.fromisoformat(day) for name, day in newest.items()}
    latest = max(
        [*days.values(), *map(date.fromisoformat, filter(None, [run.stats.get(Stat.LISTS_NEWEST)]))], default=None
    )
    for url, day in sorted(days.items()):
        if latest and (latest - day).days >= FEED_BEHIND:
            yield f"{url} shows nothing after {day}; the site has articles of {latest}"


def _partly_failed(run: _Run) -> Iterator[str]:
    graver = set(_mostly_failed(run))
    yield from (reason for reason in _failed_pages(run, DEGRADED_SHARE, DEGRADED_COUNT) if reason not in graver)


def _own_shares(run: _Run) -> Iterator[str]:
    """Judge by what needs no earlier run; a check that could not be made is a reason, too."""
    read, compared, repeated = (
        run.count(name) for name in (Stat.ARTICLE_READ, Stat.ARTICLE_COMPARED, Stat.ARTICLE_REPEATED)
    )
    if read >= MIN_ARTICLES and not compared:
        yield f"the texts of {read} articles were not compared"
    if _share(repeated, compared, FAILED_COUNT) > REPEATED:
        yield f"{repeated} of {compared} articles have the text of another one"
    for name in _REQUIRED:
        empty = run.count(Stat.missing(name))
        if _share(empty, read, FAILED_COUNT) > EMPTY:
            yield f"{name} on {read - empty} of {read} articles only"
    if read >= NO_TEASER and run.count(Stat.missing("teasers")) == read:
        yield f"no teaser on any of {read} articles"


def _too_little(run: _Run) -> Iterator[str]:
    categories = [stats.get(Stat.CATEGORY_SEEN, 0) for stats in run.known.healthy]
    feeds = [stats.get(Stat.SOURCE_ANSWERED, 0) for stats in run.known.healthy]
    counted = [
        ("categories", run.count(Stat.CATEGORY_SEEN), categories),
        ("feeds and sitemaps", run.count(Stat.SOURCE_ANSWERED), feeds),
    ]
    # The number of articles in an incremental run depends on how many were published.
    if run.stats.get(Stat.RUN_MODE) == "full":
        counted.append(("articles", _accounted(run.stats), list(map(_still_there, run.known.healthy))))
    for phrase, count, before in counted:
        usual = median(before or [0])
        if run.is_whole and count < ENOUGH * usual:
            yield f"{count} {phrase}, {usual:.0f} are usual"


def _accounted(stats: Mapping[str, Any]) -> int:
    """Return how many articles the run read or found missing: what is missing is judged by itself."""
    return int(stats.get(Stat.ARTICLE_MET, 0) + stats.get(Stat.outcome("article", "gone"), 0))


def _still_there(stats: Mapping[str, Any]) -> int:
    """Return what an earlier run accounted for, without what is gone since."""
    return _accounted(stats) - int(stats.get(Stat.GONE_SINCE) or 0)


def _empty_fields(run: _Run) -> Iterator[str]:
    for name in _FILLED:
        usual = [fill for stats in run.known.healthy if (fill := _fill(stats, name)) is not None]
        now = _fill(run.stats, name)
        if usual and now is not None and now < mean(usual) - FILL_LOSS:
            yield f"{name} on {now:.0%} of the articles, {mean(usual):.0%} are usual"


def _fill(stats: Mapping[str, Any], name: str) -> float | None:
    missing = _per_article(stats, Stat.missing(name))
    return None if missing is None else 1 - missing


def _changed_site(run: _Run) -> Iterator[str]:
    if gaps := sorted(Stat.ends(run.stats, Stat.GAP)):
        yield f"gap: more was published than a list page holds in {' '.join(gaps)}"
    read = run.count(Stat.ARTICLE_READ)
    for name in sorted(run.stats):
        pages = run.count(name)
        if name.startswith(Stat.DRIFT) and _share(pages, max(read, pages), DEGRADED_COUNT) > DRIFT:
            yield f"{name}: the site's rule found nothing on {pages} pages"
    yield from _newly_different(run)
    if run.count(Stat.ROBOTS_UNREACHABLE):
        yield "robots.txt could not be read"
    wrong, right = run.count(Stat.CLOCK_IMPLAUSIBLE), run.count(Stat.CLOCK_PLAUSIBLE)
    if wrong > right:
        yield f"the server's clock is not beside ours on {wrong} of {wrong + right} pages: their dates were read by ours"
    days = run.known.silent_days
    if days and 0 < run.known.silent_after <= days:
        yield f"nothing new for {days:.0f} days"


def _newly_different(run: _Run) -> Iterator[str]:
    """Compare how often the site's rules and the structure differ with earlier runs by the same rules."""
    before = [stats for stats in run.known.healthy if stats.get(Stat.RULES) == run.stats.get(Stat.RULES)]
    for name in sorted(run.stats):
        if not name.startswith(Stat.DIFFERS):
            continue
        usual = [share for stats in before if (share := _per_article(stats, name)) is not None]
        now = _per_article(run.stats, name)
        if usual and now is not None and now > mean(usual) + DRIFT:
            yield f"{name}: the site's rule and the structure differ on {now:.0%} of the pages, {mean(usual):.0%} are usual"


def _per_article(stats: Mapping[str, Any], name: str) -> float | None:
    read = stats.get(Stat.ARTICLE_READ, 0)
    return stats.get(name, 0) / read if read >= MIN_ARTICLES else None


_CHECKS: dict[Verdict, tuple[Callable[[_Run], Iterator[str]], ...]] = {
    "failed": (_aborted, _silent_lists, _mostly_failed),
    "incomplete": (_unaccounted,),
    "stopped": (_stopped,),
    "degraded": (
        _unrendered,
        _dead_letters,
        _unarchived,
        _failed_texts,
        _disappeared,
        _notices,
        _paused,
        _put_off,
        _failed_lists,
        _partly_failed,
        _own_shares,
        _too_little,
        _empty_fields,
        _changed_site,
    ),
}
