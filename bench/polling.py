"""Measure how long an entry waits on its list: polled at a fixed interval, and as often as its category publishes.

``python -m bench.polling`` runs both for as many requests over simulated sources and over the bundled site's days, by the functions that
schedule the runs of a real site. Nothing is fetched, and no database is needed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, pi
from statistics import mean

from bench.harness import ROOT, Parser, exit_code, markdown, write_table
from demo.newsroom import editions
from demo.stories import CATEGORIES
from pipelines.polling.plan import OVERHEAD, Bounds, Plan, find_price
from pipelines.polling.rates import DAY, HOUR, WINDOW, Rate, Sighting, Span, estimate, histories, renew
from smartdaily_crawler import settings

LEARNING, MEASURED = 14, 7
"""Days of a simulated source: first those polled at the fixed interval, then those of which the waits are compared."""
BUDGETS = (132, settings.POLL_BUDGET)
BUDGET = settings.POLL_BUDGET
"""Of the table: nine categories, robots.txt and the home page once an hour."""
SHORTEST, LONGEST = settings.POLL_SHORTEST, settings.POLL_LONGEST
PICTURE = ROOT / "docs" / "polling.svg"


@dataclass(frozen=True)
class Entry:
    """An entry of a source: when it is published, in which categories, and whether its page prints the time."""

    at: float
    categories: frozenset[str]
    is_timed: bool = True


@dataclass(frozen=True)
class Source:
    """A source's entries in the order of their times."""

    name: str
    entries: Sequence[Entry]
    categories: Sequence[str]
    start: float
    """Time from which the waits are compared."""
    end: float


@dataclass(frozen=True)
class Waits:
    """Minutes from publication to the poll that found an entry, on average, and the requests a day for it."""

    fixed: float
    by_rate: float
    requests: float


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("polling", __doc__, small="a few days, one budget; writes nothing")
    options = parser.parse_args(arguments)
    write = options.write and not options.small
    if write:
        parser.check_page(options.write, "polling")
    days = (4, 3) if options.small else (LEARNING, MEASURED)
    found = {
        source.name: {budget: compare(source, budget) for budget in ((BUDGET,) if options.small else BUDGETS)}
        for source in sources(*days)
    }
    table = markdown(
        ("source", "entries a day", "requests a day", "fixed: min", "by rate: min", "ratio"),
        (
            (
                source.name,
                f"{sum(each.at >= source.start for each in source.entries) / (source.end - source.start) * DAY:.0f}",
                f"{waits.requests:.0f}",
                f"{waits.fixed:.1f}",
                f"{waits.by_rate:.1f}",
                f"{waits.by_rate / waits.fixed:.2f}",
            )
            for source in sources(*days)
            for waits in (found[source.name][BUDGET],)
        ),
    )
    print(table)
    if write:
        write_table(options.write, "polling", table)
        PICTURE.write_text(picture(found), encoding="utf-8")
    return exit_code([])


def compare(source: Source, budget: int) -> Waits:
    """Poll a source by rate, and then at the fixed interval that costs as many requests."""
    bounds = Bounds(budget=budget, shortest=SHORTEST, longest=LONGEST)
    polls = Polls(source)
    for time in _every(_pause(source, budget), source.start):
        polls.poll(time, source.categories)
    requests = polls.by_rate(bounds)
    fixed = Polls(source)
    length = source.end - source.start
    for time in _every(_pause(source, requests * DAY / length), source.end + LONGEST):
        fixed.poll(time, source.categories)
    return Waits(fixed.mean_wait(), polls.mean_wait(), requests * DAY / length)


def _pause(source: Source, requests: float) -> float:
    """Return the seconds between runs over the home page and all categories that take so many requests a day."""
    return (OVERHEAD + 1 + len(source.categories)) * DAY / requests


def _every(pause: float, end: float) -> list[float]:
    return [pause * count for count in range(1, int(end / pause) + 1)]


class Polls:
    """What the polls of a source have found."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.polled: dict[str, float | None] = dict.fromkeys(source.categories)
        self.found: dict[Entry, float] = {}
        self.sightings: list[Sighting] = []
        self._unseen = {
            name: sorted((each for each in source.entries if name in each.categories), key=lambda each: -each.at)
            for name in source.categories
        }

    def poll(self, now: float, names: Iterable[str]) -> None:
        for name in names:
            unseen, before = self._unseen[name], self.polled[name] or 0.0
            while unseen and unseen[-1].at <= now:
                entry = unseen.pop()
                self.found.setdefault(entry, now)
                span = Span(entry.at, entry.at) if entry.is_timed else Span(before, now)
                self.sightings.append(Sighting(id(entry), name, span))
            self.polled[name] = now

    def by_rate(self, bounds: Bounds) -> int:
        """Poll from the source's start to its end, and on until nothing waits; return the requests up to its end."""
        source, spent = self.source, list[tuple[float, int]]()
        now = max(at for at in self.polled.values() if at is not None)
        day, rates = -1.0, dict[str, Rate]()
        while now < source.end + LONGEST:
            is_new_day = now // DAY > day
            if is_new_day or any(rate.gain for rate in rates.values()):
                seen = histories(self.polled, dict.fromkeys(source.categories, 0.0), self._recent(now))
            if is_new_day:
                # A run does so each time; here once a day, to save time.
                day, rates = now // DAY, estimate(seen, now)
                price = find_price(rates, bounds, now)
            rates = {
                name: renew(rate, each, now) if rate.gain else rate
                for each in seen
                for name, rate in ((each.name, rates[each.name]),)
            }
            now = Plan(bounds, rates, self.polled, price, spent).next_start(now + 1)
            due = Plan(bounds, rates, self.polled, price).due(now)
            self.poll(now, due)
            spent.append((now, OVERHEAD + len(due)))
        homes = int((source.end - source.start) / bounds.longest)
        return homes + sum(requests for at, requests in spent if source.start <= at < source.end)

    def _recent(self, now: float) -> list[Sighting]:
        return self.sightings if now < WINDOW else [each for each in self.sightings if each.span.latest > now - WINDOW]

    def mean_wait(self) -> float:
        """Return the minutes that entries waited."""
        start, end = self.source.start, self.source.end
        return mean((found - entry.at) / 60 for entry, found in self.found.items() if start <= entry.at < end)


# --- the picture -----------------------------------------------------------------------------------------------------

_WIDE, _HIGH, _COLUMNS = 240, 150, 4
_LEFT, _TOP, _PLOT_WIDE, _PLOT_HIGH = 34, 34, 190, 84
_LINES = (("fixed", "#c0392b"), ("by_rate", "#2471a3"))


def picture(found: Mapping[str, Mapping[int, Waits]]) -> str:
    """Draw the mean waits of each source by the requests a day."""
    most = 10 * ceil(max(waits.fixed for each in found.values() for waits in each.values()) / 10)
    widest = max(waits.requests for each in found.values() for waits in each.values()) * 1.05
    rows = -(-len(found) // _COLUMNS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE * _COLUMNS} {_HIGH * rows + 24}">',
        '<g font-family="sans-serif" font-size="11" fill="#333">',
        f'<rect width="{_WIDE * _COLUMNS}" height="{_HIGH * rows + 24}" fill="#fff"/>',
        '<text x="10" y="14">Minutes from publication to its poll, on average, by requests a day:',
        '<tspan fill="#c0392b">at a fixed interval</tspan>, <tspan fill="#2471a3">by rate</tspan></text>',
    ]
    for place, (name, by_budget) in enumerate(found.items()):
        left, top = place % _COLUMNS * _WIDE + _LEFT, place // _COLUMNS * _HIGH + 24 + _TOP - 10
        bottom, right = top + _PLOT_HIGH, left + _PLOT_WIDE
        parts += [
            f'<text x="{left}" y="{top - 8}" font-weight="bold">{name}</text>',
            f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#888"/>',
            *(
                f'<text x="{left - 4}" y="{at + 4}" text-anchor="end">{value}</text>'
                for value, at in ((most, top), (0, bottom))
            ),
        ]
        for line, colour in _LINES:
            points = [
                (left + waits.requests / widest * _PLOT_WIDE, bottom - getattr(waits, line) / most * _PLOT_HIGH)
                for waits in by_budget.values()
            ]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        parts += [
            f'<text x="{left + waits.requests / widest * _PLOT_WIDE:.1f}" y="{bottom + 13}" text-anchor="middle">{waits.requests:.0f}</text>'
            for waits in by_budget.values()
        ]
    return "\n".join([*parts, "</g>", "</svg>\n"])


# --- sources ---------------------------------------------------------------------------------------------------------


def sources(learning: int, measured: int) -> list[Source]:
    """Return the simulated sources and the bundled site."""
    even, mixed = [1.0] * 9, [4.0 / number for number in range(1, 10)]
    return [
        _simulated("even, all day", even, _flat, learning, measured),
        _simulated("rates mixed, all day", mixed, _flat, learning, measured),
        _simulated("even, day rhythm", even, rhythm, learning, measured),
        _simulated("rates mixed, day rhythm", mixed, rhythm, learning, measured),
        _simulated("the same without printed times", mixed, rhythm, learning, measured, is_timed=False),
        _simulated("bursts, all day", even, _flat, learning, measured, burst=8),
        _simulated("bursts, mixed rates, day rhythm", mixed, rhythm, learning, measured, burst=8),
        _bundled(),
    ]


def _flat(hour: float) -> float:
    del hour
    return 1.0


def rhythm(hour: float) -> float:
    """Return a newsroom's activity by its hour, 1 on average: little in the night, most in the afternoon."""
    return 0.04 if hour < 7 else 24 / 17 * (1 - 0.7 * cos(2 * pi * (hour - 7) / 17))  # noqa: PLR2004 - the night


def _simulated(
    name: str,
    rates: Sequence[float],
    rhythm: Callable[[float], float],
    learning: int,
    measured: int,
    *,
    burst: int = 1,
    is_timed: bool = True,
) -> Source:
    """Draw entries of a Poisson process for each category.

    :param rates: entries an hour of each category, on average.
    :param burst: entries of an event on average, the first at once and the others within hours (Neyman and Scott's process).
    """
    rng = random.Random(name)
    entries = []
    end = (learning + measured) * DAY
    most = max(rhythm(hour / 4) for hour in range(96))
    for number, rate in enumerate(rates):
        time = 0.0
        while (time := time + rng.expovariate(rate * most / burst) * HOUR) < end:
            if rng.random() < rhythm(time % DAY / HOUR) / most:
                followers = int(rng.expovariate(1 / (burst - 0.5))) if burst > 1 else 0
                times = [time, *(time + rng.expovariate(1 / 2) * HOUR for _ in range(followers))]
                entries += [Entry(at, frozenset({str(number)}), is_timed) for at in times if at < end]
    names = [str(number) for number in range(len(rates))]
    return Source(name, sorted(entries, key=lambda each: each.at), names, learning * DAY, end)


def _bundled() -> Source:
    """Return the bundled site's stories: its first day, read at eight in the evening, and the nine after it."""
    slugs = tuple(CATEGORIES)
    first, *days = editions(slugs)
    start = min(story.born for story in first.stories.values()).replace(hour=0, minute=0, second=0)
    stories = first.stories | {number: story for day in days for number, story in day.stories.items()}
    entries = [
        Entry((story.born - start).total_seconds(), frozenset(story.categories), story.precision != "day")
        for story in stories.values()
    ]
    end = 14.0 * DAY
    return Source("the bundled site", sorted(entries, key=lambda each: each.at), slugs, 5 * DAY, end)


if __name__ == "__main__":
    sys.exit(main())
