"""Rates are those of simulated sources, and plans keep to their bounds."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from pipelines.polling.plan import OVERHEAD, Bounds, Plan, find_price
from pipelines.polling.rates import DAY, HOUR, History, Sighting, Span, estimate, histories

DAYS = 28
END = DAYS * DAY
BOUNDS = Bounds(budget=200, shortest=300, longest=8 * HOUR)


def poisson(per_hour: Callable[[int], float], *, burst: int = 1, seed: int = 1) -> list[float]:
    """Draw times of a Poisson process by hour; with bursts each event has followers within hours."""
    rng = random.Random(seed)
    times = []
    for hour in range(DAYS * 24):
        time = hour * HOUR
        while (time := time + rng.expovariate(per_hour(hour % 24) / burst) * HOUR) < (hour + 1) * HOUR:
            times += [time, *(time + rng.expovariate(0.5) * HOUR for _ in range(burst - 1))]
    return [time for time in times if time < END]


def by_day(hour: int) -> float:
    return 3.0 if hour < 12 else 0.05


def _constant(rate: float, hour: int) -> float:
    del hour
    return rate


def history(times: list[float], *, name: str = "a", pause: float = 0.0) -> History:
    """Return what polls see: the times as printed or, with a pause, only between which polls they lie."""
    spans = [Span(at, at) if not pause else Span(at // pause * pause, (at // pause + 1) * pause) for at in times]
    return History(name, END, 0.0, spans)


@pytest.mark.parametrize("pause", [0.0, 2 * HOUR], ids=["printed times", "between polls"])
def test_a_poisson_source_has_its_rate_by_hour_and_no_bursts(pause: float) -> None:
    rate = estimate([history(poisson(by_day), pause=pause)], END)["a"]
    assert sum(rate.hourly) == pytest.approx(36.6, rel=0.1)
    assert all(hourly == pytest.approx(3.0, rel=0.4) for hourly in rate.hourly[1:11])
    assert all(hourly < 0.6 for hourly in rate.hourly[13:23])
    assert rate.gain == 0


def test_a_bursty_source_is_expected_to_go_on() -> None:
    times = poisson(lambda _: 1.0, burst=8)
    rate = estimate([history(times)], END)["a"]
    assert 0.1 < rate.gain <= 1
    busy = History("a", END, 0.0, [Span(at, at) for at in [*times, *[END - HOUR / 2] * 20]])
    now, later = (estimate([busy], END)["a"].per_hour(END + hours * HOUR) for hours in (0.1, 20))
    assert now > 2 * later


def test_an_entry_of_several_categories_counts_once_for_the_largest() -> None:
    seen = [Sighting(number, "all", Span(number, number)) for number in range(9)]
    seen += [Sighting(number, "part", Span(number, number)) for number in range(4)]
    found = histories({"all": 9.0, "part": 9.0}, {"all": 0.0, "part": 0.0}, seen)
    assert {each.name: len(each.entries) for each in found} == {"all": 9, "part": 0}


def test_a_plan_keeps_to_its_budget_and_bounds() -> None:
    seen = [history(poisson(partial(_constant, 2.0 / n), seed=n), name=str(n)) for n in (1, 4, 20)]
    seen.append(history([], name="silent"))
    rates = estimate(seen, END)
    price = find_price(rates, BOUNDS, END)
    polled: dict[str, float | None] = {each.name: END for each in seen}
    polls: dict[str, list[float]] = {name: [END] for name in polled}
    spent: list[tuple[float, int]] = []
    now = END
    while now < END + 2 * DAY:
        now = Plan(BOUNDS, rates, polled, price, spent).next_start(now)
        due = Plan(BOUNDS, rates, polled, price).due(now)
        assert due
        spent.append((now, OVERHEAD + len(due)))
        for name in due:
            polled[name] = now
            polls[name].append(now)
    requests = sum(count for at, count in spent if at > now - DAY)
    assert 0.85 * BOUNDS.budget < requests <= BOUNDS.budget
    pauses = {name: [b - a for a, b in pairwise(times)] for name, times in polls.items()}
    assert all(BOUNDS.shortest <= pause <= BOUNDS.longest + 60 for each in pauses.values() for pause in each)
    counts = [len(pauses[name]) for name in ("1", "4", "20", "silent")]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 3 * counts[-1]


def test_what_was_not_polled_is_due_and_a_used_budget_waits() -> None:
    rates = estimate([history([])], END)
    assert Plan(BOUNDS, rates, {"a": None}, 1.0).due(END) == {"a"}
    assert Plan(BOUNDS, rates, {"a": None}, 1.0).next_start(END) == END
    assert Plan(BOUNDS, rates, {"a": None}, 1.0, [(END - 60, 5)]).next_start(END) == END - 60 + BOUNDS.shortest
    used = [(END - 60, BOUNDS.budget)]
    assert Plan(BOUNDS, rates, {"a": END - 60}, 1e-9, used).next_start(END) == END - 60 + BOUNDS.longest
