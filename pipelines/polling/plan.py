"""Decide when the next run of a site starts, and which of its categories it looks at.

An entry that nobody has seen yet waits. The expected wait that has gathered in a category since its latest poll is the integral of
``rate(s) * (now - s)``. A poll costs requests, so it is worth it when that wait has reached a price for each of them. With a constant rate
this is a pause of ``sqrt(2 * price / rate)``: polls go with the square root of the rate, over categories and over the hours of a day, which is
the allocation with the smallest mean delay for a number of polls (Sia, Cho & Cho 2007, section 4). The price is the one at which a
day's requests are the budget. A run costs ``OVERHEAD`` requests besides, so it starts when what its categories have gathered above their own
price pays for that too. Night hours follow from the rates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

from pipelines.polling.rates import DAY, HOUR, Rate

OVERHEAD = 1
"""Requests of a run beside those of its lists: robots.txt. The home page is read every ``longest`` seconds only."""
_JOIN = 0.5
"""Share of the price for which a category is polled by a run that starts anyway: intervals are whole multiples of each other, so that polls
share runs, and each is within a factor of the square root of 2 of its best one (Roundy's power-of-two policies for joint
replenishment, Mathematics of Operations Research 11(4), 1986)."""
_SPARE = 0.95
"""Share of the budget that is planned, so that chance does not use it up before the day ends."""
_SEARCHES = 18
"""Halvings of the interval in which the price lies, on a logarithmic scale: a factor of 10**7 to one of 1.0001."""
_STEP = 60.0
"""Seconds between the times at which a start is considered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of a site's polling."""

    budget: int
    """Requests for robots.txt, the home page and the first page of lists in 24 hours."""
    shortest: float
    """Seconds between two polls of a category at least."""
    longest: float
    """Seconds between them at most; met even beyond the budget."""


@dataclass(slots=True)
class _Waiting:
    """What is expected to have gathered in a category since its latest poll."""

    rate: Rate
    polled: float
    entries: float = 0.0
    hours: float = 0.0
    """Sum of the waits of these entries."""

    def pass_time(self, start: float, end: float) -> None:
        hours = (end - start) / HOUR
        come = self.rate.per_hour((start + end) / 2) * hours
        self.hours += (self.entries + come / 2) * hours
        self.entries += come

    def poll(self, now: float) -> None:
        self.polled, self.entries, self.hours = now, 0.0, 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The polling of one site."""

    bounds: Bounds
    rates: Mapping[str, Rate]
    polled: Mapping[str, float | None]
    """Latest poll of each category; ``None``: it was not read to its end yet, and is due."""
    price: float
    """Entry-hours for which a request is spent."""
    spent: Sequence[tuple[float, int]] = field(default=())
    """Times of the runs of the last 24 hours, each with the number of its requests."""

    def due(self, now: float) -> frozenset[str]:
        """Return the categories that a run which starts now looks at."""
        waiting = {name: self._waiting(name, at, now) for name, at in self.polled.items() if at is not None}
        return frozenset(self.polled) - waiting.keys() | _worth(waiting, now, self.price, self.bounds)

    def next_start(self, now: float) -> float:
        """Return the earliest time, not before *now*, at which a run should start."""
        if not self.polled or None in self.polled.values():
            latest = max((at for at, _ in self.spent), default=now - self.bounds.longest)
            pause = self.bounds.shortest if self._affords(OVERHEAD, now) else self.bounds.longest
            return max(now, latest + pause)
        waiting = {name: self._waiting(name, at or now, now) for name, at in self.polled.items()}
        time, last = now, min(each.polled for each in waiting.values()) + self.bounds.longest
        while time < last:
            polls = _worth(waiting, time, self.price, self.bounds)
            if _pays(waiting, polls, self.price) and self._affords(OVERHEAD + len(polls), time):
                return time
            for each in waiting.values():
                each.pass_time(time, time + _STEP)
            time += _STEP
        return max(now, last)

    def _waiting(self, name: str, polled: float, now: float) -> _Waiting:
        waiting = _Waiting(self.rates[name], polled)
        time = polled
        while time < now:
            end = min(now, time + 5 * _STEP)
            waiting.pass_time(time, end)
            time = end
        return waiting

    def _affords(self, requests: int, now: float) -> bool:
        return requests + sum(count for at, count in self.spent if at > now - DAY) <= self.bounds.budget


def _worth(waiting: Mapping[str, _Waiting], now: float, price: float, bounds: Bounds) -> frozenset[str]:
    """Return the categories to poll in a run that has been decided on."""
    return frozenset(
        name
        for name, each in waiting.items()
        if now - each.polled >= bounds.shortest
        # Half: one that must be polled soon would need a run of its own.
        and (each.hours >= _JOIN * price or now - each.polled >= bounds.longest / 2)
    )


def _pays(waiting: Mapping[str, _Waiting], polls: Collection[str], price: float) -> bool:
    return sum(max(0.0, waiting[name].hours - price) for name in polls) >= OVERHEAD * price


def find_price(rates: Mapping[str, Rate], bounds: Bounds, now: float) -> float:
    """Return the price at which a day like the usual one takes the budget; the highest one if ``longest`` alone takes more."""
    usual = {name: Rate(rate.hourly) for name, rate in rates.items()}
    low, high = log(1e-4), log(1e3)
    for _ in range(_SEARCHES):
        middle = (low + high) / 2
        if _requests(usual, bounds, exp(middle), now) > _SPARE * bounds.budget - DAY / bounds.longest:
            low = middle
        else:
            high = middle
    return exp(high)


def _requests(rates: Mapping[str, Rate], bounds: Bounds, price: float, now: float) -> int:
    """Return the requests of the second day of a plan."""
    waiting = {name: _Waiting(rate, now) for name, rate in rates.items()}
    step = min(max(bounds.shortest, 5 * _STEP), bounds.longest)
    count, time = 0, now
    while time < now + 2 * DAY:
        for each in waiting.values():
            each.pass_time(time, time + step)
        time += step
        polls = _worth(waiting, time, price, bounds)
        is_late = any(time - each.polled >= bounds.longest for each in waiting.values())
        if is_late or (polls and _pays(waiting, polls, price)):
            count += (OVERHEAD + len(polls)) * (time > now + DAY)
            for name in polls:
                waiting[name].poll(time)
    return count
