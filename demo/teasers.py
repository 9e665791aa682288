"""Which nine articles an article points to on a day."""

from __future__ import annotations

from functools import cache
from random import Random

from demo.newsroom import editions
from demo.stories import Story

TEASERS, STEADY = 9, 6
"""How many an article shows, and how many of them stay until they are withdrawn; the others rotate daily."""


@cache
def of_day(day: int) -> dict[int, list[Story]]:
    """Every story's, by its number."""
    live = editions()[day - 1].stories
    numbers = list(live)
    return {number: choose(number, live, numbers, day) for number in numbers}


def choose(number: int, live: dict[int, Story], numbers: list[int], day: int) -> list[Story]:
    """Steady ones from the numbers before the story's own, then the day's; never the story itself.

    ``numbers`` are those of ``live``, in order.
    """
    first = numbers[0]
    steady = Random(f"steady {number}").sample(range(first, max(number, first + 4 * TEASERS)), 4 * TEASERS)
    chosen = [one for one in steady if one in live and one != number][:STEADY]
    rotated = Random(f"rotated {number} {day}").sample(numbers, 2 * TEASERS)
    chosen += [one for one in rotated if one != number and one not in chosen][: TEASERS - len(chosen)]
    return [live[one] for one in chosen]
