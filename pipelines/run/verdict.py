"""Judge a run: one word, and the reasons why it is not ``healthy``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, Literal, NamedTuple

from smartdaily_crawler.reasons import CloseReason, Reason
from smartdaily_crawler.stat_names import Stat

Verdict = Literal["healthy", "degraded", "stopped", "incomplete", "failed", "refused"]

EXIT_CODES: dict[Verdict, int] = {
    "healthy": 0,
    "failed": 1,
    "incomplete": 1,
    "refused": 3,
    "degraded": 4,
    "stopped": 4,
}
"""What a process that made a run ends with; 2 is a wrong argument."""

ENOUGH = 0.8
"""Of what healthy runs of the same kind found, on their median."""
FILL_LOSS = 0.2
"""A field is missing where its share of filled articles is so much below that of healthy runs."""
FEW = 20
"""Articles below which a share of them says nothing."""
TROUBLE, BREAKDOWN = 0.05, 0.3
"""Shares of the pages asked for that may fail, or be no article, before a run is degraded, and before it is failed."""
SOME, MANY = 3, 10
"""How many they have to be, for a small run may meet one by chance."""
DRIFT = 0.2
"""Share of the articles on which a profile's selector may be out of date."""

_FILLED = ("published_on", "source", "teasers")
_SEEN = ("stored", "read", "unchanged", "not_modified", "duplicate")


class Judgement(NamedTuple):
    verdict: Verdict
    reasons: list[str]
    """Short phrases, the gravest first; none for a healthy run."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What is known of the site from earlier runs."""

    healthy: Sequence[Mapping[str, Any]] = ()
    """Statistics of the latest healthy runs with the same arguments."""
    silent_days: float | None = None
    """Since a new article was found on the site; ``None`` where none ever was."""
    silent_after: float = 0.0
    """Days from which that is strange; 0: never."""
    outcomes: int | None = None
    """Addresses that have an outcome in this run; ``None`` where nobody could look."""


def judge(stats: Mapping[str, Any], reason: str, history: History | None = None) -> Judgement:
    """Judge a run by its statistics, by why it ended, and by what is usual for the site.

    >>> read = {"outcome/article/stored": 3, "category/asked": 2, "category/answered": 2}
    >>> judge(read, "finished")
    Judgement(verdict='healthy', reasons=[])
    >>> judge(read | {"outcome/listing/failed": 1}, "finished")
    Judgement(verdict='degraded', reasons=['1 list page failed'])
    >>> judge(read | {"outcome/article/rejected": 9, "article/rejected_again": 9}, "finished").verdict
    'healthy'
    >>> judge(read | {"reason/pipeline_KeyError": 1}, "finished").reasons
    ['1 error in our own code']
    >>> judge(read | {"render/unavailable": 4, "render/timeout": 1, "pager/limit": 2}, "finished").verdict
    'healthy'
    >>> judge(read | {"reason/renderer_unavailable": 12, "reason/render_timeout": 3}, "finished").reasons
    ['the renderer did not answer for 12 pages', '3 pages did not load in the browser']
    >>> judge(read | {"reason/dead_letter": 1}, "finished")
    Judgement(verdict='degraded', reasons=['1 address ended as dead letters: see scrapy deadletters list'])
    >>> judge(read | {"pager/cut": 2}, "finished")
    Judgement(verdict='degraded', reasons=['an endless list was left before its end: 2'])
    >>> judge(read | {"reason/lost": 1}, "finished").verdict, judge({}, "shutdown").verdict
    ('incomplete', 'stopped')
    >>> judge(read, "closespider_itemcount")
    Judgement(verdict='stopped', reasons=['CLOSESPIDER_ITEMCOUNT was reached'])
    >>> judge(read | {"spider_exceptions/count": 2}, "closespider_errorcount").reasons
    ['CLOSESPIDER_ERRORCOUNT was reached']
    >>> judge({"depth/request_ignored_count": 3}, "finished")
    Judgement(verdict='stopped', reasons=['DEPTH_LIMIT dropped 3 requests'])
    >>> judge(read, "storage_unavailable").verdict, judge({}, "finished").verdict
    ('failed', 'failed')
    >>> judge(read | {"feed/failed": ["feed out.csv could not be written: disk full"]}, "finished")
    Judgement(verdict='failed', reasons=['feed out.csv could not be written: disk full'])
    """
    if reason == CloseReason.OVERLAP:
        return Judgement("refused", ["another run of the site is under way"])
    known = history or History()
    run = _Run(stats, reason, known)
    found: dict[Verdict, list[str]] = {
        verdict: [why for look in looks for why in look(run)] for verdict, looks in _LOOKS.items()
    }
    reasons = [why for whys in found.values() for why in whys]
    verdict: Verdict = next((verdict for verdict, whys in found.items() if whys), "healthy")
    return Judgement(verdict, reasons)


@dataclass(frozen=True)
class _Run:
    stats: Mapping[str, Any]
    reason: str
    known: History

    @property
    def limit(self) -> str | None:
        """The setting of Scrapy's that ended the run."""
        if self.reason == "memusage_exceeded":
            return "MEMUSAGE_LIMIT_MB"
        return self.reason.upper() if self.reason.startswith("closespider_") else None

    @property
    def is_whole(self) -> bool:
        """Whether the walk came to its end, with no part of the site left out by a limit."""
        return self.reason == CloseReason.FINISHED and not self.count("depth/request_ignored_count")

    def count(self, name: str) -> int:
        value = self.stats.get(name, 0)
        return value if isinstance(value, int) else 0

    def outcomes(self, kind: str, *names: str) -> int:
        return sum(self.count(Stat.outcome(kind, name)) for name in names)

    def share(self, part: int, whole: int, least: int) -> float:
        """0 where the part is too small to be more than chance."""
        return part / whole if whole and part >= least else 0.0


def _broken_off(run: _Run) -> Iterator[str]:
    yield from run.stats.get(Stat.FEED_FAILED, ())
    if (
        run.reason not in (CloseReason.FINISHED, CloseReason.SHUTDOWN, CloseReason.FEED_FAILED)
        and run.limit is None
    ):
        yield run.reason.replace("_", " ")
    errors = run.count("spider_exceptions/count") + sum(
        run.count(name) for name in run.stats if name.startswith(Stat.reason(Reason.PIPELINE))
    )
    if errors and run.limit != "CLOSESPIDER_ERRORCOUNT":
        yield f"{errors} error{'s' * (errors > 1)} in our own code"
    if run.stats.get(Stat.RUN_COMPLAINT) and run.reason in (CloseReason.FINISHED, CloseReason.SHUTDOWN):
        yield str(run.stats[Stat.RUN_COMPLAINT])


def _silent_lists(run: _Run) -> Iterator[str]:
    asked, answered = run.count(Stat.CATEGORY_ASKED), run.count(Stat.CATEGORY_ANSWERED)
    if run.is_whole and not answered:
        yield "no list page showed an article"
    elif (
        run.is_whole
        and not run.outcomes("article", *_SEEN)
        and (run.known.silent_days is None or run.stats.get(Stat.RUN_MODE) == "full")
    ):
        yield "no article was read"
    elif run.is_whole and answered < asked / 2:
        yield f"only {answered} of {asked} categories showed articles"


def _broken_down(run: _Run) -> Iterator[str]:
    yield from _spoilt(run, BREAKDOWN, MANY)


def _spoilt(run: _Run, share: float, least: int) -> Iterator[str]:
    for name, said in (("failed", "failed"), ("rejected", "were no articles")):
        spoilt = run.outcomes("article", name) + run.outcomes("part", name)
        if name == "rejected":  # what never was an article tells nothing new when it is looked at again
            spoilt -= run.count(Stat.ARTICLE_REJECTED_AGAIN)
        asked = spoilt + run.outcomes("article", *_SEEN, "gone") + run.outcomes("part", *_SEEN)
        if run.share(spoilt, asked, least) > share:
            yield f"{spoilt} of {asked} article pages {said}"


def _unaccounted(run: _Run) -> Iterator[str]:
    requested, outcomes = run.count(Stat.REQUESTED), run.known.outcomes
    if outcomes is not None and requested != outcomes:
        yield f"{requested} addresses were asked for and {outcomes} have an outcome"
    if lost := run.count(Stat.reason(Reason.LOST)):
        yield f"{lost} address{'es' * (lost > 1)} came to no end"


def _cut_short(run: _Run) -> Iterator[str]:
    if run.reason == CloseReason.SHUTDOWN:
        yield "stopped by its operator"
    if run.limit:
        yield f"{run.limit} was reached"
    if dropped := run.count("depth/request_ignored_count"):
        yield f"DEPTH_LIMIT dropped {dropped} request{'s' * (dropped > 1)}"


def _unrendered(run: _Run) -> Iterator[str]:
    """Pages that ended so; an attempt that another one made good is no trouble."""
    if pages := run.count(Stat.reason(Reason.RENDERER_UNAVAILABLE)):
        yield f"the renderer did not answer for {pages} page{'s' * (pages > 1)}"
    if (pages := run.count(Stat.reason(Reason.RENDER_TIMEOUT))) >= SOME:
        yield f"{pages} pages did not load in the browser"


def _refused_items(run: _Run) -> Iterator[str]:
    if count := run.count(Stat.reason(Reason.DEAD_LETTER)):
        yield f"{count} address{'es' * (count > 1)} ended as dead letters: see scrapy deadletters list"


def _list_troubles(run: _Run) -> Iterator[str]:
    for name in ("failed", "rejected"):
        if count := run.outcomes("listing", name):
            yield f"{count} list page{'s' * (count > 1)} {name}"
    if count := run.count(Stat.pager("cut")):
        yield f"an endless list was left before its end: {count}"
    asked, answered = run.count(Stat.CATEGORY_ASKED), run.count(Stat.CATEGORY_ANSWERED)
    if asked / 2 <= answered < asked:
        yield f"only {answered} of {asked} categories showed articles"


def _troubles(run: _Run) -> Iterator[str]:
    for why in _spoilt(run, TROUBLE, SOME):
        if why not in _broken_down(run):
            yield why


def _too_little(run: _Run) -> Iterator[str]:
    counted = {Stat.CATEGORY_SEEN: "categories"}
    if (
        run.stats.get(Stat.RUN_MODE) == "full"
    ):  # how many articles an incremental run meets is up to the newsroom
        counted[Stat.ARTICLE_MET] = "articles"
    for name, said in counted.items():
        usual = median([stats.get(name, 0) for stats in run.known.healthy] or [0])
        if run.is_whole and (count := run.count(name)) < ENOUGH * usual:
            yield f"{count} {said}, {usual:.0f} are usual"


def _empty_fields(run: _Run) -> Iterator[str]:
    for name in _FILLED:
        usual = [fill for stats in run.known.healthy if (fill := _fill(stats, name)) is not None]
        now = _fill(run.stats, name)
        if usual and now is not None and now < mean(usual) - FILL_LOSS:
            yield f"{name} on {now:.0%} of the articles, {mean(usual):.0%} are usual"


def _fill(stats: Mapping[str, Any], name: str) -> float | None:
    read = stats.get(Stat.ARTICLE_READ, 0)
    return 1 - stats.get(Stat.missing(name), 0) / read if read >= FEW else None


def _changed_site(run: _Run) -> Iterator[str]:
    gaps = sorted(name.partition("/")[2] for name in run.stats if name.startswith(Stat.GAP))
    if gaps:
        yield f"gap: more was published than a list page holds in {' '.join(gaps)}"
    read = run.count(Stat.ARTICLE_READ)
    for name in sorted(run.stats):
        if (
            name.startswith(Stat.DRIFT)
            and run.share(run.count(name), max(read, run.count(name)), SOME) > DRIFT
        ):
            yield f"{name}: the profile's selector found nothing, or another thing, on {run.count(name)} pages"
    if run.count(Stat.ROBOTS_UNREACHABLE):
        yield "robots.txt could not be read"
    days = run.known.silent_days
    if days and 0 < run.known.silent_after <= days:
        yield f"nothing new for {days:.0f} days"


_LOOKS: dict[Verdict, tuple[Callable[[_Run], Iterator[str]], ...]] = {
    "failed": (_broken_off, _silent_lists, _broken_down),
    "incomplete": (_unaccounted,),
    "stopped": (_cut_short,),
    "degraded": (
        _unrendered,
        _refused_items,
        _list_troubles,
        _troubles,
        _too_little,
        _empty_fields,
        _changed_site,
    ),
}
