"""Estimate how often a category gets new entries, by hour of day, from the entries that earlier runs found there.

Entries come as a Poisson process whose rate has a period of a day (Sia, Cho & Cho, "Efficient monitoring algorithm for fast news
alerts", IEEE TKDE 19(7), 2007). A list tells how many entries are new, not only that something changed, so the estimator of a
complete history applies, number by time (Cho & Garcia-Molina, "Estimating frequency of change", ACM TOIT 3(3), 2003, section 4), and
not the one for irregular access, which knows yes or no. Few hours are observed often, so each is drawn towards the site's day, as by
a gamma prior. What the day does not explain, bursts, is an autoregression of hourly counts with an exponential memory: a Hawkes process
in discrete time, fitted by least squares (Kirchner, "An estimation procedure for the Hawkes process", Quantitative Finance 17(4), 2017).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

HOUR, DAY = 3600.0, 86_400.0
WINDOW = 28 * DAY
"""Seconds of history that an estimate uses."""
HOURS = 24
MEMORY = 3.0
"""Hours in which the effect of a burst falls to 1/e."""
_UNSEEN = 0.5
"""Entries that a category without any is taken to have had on the day before it was first seen."""
_SITE_SHAPE, _SHAPE = 1.0, 4.0
"""Shapes of the gamma distributions that an hour is taken to come from: of the site's, about its mean, and of a category's, about the site's."""
_FADE = exp(-1 / MEMORY)
_REMEMBERED = 12
"""Hours after which nothing is left of a burst."""
_ENOUGH = 30
"""Entries from which bursts are looked for."""
_VAGUE = 0.1
"""Share of the entries without a time up to which bursts are looked for."""
_SIGNIFICANT = 3.0
"""Standard errors from which a memory is believed."""


@dataclass(frozen=True, slots=True)
class Span:
    """An entry was published between two times, equal if its page prints the time; seconds since the epoch."""

    earliest: float
    latest: float


@dataclass(frozen=True, slots=True)
class History:
    """What earlier runs saw of one category; times in seconds since the epoch."""

    name: str
    polled: float | None
    """Latest time at which its list was read to known entries or the end; ``None``: never."""
    since: float
    """Time from which its entries are known."""
    entries: Sequence[Span]
    """In any order. An entry of several categories counts for one of them."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Expected number of new entries of a category, per hour."""

    hourly: tuple[float, ...]
    """By hour of day, in UTC."""
    gain: float = 0.0
    """Further entries in the next hour for each entry in excess; 0 without bursts."""
    excess: float = 0.0
    """Entries of the hours before ``at`` above the expected number, fading by ``MEMORY``."""
    at: float = 0.0
    """Time of the latest poll."""

    def per_hour(self, time: float) -> float:
        """Return the rate at a time after ``at``."""
        expected = self.hourly[int(time // HOUR) % HOURS]
        if not self.gain:
            return expected
        return max(0.1 * expected, expected + self.gain * self.excess * exp((self.at - time) / HOUR / MEMORY))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A list showed an entry for the first time in its category."""

    entry: Hashable
    category: str
    span: Span


def histories(
    polled: Mapping[str, float | None], since: Mapping[str, float], sightings: Iterable[Sighting]
) -> list[History]:
    """Return the history of each category.

    An entry that several categories show counts for that with the most entries: where one list has all of the site's, a poll of the
    others finds nothing sooner.

    :param polled: ``History.polled`` by category.
    :param since: ``History.since`` by category.
    """
    seen = list(sightings)
    sizes = Counter(each.category for each in seen)
    main: dict[Hashable, Sighting] = {}
    for each in sorted(seen, key=lambda each: (sizes[each.category], each.category)):
        main[each.entry] = each
    entries: dict[str, list[Span]] = {name: [] for name in polled}
    for each in main.values():
        entries[each.category].append(each.span)
    return [History(name, at, since[name], entries[name]) for name, at in polled.items()]


def estimate(categories: Sequence[History], now: float) -> dict[str, Rate]:
    """Return the rate of each category by its name."""
    counted = {each.name: _count(each, now) for each in categories}
    entries = [sum(counts[hour] for counts, _ in counted.values()) for hour in range(HOURS)]
    exposed = [sum(hours[hour] for _, hours in counted.values()) for hour in range(HOURS)]
    mean = (sum(entries) + _UNSEEN) / (sum(exposed) + HOURS)
    site = [_posterior(mean, _SITE_SHAPE, entries[hour], exposed[hour]) / mean for hour in range(HOURS)]
    found = {}
    for each in categories:
        counts, hours = counted[each.name]
        own = (sum(counts) + _UNSEEN) / (sum(hours) + HOURS)
        hourly = (_posterior(own * site[hour], _SHAPE, counts[hour], hours[hour]) for hour in range(HOURS))
        found[each.name] = _with_bursts(each, tuple(hourly), now)
    return found


def _posterior(prior: float, shape: float, entries: float, hours: float) -> float:
    """Return the mean of a rate's gamma distribution after so many entries in so many hours."""
    return (entries + shape) / (hours + shape / prior)


def _count(history: History, now: float) -> tuple[list[float], list[float]]:
    """Return entries and observed hours, by hour of day. An entry without a time counts in parts for the hours of its span."""
    start, end = _observed(history, now)
    counts = [0.0] * HOURS
    for span in history.entries:
        if span.latest >= start:
            for hour, share in _parts(max(span.earliest, start), min(span.latest, end)):
                counts[hour % HOURS] += share
    hours = [0.0] * HOURS
    whole = max(0.0, end - start) // DAY
    for hour, share in _parts(start + whole * DAY, max(start + whole * DAY, end)):
        hours[hour % HOURS] += share * (max(0.0, end - start) % DAY) / HOUR
    return counts, [each + whole for each in hours]


def _observed(history: History, now: float) -> tuple[float, float]:
    end = now if history.polled is None else min(now, history.polled)
    return max(history.since, end - WINDOW), end


def _parts(start: float, end: float) -> list[tuple[int, float]]:
    """Return the hours since the epoch that a span meets, each with its share of the span."""
    first, last = int(start // HOUR), int(end // HOUR)
    if first >= last:
        return [(first, 1.0)]
    return [
        (hour, (min(end, (hour + 1) * HOUR) - max(start, hour * HOUR)) / (end - start))
        for hour in range(first, last + 1)
    ]


def _with_bursts(history: History, hourly: tuple[float, ...], now: float) -> Rate:
    """Fit the residuals of the hourly counts to their own past."""
    start, end = _observed(history, now)
    first, last = int(start // HOUR) + 1, int(end // HOUR)
    vague = sum(span.latest - span.earliest > HOUR / 4 for span in history.entries)
    # Parts of an entry in neighbouring hours would look like a burst.
    if len(history.entries) < _ENOUGH or last - first < HOURS or vague > _VAGUE * len(history.entries):
        return Rate(hourly, at=end)
    counts = _hourly(history, first, last)
    memory = product = square = variance = 0.0
    for place, count in enumerate(counts):
        residual = count - hourly[(first + place) % HOURS]
        product += memory * residual
        square += memory * memory
        variance += residual * residual
        memory = memory * _FADE + residual
    gain = product / square if square else 0.0
    if gain * sqrt(square) < _SIGNIFICANT * sqrt(variance / len(counts)):
        return Rate(hourly, at=end)
    return renew(Rate(hourly, min(gain, 1.0)), history, now)


def renew(rate: Rate, history: History, now: float) -> Rate:
    """Return the rate with the bursts that the latest poll has shown."""
    if not rate.gain:
        return rate
    _, end = _observed(history, now)
    last = int(end // HOUR)
    *counts, begun = _hourly(history, last - _REMEMBERED, last + 1)
    excess = 0.0
    for place, count in enumerate(counts):
        excess = excess * _FADE + count - rate.hourly[(last - _REMEMBERED + place) % HOURS]
    share = (end - last * HOUR) / HOUR
    excess = excess * exp(-share / MEMORY) + begun - rate.hourly[last % HOURS] * share
    return Rate(rate.hourly, rate.gain, excess, end)


def _hourly(history: History, first: int, last: int) -> list[float]:
    """Return the entries of each hour from *first* to before *last*, hours since the epoch."""
    counts = [0.0] * (last - first)
    for span in history.entries:
        if span.latest >= first * HOUR:
            for hour, share in _parts(span.earliest, span.latest):
                if first <= hour < last:
                    counts[hour - first] += share
    return counts
